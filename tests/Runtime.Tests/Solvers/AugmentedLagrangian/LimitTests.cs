using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

/// <summary>Wherever a solve is cut short, the best point seen comes back, with residuals that hold.</summary>
public class LimitTests
{
    private const double Feasible = 1e-8;

    /// <summary>Problems with a feasible start, among them ones that pass the violation's minimisation on their way.</summary>
    private static readonly (string Name, Func<TermProblem> Make)[] FeasibleStarts =
    [
        ("circle", () => new TermProblem(0.6, 0.8).Minimise(x => x[0] + 2 * x[1]).Subject(1, x => x[0].Squared() + x[1].Squared(), 1)),
        ("disc", () => new TermProblem(0, 0).Minimise(x => -x[0] * x[1]).Subject(NegativeInfinity, x => x[0].Squared() + x[1].Squared(), 1)),
        ("rosenbrock", () => new TermProblem(-1.2, 1).Minimise(x => 100 * (x[1] - x[0].Squared()).Squared() + (1 - x[0]).Squared())
            .Subject(NegativeInfinity, x => x[0] + x[1], 1)),
        ("cusp", () => new TermProblem(0, 0).Box(0, PositiveInfinity).Minimise(x => (x[0] - 2).Squared() + x[1].Squared())
            .Subject(0, x => (1 - x[0]).Pow(3) - x[1], PositiveInfinity)),
        ("hs071", () => new TermProblem(1, 5, 5, 1).Box(1, 5).Minimise(x => x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
            .Subject(25, x => x[0] * x[1] * x[2] * x[3], PositiveInfinity)
            .Subject(NegativeInfinity, x => x[0].Squared() + x[1].Squared() + x[2].Squared() + x[3].Squared(), 52)),
    ];

    [Fact]
    public void ATimeLimitReturnsTheBestPoint()
    {
        foreach ((string name, Func<TermProblem> make) in FeasibleStarts)
        {
            for (int k = 0; k < 120; k += 1 + (k / 10))
            {
                var clock = new CountingClock();
                INlpProblem problem = new WatchedProblem(make()) { Evaluated = n => clock.Now = n };
                SolveResult result = SolverCase.Solve(problem, null, new SolveRequest { Clock = clock, TimeLimit = k });
                HoldsFeasibleStart($"{name} {k}", make(), result, SolveStatus.TimeLimit);
            }
        }
    }

    [Fact]
    public void CancellationReturnsTheBestPoint()
    {
        foreach ((string name, Func<TermProblem> make) in FeasibleStarts)
        {
            for (int k = 1; k < 120; k += 1 + (k / 10))
            {
                using var source = new CancellationTokenSource();
                int atEnd = 0;
                INlpProblem problem = new WatchedProblem(make())
                {
                    Evaluated = n =>
                    {
                        if (n == k) source.Cancel();
                        atEnd = n;
                    },
                };
                SolveResult result = new AugmentedLagrangianSolver().Solve(problem, new SolveRequest(), source.Token);
                HoldsFeasibleStart($"{name} {k}", make(), result, SolveStatus.Interrupted);
                if (result.Status == SolveStatus.Interrupted) Assert.InRange(atEnd - k, 0, 40);
            }
        }
    }

    [Fact]
    public void AnIterationLimitReturnsTheBestPoint()
    {
        foreach ((string name, Func<TermProblem> make) in FeasibleStarts)
        {
            foreach (bool filter in (bool[])[true, false])
            {
                for (int k = 0; k < 30; k++)
                {
                    SolveResult result = SolverCase.Solve(make(), new AugmentedLagrangianOptions { MaxInnerIterations = k, Filter = filter });
                    HoldsFeasibleStart($"{name} {k}", make(), result, SolveStatus.IterationLimit);
                }
            }
        }
    }

    [Fact]
    public void FunctionsThatFailFromSomeEvaluationOnLeaveTheBestPoint()
    {
        foreach ((string name, Func<TermProblem> make) in FeasibleStarts)
        {
            for (int k = 5; k < 120; k += 1 + (k / 10))
            {
                TermProblem plain = make();
                SolveResult result = SolverCase.Solve(new WatchedProblem(make()) { NaNFrom = k });
                if (result.Status == SolveStatus.Solved) continue;
                Assert.True(result.Status == SolveStatus.EvaluationError, $"{name} {k}: {result.Status}: {result.Message}");
                Residuals start = Measure(plain, plain.Start, new double[plain.ConstraintCount], new double[plain.VariableCount], out double first);
                Residuals at = Measure(plain, result.Point, result.ConstraintMultipliers, result.BoundMultipliers, out double f);
                Assert.InRange(at.Feasibility, 0, Math.Max(start.Feasibility, Feasible));
                Assert.True(f <= first + 1e-12, $"{name} {k}: {f} after {first}");
                Assert.Equal(f, result.Objective, 10);
                Assert.Equal(at.Feasibility, result.Residuals.Feasibility, 10);
            }
        }
    }

    [Fact]
    public void AnEvaluationThatFailsAtTheStartIsAnError()
    {
        SolveResult result = SolverCase.Solve(new WatchedProblem(new Hs071()) { NaNFrom = 1 });
        Assert.Equal(SolveStatus.EvaluationError, result.Status);
        Assert.Contains("start", result.Message);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void StepsGoBackIntoTheDomain(bool derivatives)
    {
        // The first Newton steps overshoot into x < 0.2, where nothing (or no derivative) can be evaluated; the solution is at 0.5.
        bool Outside(double[] x) => x[0] < 0.2;
        TermProblem plain = new TermProblem(3, 1).Minimise(x => (x[0] - 0.5).Squared().Squared() + (x[1] - x[0]).Squared()).Subject(NegativeInfinity, x => x[1] - 2 * x[0], 0);
        var watched = new WatchedProblem(plain) { NoValueAt = derivatives ? null : Outside, NoDerivativeAt = derivatives ? Outside : null };
        SolveResult result = SolverCase.Solve(watched);
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.InRange(Measure(plain, result.Point, result.ConstraintMultipliers, result.BoundMultipliers, out _).Largest, 0, Feasible);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void TheEdgeOfTheDomainIsReported(bool derivatives, bool constrained)
    {
        // The objective wants to leave x ≥ 1, where alone it can be evaluated.
        bool Outside(double[] x) => x[0] < 1;
        TermProblem plain = new TermProblem(2, 2).Minimise(x => x[0].Squared() + (x[1] - 3).Squared());
        if (constrained) plain.Subject(0, x => x[0] + x[1], 10);
        var watched = new WatchedProblem(plain) { NoValueAt = derivatives ? null : Outside, NoDerivativeAt = derivatives ? Outside : null };
        SolveResult result = SolverCase.Solve(watched);
        Assert.Equal(SolveStatus.EvaluationError, result.Status);
        Assert.Contains("not finite", result.Message);
        Residuals at = Measure(plain, result.Point, result.ConstraintMultipliers, result.BoundMultipliers, out double f);
        Assert.Equal(f, result.Objective);
        Assert.Equal(at.Feasibility, result.Residuals.Feasibility);
        Assert.InRange(f, 1, 2);
    }

    [Fact]
    public void AStationaryPointOfTheViolationDoesNotContradictAFeasibleStart()
    {
        // From the start the violation's only other stationary point is a maximum of it; whatever comes, infeasible is not the answer.
        TermProblem Make() => new TermProblem(2).Bound(0, -3, 3).Minimise(x => x[0].Squared()).Subject(0, x => (x[0].Squared() - 1) * (x[0].Squared() - 4), 0);
        foreach (bool filter in (bool[])[true, false])
        {
            SolveResult result = SolverCase.Solve(Make(), new AugmentedLagrangianOptions { Filter = filter });
            Assert.NotEqual(SolveStatus.Infeasible, result.Status);
            Assert.InRange(result.Residuals.Feasibility, 0, Feasible);
        }
    }

    /// <summary>A status of a limit (or solved, when that was late), a feasible point no worse than the start, residuals that are its own.</summary>
    private static void HoldsFeasibleStart(string what, TermProblem problem, SolveResult result, SolveStatus limit)
    {
        Residuals at = Measure(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers, out double f);
        Measure(problem, problem.Start, new double[problem.ConstraintCount], new double[problem.VariableCount], out double first);
        Assert.Equal(at, result.Residuals);
        Assert.Equal(f, result.Objective);
        Assert.InRange(at.Feasibility, 0, Feasible);
        if (result.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable or SolveStatus.NumericalFailure) return;
        Assert.True(result.Status == limit, $"{what}: {result.Status}: {result.Message}");
        Assert.True(f <= first + (1e-12 * Math.Abs(first)), $"{what}: {f} after {first}");
    }

    private static Residuals Measure(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z, out double objective)
    {
        objective = problem.Objective(x);
        return KktResiduals.Of(problem, x, y, z);
    }
}
