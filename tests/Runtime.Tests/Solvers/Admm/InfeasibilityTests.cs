using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Admm;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Admm;

/// <summary>Programs without a solution get a certificate, which is verified here from the data by its own arithmetic.</summary>
public sealed class InfeasibilityTests
{
    private static readonly AdmmOptions[] Ways =
    [
        new AdmmOptions { SplittingIterations = 200 }, new AdmmOptions(), new AdmmOptions { Finish = false },
        new AdmmOptions { Finish = false, Detection = InfeasibilityDetection.Halpern },
    ];

    /// <summary>0, 1, 2, 3: splitting and finish, finish alone, splitting alone, with Halpern's iteration.</summary>
    public static TheoryData<int> AllWays => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(AllWays))]
    public void Contradicting_constraints_have_a_Farkas_vector(int way)
    {
        for (int seed = 1; seed <= 6; seed++)
        {
            // The objective has rays, too: they must not hide that there is no feasible point. The last row wants the sum of the rows before it one above what they allow.
            QuadraticProgram feasible = Programs.Random(seed, 6, 3);
            double[,] a = new double[4, 6];
            double top = 0.0;
            for (int i = 0; i < 3; i++)
            {
                for (int k = feasible.JacobianPattern.Starts[i]; k < feasible.JacobianPattern.Starts[i + 1]; k++)
                {
                    a[i, feasible.JacobianPattern.Indices[k]] = feasible.JacobianValues[k];
                    a[3, feasible.JacobianPattern.Indices[k]] += feasible.JacobianValues[k];
                }
                top += feasible.ConstraintUpper[i];
            }
            QuadraticProgram program = Programs.Dense(
                new double[6, 6], feasible.Linear.ToArray(), a, [.. feasible.ConstraintLower, top + 1.0], [.. feasible.ConstraintUpper, double.PositiveInfinity]);
            QpResult answer = new QpSolver(program, Ways[way]).Solve();
            Assert.True(answer.Result.Status == SolveStatus.Infeasible, $"seed {seed}: {answer.Result.Status}, {answer.Result.Message}");
            Farkas(program, answer.Certificate!);
        }
    }

    [Theory]
    [MemberData(nameof(AllWays))]
    public void A_bound_against_a_row_has_a_Farkas_vector(int way)
    {
        QuadraticProgram program = Programs.Dense(new[,] { { 1.0, 0.0 }, { 0.0, 1.0 } }, [0.0, 0.0], new[,] { { 1.0, 1.0 } }, [5.0], null, [0.0, 0.0], [1.0, 2.0]);
        QpResult answer = new QpSolver(program, Ways[way]).Solve();
        Assert.Equal(SolveStatus.Infeasible, answer.Result.Status);
        Farkas(program, answer.Certificate!);
    }

    [Theory]
    [MemberData(nameof(AllWays))]
    public void An_objective_that_falls_without_end_has_a_ray(int way)
    {
        // ½(x − y)² − x − y along (1, 1).
        QuadraticProgram program = Programs.Dense(new[,] { { 1.0, -1.0 }, { -1.0, 1.0 } }, [-1.0, -1.0], new[,] { { 1.0, -1.0 } }, [-3.0], [3.0]);
        QpResult answer = new QpSolver(program, Ways[way]).Solve();
        Assert.Equal(SolveStatus.Unbounded, answer.Result.Status);
        double[] d = answer.Certificate!;
        Assert.True(d[0] + d[1] > 0.0);
        Assert.True(Math.Abs(d[0] - d[1]) <= 1e-7 * (d[0] + d[1]));
    }

    /// <summary>
    /// All rows of F and A are orthogonal to one sparse nonnegative direction, the only one that P = FᵀF and the rows do not see, and q falls along it
    /// by very little against its own size: the cone of rays has no interior.
    /// </summary>
    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-4)]
    public void A_faint_ray_is_found(double slope)
    {
        const int N = 100;
        var random = new Random(5);
        double[] ray = [.. Enumerable.Range(0, N).Select(j => j == 0 ? 1.0 : random.NextDouble() < 0.3 ? 0.5 + random.NextDouble() : 0.0)];
        double[,] factor = Orthogonal(N / 2, ray, random), rows = Orthogonal(N / 4, ray, random), p = new double[N, N];
        var q = new double[N];
        for (int r = 0; r < N / 2; r++)
        {
            double weight = random.NextDouble() - 0.5;
            for (int i = 0; i < N; i++)
            {
                q[i] += weight * factor[r, i];
                for (int j = 0; j < N && factor[r, i] != 0.0; j++) p[i, j] += factor[r, i] * factor[r, j];
            }
        }
        double along = (slope + q.Zip(ray, (a, b) => a * b).Sum()) / ray.Sum(v => v * v);
        for (int j = 0; j < N; j++) q[j] -= along * ray[j];
        double[] low = [.. Enumerable.Repeat(-1.0, N / 4)], high = [.. Enumerable.Repeat(1.0, N / 4)], least = [.. Enumerable.Repeat(-10.0, N)];
        QuadraticProgram program = Programs.Dense(p, q, rows, low, high, least, [.. Enumerable.Repeat(double.PositiveInfinity, N)]);
        QpResult answer = new QpSolver(program).Solve();
        Assert.Equal(SolveStatus.Unbounded, answer.Result.Status);
        double[] d = answer.Certificate!;
        double fall = -q.Zip(d, (a, b) => a * b).Sum(), against = -d.Min();
        for (int i = 0; i < N; i++) against = Math.Max(against, Math.Abs(Enumerable.Range(0, N).Sum(j => p[i, j] * d[j])));
        for (int i = 0; i < N / 4; i++) against = Math.Max(against, Math.Abs(Enumerable.Range(0, N).Sum(j => rows[i, j] * d[j])));
        Assert.True(fall > 0.0 && against <= 1e-8 * fall, $"{against:R} against {fall:R}");
    }

    /// <summary>Sparse rows whose first entry takes out their product with a direction that begins with one.</summary>
    private static double[,] Orthogonal(int count, double[] direction, Random random)
    {
        var rows = new double[count, direction.Length];
        for (int r = 0; r < count; r++)
        {
            for (int j = 1; j < direction.Length; j++)
            {
                if (random.NextDouble() >= 0.08) continue;
                rows[r, j] = random.NextDouble() - 0.5;
                rows[r, 0] -= rows[r, j] * direction[j];
            }
        }
        return rows;
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1e-6)]
    public void Barely_feasible_is_not_called_infeasible(double width)
    {
        double[,] a = { { 1.0, 1.0 }, { 1.0, 1.0 } };
        QuadraticProgram program = Programs.Dense(new[,] { { 1.0, 0.0 }, { 0.0, 2.0 } }, [1.0, -1.0], a, [double.NegativeInfinity, 1.0 - width], [1.0, double.PositiveInfinity]);
        Assert.Equal(SolveStatus.Solved, new QpSolver(program).Solve().Result.Status);
    }

    [Fact]
    public void A_row_without_free_variables_that_does_not_hold_is_named()
    {
        QuadraticProgram program = Programs.Dense(new[,] { { 1.0 } }, [0.0], new[,] { { 0.0 }, { 1.0 } }, [1.0, 0.0], null);
        QpResult answer = new QpSolver(program).Solve();
        Assert.Equal(SolveStatus.Infeasible, answer.Result.Status);
        Assert.Equal([0], answer.Result.WorstConstraints);
    }

    /// <summary>y proves infeasibility: what feasible points would have to reach lies above what they can.</summary>
    private static void Farkas(QuadraticProgram program, double[] y)
    {
        double least = 0.0, most = 0.0, loose = 0.0;
        var g = new double[program.VariableCount];
        for (int i = 0; i < y.Length; i++)
        {
            double side = y[i] > 0.0 ? program.ConstraintLower[i] : program.ConstraintUpper[i];
            Assert.True(y[i] == 0.0 || double.IsFinite(side));
            if (y[i] != 0.0) least += y[i] * side;
            for (int k = program.JacobianPattern.Starts[i]; k < program.JacobianPattern.Starts[i + 1]; k++) g[program.JacobianPattern.Indices[k]] += y[i] * program.JacobianValues[k];
        }
        for (int j = 0; j < g.Length; j++)
        {
            double bound = g[j] > 0.0 ? program.VariableUpper[j] : program.VariableLower[j];
            if (double.IsInfinity(bound)) loose = Math.Max(loose, Math.Abs(g[j]));
            else if (g[j] != 0.0) most += g[j] * bound;
        }
        Assert.True(least > most);
        Assert.True(loose <= 1e-7 * (least - most), $"{loose:R} against {least - most:R}");
    }
}
