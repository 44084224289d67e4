using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Inner;
using Optc.Runtime.Tests.Models;
using Optc.Runtime.Tests.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Inner;

public class InnerMethodTests
{
    private static readonly InnerMethod[] Strategies =
        [InnerMethod.Lbfgs, InnerMethod.Cg, InnerMethod.Damped, InnerMethod.GradientRegularized, InnerMethod.SaddleFree];

    public static TheoryData<InnerMethod> Methods => [.. Strategies];

    private static TermProblem Rosenbrock() =>
        new TermProblem(-1.2, 1).Minimise(x => 100 * (x[1] - x[0].Squared()).Squared() + (x[0] - 1).Squared());

    private static SolveResult Solved(TermProblem problem, InnerMethod method, double objective, AugmentedLagrangianOptions? options = null)
    {
        SolveResult result = SolverCase.Solve(problem, (options ?? new()) with { Inner = method });
        Assert.True(result.Status == SolveStatus.Solved, $"{method}: {result.Status}: {result.Message}");
        Assert.Equal(objective, result.Objective, 1e-6 * Math.Max(1.0, Math.Abs(objective)));
        Assert.InRange(KktResiduals.Of(problem, result.Point, result.ConstraintMultipliers, result.BoundMultipliers).Largest, 0, 1e-8);
        return result;
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Rosenbrock_is_minimised(InnerMethod method) => Solved(Rosenbrock(), method, 0);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Bounds_are_kept_and_have_multipliers(InnerMethod method)
    {
        // min (x − 2)² + (y + 1)² + xy over the box: x = 2 − y/2; with y ≥ 0.5: y = 0.5, x = 1.75; ∂f/∂y = 2·1.5 + 1.75.
        TermProblem problem = new TermProblem(0, 3).Bound(0, -1, 5).Bound(1, 0.5, 4).Minimise(x => (x[0] - 2).Squared() + (x[1] + 1).Squared() + x[0] * x[1]);
        SolveResult result = Solved(problem, method, 0.0625 + 2.25 + 0.875);
        Assert.Equal(4.75, result.BoundMultipliers[1], 1e-6);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Constraints_are_kept_by_the_augmented_Lagrangian(InnerMethod method) => Solved(
        new TermProblem(1, 5, 5, 1).Box(1, 5).Minimise(x => x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2])
            .Subject(25, x => x[0] * x[1] * x[2] * x[3], double.PositiveInfinity)
            .Subject(40, x => x[0].Squared() + x[1].Squared() + x[2].Squared() + x[3].Squared(), 40), method, 17.0140173);

    [Theory]
    [MemberData(nameof(Methods))]
    public void Directions_of_negative_curvature_near_a_saddle_lead_away(InnerMethod method)
    {
        // f = x⁴ − x² + y² has a saddle at 0 and minima −1/4 at (±√½, 0).
        SolveResult result = Solved(new TermProblem(1e-3, 0.5).Minimise(x => x[0].Squared().Squared() - x[0].Squared() + x[1].Squared()), method, -0.25);
        Assert.Equal(Math.Sqrt(0.5), Math.Abs(result.Point[0]), 1e-7);
    }

    [Fact]
    public void Saddle_free_Newton_leaves_a_saddle_that_it_starts_at()
    {
        TermProblem problem = new TermProblem(0, 0).Minimise(x => x[0].Squared().Squared() - x[0].Squared() + x[1].Squared());
        Solved(problem, InnerMethod.SaddleFree, -0.25);
        // The saddle is a first-order point: the others may stay.
        Solved(problem, InnerMethod.Damped, 0.0);
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Limits_cancellation_and_unboundedness_are_statuses(InnerMethod method)
    {
        var options = new AugmentedLagrangianOptions { Inner = method };
        Assert.Equal(SolveStatus.IterationLimit, SolverCase.Solve(Rosenbrock(), options with { MaxInnerIterations = 2 }).Status);
        Assert.Equal(SolveStatus.Interrupted, new AugmentedLagrangianSolver(options).Solve(Rosenbrock(), new SolveRequest(), new CancellationToken(true)).Status);
        TermProblem falling = new TermProblem(1.0).Minimise(x => -x[0] * x[0] * x[0]);
        Assert.Equal(SolveStatus.Unbounded, SolverCase.Solve(falling, options).Status);
        TermProblem undefined = new TermProblem(-1.0).Minimise(x => x[0].Log());
        Assert.Equal(SolveStatus.EvaluationError, SolverCase.Solve(undefined, options).Status);
    }

    /// <summary>Values of the gradient's norm along the last steps to the solution of a strongly convex function.</summary>
    private static double[] Gradients(InnerMethod method, TermProblem problem)
    {
        var norms = new List<double>();
        var request = new SolveRequest { Progress = record => norms.Add(record.Stationarity) };
        SolveResult result = SolverCase.Solve(problem, new AugmentedLagrangianOptions { Inner = method, Tolerance = 1e-12, AcceptableTolerance = 1e-12 }, request);
        Assert.Equal(SolveStatus.Solved, result.Status);
        return [.. norms];
    }

    [Theory]
    [InlineData(InnerMethod.Damped)]
    [InlineData(InnerMethod.GradientRegularized)]
    [InlineData(InnerMethod.SaddleFree)]
    public void Second_order_methods_converge_superlinearly(InnerMethod method)
    {
        // log(eˣ + e⁻ˣ⁺ʸ) + (x² + y²)/20 from far away.
        TermProblem problem = new TermProblem(8.0, -6.0).Minimise(x => (x[0].Exp() + (x[1] - x[0]).Exp()).Log() + 0.05 * (x[0].Squared() + x[1].Squared()));
        double[] norms = Gradients(method, problem);
        Assert.InRange(norms.Length, 3, 40);
        double last = norms[^1] / norms[^2], before = norms[^2] / norms[^3];
        Assert.True(last < 0.2 || norms[^2] < 1e-6, $"{string.Join(", ", norms)}");
        Assert.True(before < 1.0, $"{string.Join(", ", norms)}");
    }

    [Fact]
    public void Damped_Newton_keeps_the_rate_of_its_theory_on_a_degenerate_convex_function()
    {
        // Σ x⁴ has a singular Hessian at its minimum, where f starts at 353 and must fall as k⁻³ at least.
        var values = new List<double>();
        var request = new SolveRequest { Progress = record => values.Add(record.Objective) };
        TermProblem problem = new TermProblem(3.0, -2.0, 1.0).Minimise(x => x[0].Squared().Squared() + x[1].Squared().Squared() + (x[0] + x[2]).Squared().Squared());
        Assert.Equal(SolveStatus.Solved, SolverCase.Solve(problem, new AugmentedLagrangianOptions { Inner = InnerMethod.Damped }, request).Status);
        for (int k = 1; k < values.Count; k++) Assert.True(values[k] <= 5e3 * Math.Pow(k + 1, -3), $"step {k}: {values[k]}");
    }

    [Fact]
    public void Unwanted_options_name_their_range()
    {
        Assert.Contains("cg_degree", Assert.Throws<ArgumentException>(() => new AugmentedLagrangianSolver(new AugmentedLagrangianOptions { CgDegree = 9 })).Message);
        Assert.Contains("auto|newton", Assert.Throws<ArgumentException>(() => AugmentedLagrangianOptions.Table.With(new(), "inner", "simplex")).Message);
    }

    [Fact]
    public void A_small_memory_limit_chooses_conjugate_gradients_and_says_so()
    {
        SolveResult result = SolverCase.Solve(Rosenbrock(), new AugmentedLagrangianOptions { MemoryLimit = 1e-12 });
        Assert.Equal(SolveStatus.Solved, result.Status);
        Assert.Contains("inner=cg was chosen", result.Note);
        Assert.Equal("", SolverCase.Solve(Rosenbrock()).Note);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(3)]
    public void Polynomial_preconditioning_changes_the_way_not_the_end(int degree) => Solved(
        new TermProblem(3, -1, 0, 1).Minimise(x => (x[0] + 10 * x[1]).Squared() + 5 * (x[2] - x[3]).Squared() + 1000 * x[0].Squared() + x[3].Squared()),
        InnerMethod.Cg, 0, new AugmentedLagrangianOptions { CgDegree = degree });
}
