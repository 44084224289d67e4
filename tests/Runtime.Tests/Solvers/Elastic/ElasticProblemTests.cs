using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Elastic;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Elastic;

/// <summary>The elastic form of a problem: its derivatives, what is kept, and the deletion filter.</summary>
public sealed class ElasticProblemTests
{
    private static readonly AugmentedLagrangianOptions Options = new();

    private static TermProblem Problem() => new TermProblem(1.0, 2.0, 0.5)
        .Minimise(v => v[0] * v[1])
        .Subject(1.0, [0, 2], v => v[0] * v[0] * v[1], 2.0)
        .Subject(double.NegativeInfinity, [1], v => v[0], 1.0)
        .Subject(3.0, [0, 1], v => v[0] * v[1], 3.0);

    private static double[] Filled(int count, double value)
    {
        var values = new double[count];
        Array.Fill(values, value);
        return values;
    }

    private static double[] Product(SparsePattern pattern, double[] values, double[] direction)
    {
        var product = new double[pattern.MajorCount];
        for (int i = 0; i < product.Length; i++)
        {
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) product[i] += values[k] * direction[pattern.Indices[k]];
        }
        return product;
    }

    [Theory]
    [InlineData(RelaxationNorm.One)]
    [InlineData(RelaxationNorm.Infinity)]
    [InlineData(RelaxationNorm.Two)]
    public void Derivatives_agree_with_differences(RelaxationNorm norm)
    {
        var elastic = new ElasticProblem(Problem(), new ElasticWeights([0.5, double.NaN, 2.0], [double.PositiveInfinity, 3.0, 1.0], norm));
        int n = elastic.VariableCount, m = elastic.ConstraintCount;
        double[] x = [.. Enumerable.Range(0, n).Select(j => 0.3 + (0.2 * j))], weights = [.. Enumerable.Range(0, m).Select(i => 1.0 + (0.5 * i))];
        const double H = 1e-5;
        (double[] g, double[] jacobian) = (new double[n], new double[elastic.JacobianPattern.Count]);
        double[] hessian = new double[elastic.HessianPattern.Count];
        Assert.Equal(elastic.Objective(x), elastic.Gradient(x, g));
        var constraints = new double[m];
        elastic.ConstraintsAndJacobian(x, constraints, jacobian);
        elastic.Hessian(x, 0.7, weights, hessian);
        for (int j = 0; j < n; j++)
        {
            double[] up = [.. x], down = [.. x];
            up[j] += H;
            down[j] -= H;
            Assert.Equal((elastic.Objective(up) - elastic.Objective(down)) / (2 * H), g[j], 1e-7);
            (double[] above, double[] below) = (new double[m], new double[m]);
            elastic.Constraints(up, above);
            elastic.Constraints(down, below);
            double[] unit = new double[n];
            unit[j] = 1.0;
            double[] column = Product(elastic.JacobianPattern, jacobian, unit);
            for (int i = 0; i < m; i++) Assert.Equal((above[i] - below[i]) / (2 * H), column[i], 1e-7);
            double[] high = Lagrangian(up), low = Lagrangian(down);
            for (int k = 0; k < n; k++) Assert.Equal((high[k] - low[k]) / (2 * H), Entry(j, k), 1e-6);
        }

        double[] Lagrangian(double[] at)
        {
            var gradient = new double[n];
            elastic.Gradient(at, gradient);
            var values = new double[elastic.JacobianPattern.Count];
            elastic.Jacobian(at, values);
            for (int j = 0; j < n; j++) gradient[j] *= 0.7;
            for (int i = 0; i < m; i++)
            {
                for (int k = elastic.JacobianPattern.Starts[i]; k < elastic.JacobianPattern.Starts[i + 1]; k++) gradient[elastic.JacobianPattern.Indices[k]] += weights[i] * values[k];
            }
            return gradient;
        }

        double Entry(int row, int column)
        {
            (int major, int minor) = row < column ? (row, column) : (column, row);
            SparsePattern p = elastic.HessianPattern;
            for (int k = p.Starts[major]; k < p.Starts[major + 1]; k++)
            {
                if (p.Indices[k] == minor) return hessian[k];
            }
            return 0.0;
        }
    }

    [Fact]
    public void Rows_left_out_have_no_sides_and_kept_ones_no_slacks()
    {
        var elastic = new ElasticProblem(Problem(), new ElasticWeights([1.0, double.NaN, double.PositiveInfinity], Filled(3, double.PositiveInfinity), RelaxationNorm.One));
        // Only the first row has slacks, one for each side.
        Assert.Equal(5, elastic.VariableCount);
        Assert.Equal(3, elastic.ConstraintCount);
        Assert.Equal(double.PositiveInfinity, elastic.ConstraintUpper[1]);
        Assert.Equal(3.0, elastic.ConstraintLower[2]);
    }

    [Fact]
    public void The_start_has_the_amounts_that_it_needs()
    {
        var elastic = new ElasticProblem(Problem(), new ElasticWeights([1.0, 1.0, 1.0], Filled(3, double.PositiveInfinity), RelaxationNorm.One));
        var bodies = new double[3];
        elastic.Constraints(elastic.Start, bodies);
        for (int i = 0; i < 3; i++) Assert.InRange(bodies[i], elastic.ConstraintLower[i] - 1e-12, elastic.ConstraintUpper[i] + 1e-12);
    }

    [Fact]
    public void The_filter_leaves_groups_that_cannot_hold_together()
    {
        // x ≥ 3 (0), x ≤ 5 (1), x ≤ 1 (2), x ≥ 0 (3).
        TermProblem problem = new TermProblem(0.0).Minimise(v => v[0] * v[0])
            .Subject(3.0, [0], v => v[0], double.PositiveInfinity).Subject(double.NegativeInfinity, [0], v => v[0], 5.0)
            .Subject(double.NegativeInfinity, [0], v => v[0], 1.0).Subject(0.0, [0], v => v[0], double.PositiveInfinity);
        Assert.Equal([0, 2], ConflictFilter.Find(problem, [0, 1, 2, 3], new HashSet<int>(), Options, new SolveRequest()));
        Assert.Equal([0, 2], ConflictFilter.Find(problem, [0, 1, 2, 3], new HashSet<int> { 1, 3 }, Options, new SolveRequest()));
        Assert.Equal([0], ConflictFilter.Find(problem, [0, 1, 0, 3], new HashSet<int> { 0 }, Options, new SolveRequest()));
        Assert.Equal([0, 1], ConflictFilter.Find(problem, [0, 1, 1, 3], new HashSet<int>(), Options, new SolveRequest()));
    }

    [Fact]
    public void A_relaxation_says_which_sides_move()
    {
        TermProblem problem = new TermProblem(0.0).Minimise(v => v[0])
            .Subject(3.0, [0], v => v[0], double.PositiveInfinity).Subject(double.NegativeInfinity, [0], v => 2.0 * v[0], 2.0);
        double[] sizes = ElasticRepair.RowSizes(problem);
        Assert.Equal([1.0, 2.0], sizes);
        Relaxation found = ElasticRepair.Solve(problem, new ElasticWeights([1.0, 2.0], [double.PositiveInfinity], RelaxationNorm.One), Options, new SolveRequest());
        Assert.Equal(SolveStatus.Solved, found.Status);
        Assert.Equal(2.0, found.RowAmounts[0], 1e-6);
        Assert.Equal(0.0, found.RowAmounts[1]);
        Assert.True(found.IsNeeded);
    }
}
