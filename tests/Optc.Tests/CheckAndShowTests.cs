using Optc.Cli.Checking;
using Optc.Runtime.Problems;
using Xunit;

namespace Optc.Tests;

/// <summary><c>optc check</c> and <c>optc show</c>.</summary>
public sealed class CheckAndShowTests
{
    [Fact]
    public void Check_says_sizes_and_that_derivatives_agree()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("check", run.File("hs071.opt", Texts.Hs071)));
        foreach (string fragment in new[]
        {
            "a nonlinear program; not proved convex", "variables    4", "constraints  2: 1 equations, 1 inequalities", "Jacobian     8 nonzeros, density 100%",
            "Hessian      10 nonzeros", "gradient     all 4 entries checked agree", "Jacobian     all 8 entries checked agree", "Hessian      all 16 entries checked agree",
        }) Assert.Contains(fragment, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_shows_the_curvature_of_templates()
    {
        using var run = new CommandRun();
        const string Model = "var x >= 0; var y; minimize f: x*log(x) + y^2; subject to c: sqrt(x) >= 0.1; subject to d: x + y = 1;";
        Assert.Equal(0, run.Run("check", run.File("entropy.opt", Model)));
        foreach (string fragment in new[] { "a nonlinear program; convex", "curvature", " convex", " concave", " affine" })
            Assert.Contains(fragment, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_does_not_judge_what_is_not_smooth()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("check", run.File("mix.opt", Texts.Mix)));
        Assert.Contains("a linear program; convex", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_derivative_is_found_and_named()
    {
        var check = new DerivativeCheck(new WrongProblem(), j => $"x{j}", i => $"c{i}", seed: 1);
        check.Run(CancellationToken.None);
        Assert.Equal(0, check.Gradient.Wrong);
        // The pattern lacks ∂c/∂x1, and ∂²f/∂x0² is off by a hundredth.
        Assert.Equal("d c0 / d x1", Assert.Single(check.Jacobian.Disagreements).What);
        Assert.Contains(check.Hessian.Disagreements, d => d.What == "d² Lagrangian / d x0 d x0");
    }

    [Fact]
    public void Show_prints_declarations_templates_and_derivatives()
    {
        using var run = new CommandRun();
        string file = run.File("m.opt", "param a := 3;\nvar x {1..3} := 1;\nminimize f: sum {i in 1..3} exp(a*x[i]);");
        Assert.Equal(0, run.Run("show", file, "--derivatives"));
        foreach (string fragment in new[] { "var x {1..3} := 1;", "3 instances, nonlinear", "d f / d x[i] = a*t1", "d2 f / d x[i] d x[i] = ", "t1 = exp(a*x[i])" })
            Assert.Contains(fragment, run.Output, StringComparison.Ordinal);
        Assert.Equal(0, run.Run("show", file, "--derivatives", "--latex"));
        foreach (string fragment in new[] { "\\exp\\left(a\\,x_{i}\\right)", "\\frac{\\partial f}{\\partial x_{i}}", "\\frac{\\partial^2 f}{\\partial x_{i}^2}" })
            Assert.Contains(fragment, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Slots_with_the_same_label_are_told_apart()
    {
        using var run = new CommandRun();
        Assert.Equal(0, run.Run("show", run.File("m.opt", "set C := {'u', 'v'};\nvar p {1..3, C} := 1;\nminimize f: sum {i in 1..3} 1/(sum {c in C} p[i,c]^2);")));
        Assert.Contains("f = 1/(p[i,c]^2 + p[i,c]#2^2)", run.Output, StringComparison.Ordinal);
        Assert.Contains("p[i,c] is p[1,u], p[i,c]#2 is p[1,v]", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_models_are_refused()
    {
        using var run = new CommandRun();
        string file = run.File("bad.opt", "var x; minimize f: zz;");
        Assert.Equal(1, run.Run("check", file));
        Assert.Equal(1, run.Run("show", file));
        Assert.Contains("zz", run.Error, StringComparison.Ordinal);
    }

    /// <summary>f = x0³ + x1, c = x0·x1, with a Jacobian that lacks x1 and a Hessian that is wrong.</summary>
    private sealed class WrongProblem : INlpProblem
    {
        private readonly double[] _lower = [-10.0, -10.0];
        private readonly double[] _upper = [10.0, 10.0];
        private readonly double[] _side = [0.0];
        private readonly double[] _start = [1.0, 2.0];

        public int VariableCount => 2;

        public int ConstraintCount => 1;

        public ReadOnlySpan<double> VariableLower => _lower;

        public ReadOnlySpan<double> VariableUpper => _upper;

        public ReadOnlySpan<double> ConstraintLower => _side;

        public ReadOnlySpan<double> ConstraintUpper => _side;

        public ReadOnlySpan<double> Start => _start;

        public ProblemStructure Structure => ProblemStructure.General;

        public SparsePattern JacobianPattern { get; } = new(1, 2, [0, 1], [0]);

        public SparsePattern HessianPattern { get; } = new(2, 2, [0, 2, 2], [0, 1]);

        public double Objective(ReadOnlySpan<double> x) => x[0] * x[0] * x[0] + x[1];

        public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
        {
            gradient[0] = 3.0 * x[0] * x[0];
            gradient[1] = 1.0;
            return Objective(x);
        }

        public void Constraints(ReadOnlySpan<double> x, Span<double> values) => values[0] = x[0] * x[1];

        public void Jacobian(ReadOnlySpan<double> x, Span<double> values) => values[0] = x[1];

        public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
        {
            values[0] = 6.06 * x[0] * objectiveWeight;
            values[1] = constraintWeights[0];
        }
    }
}
