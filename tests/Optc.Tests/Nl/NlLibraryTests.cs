using Optc.Compiler;
using Xunit;

namespace Optc.Tests.Nl;

/// <summary>Exported models through AMPL's solver library: values, gradient, Jacobian and Hessian agree with ours.</summary>
public sealed class NlLibraryTests
{
    /// <summary>Relative to the largest number of the kind.</summary>
    private const double Tolerance = 1e-12;

    [Theory]
    [InlineData("tests/models/hs", 60)]
    [InlineData("tests/models/data", 10)]
    [InlineData("tests/models/language", 8)]
    [InlineData("tests/models/sparse", 19)]
    [InlineData("examples", 8)]
    public void Real_models_evaluate_to_the_same(string folder, int least)
    {
        string[] models = Directory.GetFiles(Path.Combine(NlPeers.Root(), folder), "*.opt");
        int compared = models.Count(Compare);
        Assert.True(compared >= least, $"only {compared} models of {folder} were compared");
    }

    /// <summary>Each feature of the language that the format has something of its own for.</summary>
    [Theory]
    [InlineData("defined variables", Declarations + """
        var s = sum {i in I} x[i]^2 + 2*p - 3;
        var t {i in I} = exp(x[i]) + q;
        var u {i in I} = if i = 1 then x[1] else u[i-1]*x[i] + 0.5*u[i-1];
        minimize f: s^2 + sum {i in I} t[i]*x[i] + u[3]*q;
        c1: s + p + 2 <= 20;
        c2 {i in I}: t[i]*x[i] + 2*x[i] - 3*u[i] >= i;
        """)]
    [InlineData("ranges and equations", Declarations + """
        minimize f: sum {i in I} (x[i] - i)^2;
        c1: -4 <= x[1]*x[2] + p + 2 <= 20;
        c2: x[1]^2 + 3 = 5 + q;
        c3 {i in 1..2}: x[i] + 2 >= x[i+1] - 1;
        c4: -1 <= x[3] <= 7;
        """)]
    [InlineData("maximisation, several objectives", Declarations + """
        maximize profit: 3*p + q + 7 - sum {i in I} x[i]^4 - p*q;
        minimize other: sum {i in I} sin(x[i]);
        c: p + q <= 9;
        objective other;
        objective profit;
        """)]
    [InlineData("kinks", Declarations + """
        maximize f: min(x[1], x[2]^2, p) - abs(x[1] - x[2]*p) + 2;
        c1: abs(x[1] - x[2]) + max(x[1], x[2], p, 0) - min(p, q) <= 8;
        c2: (if x[1] > 0.2 and not (x[2] = 3) or p < 0 then x[1]^3 else x[2]^4) + (x[3] less q)*p >= -100;
        c3: huber(x[1] - 3, 1) + huber(x[2], 0.7) + norm1 {i in I} (x[i] - i) + norminf {i in I} (x[i] - i) <= 100;
        c4: max {i in I} x[i]*i >= -1;
        c5: floor(3*p)*q + ceil(q)*p + round(3*q)*q + trunc(-3*p)*q + (5*p div 2)*q + (p mod 0.4)*q >= -1;
        """)]
    [InlineData("piecewise-linear terms", Declarations + """
        minimize f: <<0, 1; -1, 2, 5>> x[2] + sum {i in I} <<{k in 1..3} k; {k in 0..3} k^2>> (x[i]*p);
        c: <<-1; 4, 1>> (x[1], 0.5) >= -5;
        """)]
    [InlineData("reductions", Declarations + """
        set J := 1..40;
        minimize f: logsumexp {i in I} (i*x[i]) + norm2 {i in I} (x[i] + 1) + prod {j in J} (1 + x[1]/(j + x[2]));
        c1 {i in I}: (sum {j in J} j*x[1 + j mod 3]/40)^2 + x[i] <= 100;
        c2: exp(sum {j in J} 0.01*x[1 + j mod 3]*x[1 + (j + 1) mod 3]) + logsumexp {j in J} (x[1]*j/40) >= 0;
        c3: max {j in J} (x[1 + j mod 3]*j) + min {j in J} (x[2]/j) >= -90;
        """)]
    [InlineData("integers and fixed variables", Declarations + """
        var b {I} binary, := 1;
        var k integer >= 0, <= 10, := 3;
        var n integer := 2;
        minimize f: sum {i in I} b[i]*x[i]^2 + k + n*p + x[2]*q;
        c1: sum {i in I} b[i] + k >= 1;
        c2: n^2*x[3] + x[2]^2*p <= 60;
        fix x[2] := 1.25;
        fix k := 4;
        """)]
    [InlineData("all functions", Declarations + """
        minimize f: sqrt(p) + exp(q) + log(p + 1) + log10(p + 2) + sin(x[1]) + cos(x[2]) + tan(q) + asin(q/2) + acos(q/3) + atan(p)
            + sinh(q) + cosh(q) + tanh(q) + asinh(p) + acosh(p + 1) + atanh(q/2) + atan2(p, q) + p^q + p^2.5 + 2^q + p^3 + p^4 + 1/p - 3/p^2;
        """)]
    public void Features_evaluate_to_the_same(string feature, string model)
    {
        using var run = new CommandRun();
        Assert.True(Compare(run.File("model.opt", model)), feature);
    }

    /// <summary>
    /// At points far from each other. The library's reader for second derivatives is not asked: in some of these deeply nested models
    /// differences of its own values contradict its derivatives, and its reader for first derivatives.
    /// </summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_models_evaluate_to_the_same(bool hasKinks)
    {
        using var run = new CommandRun();
        for (int seed = 0; seed < 8; seed++)
        {
            string file = run.File($"random{seed}.opt", new NlRandomModel(seed, hasKinks).Text()), nl = run.PathOf("random.nl");
            Assert.True(run.Run("export", file, "-o", nl, "-q", "--binary") == 0, run.Error);
            CompiledModel compiled = Compiled(file);
            foreach (double shift in new[] { 0.0, 0.01, 0.4, 2.0 })
            {
                var theirs = new NlEvaluation(nl, shift, withHessian: false);
                var ours = new NlEvaluation(compiled, theirs);
                string what = $"seed {seed}, kinks {hasKinks}, shift {shift}";
                NlEvaluation.AssertSameValues(ours, theirs, 10.0 * Tolerance, what);
                if (shift > 0.0) NlEvaluation.AssertSameGradients(ours, theirs.Within(ours), 100.0 * Tolerance, what);
            }
        }
    }

    private const string Declarations = "set I := 1..3; var x {i in I} >= -2, <= 9, := 0.3*i; var p >= 0, := 1.5; var q := 0.25;\n";

    /// <summary>Whether the model could be exported and compared; fails where the two sides differ.</summary>
    private static bool Compare(string model)
    {
        using var run = new CommandRun();
        string text = run.PathOf("text.nl"), binary = run.PathOf("binary.nl");
        int code = run.Run("export", model, "-o", text, "-q");
        if (code != 0)
        {
            Assert.Matches("which .nl files have no operator for|a .nl file holds one problem, without followers", run.Error);
            return false;
        }
        Assert.Equal(0, run.Run("export", model, "-o", binary, "-q", "--binary"));
        Assert.Equal(NlPeers.Evaluate(text), NlPeers.Evaluate(binary));
        CompiledModel compiled = Compiled(model);
        foreach (double shift in new[] { 0.0, 0.01 })
        {
            var theirs = new NlEvaluation(text, shift);
            if (theirs.HasError) continue;
            var ours = new NlEvaluation(compiled, theirs);
            string what = $"{Path.GetFileName(model)}, shift {shift}";
            NlEvaluation.AssertSameValues(ours, theirs, Tolerance, what);
            // A start may lie on a kink, where any slope between is right.
            if (shift == 0.0 && compiled.Templates.Any(t => t.HasKinks)) continue;
            theirs.Within(ours);
            NlEvaluation.AssertSameGradients(ours, theirs, Tolerance, what);
            // Of products with a maximum in a defined variable the library's second derivatives contradict differences of its first ones.
            if (Path.GetFileNameWithoutExtension(model) == "xor_network") continue;
            // Second derivatives are sums that partly cancel. In `trigonometric` each of n terms is n minus the sum of n cosines of
            // numbers that are the same at the start, so that the rounding error of one cosine counts n² = 10⁴ times.
            double cancelled = Path.GetFileNameWithoutExtension(model) == "trigonometric" ? 100.0 : 10.0;
            NlEvaluation.AssertSameHessians(ours, theirs, cancelled * Tolerance, what);
        }
        return true;
    }

    /// <summary>Kinks on the active branch, as the library differentiates them, without the epigraphs that solvers get; integer variables as any other.</summary>
    private static CompiledModel Compiled(string model)
    {
        EngineOptions smooth = new() { Kernels = "interpreted", SolverOptions = [new("nonsmooth", "active"), new("relax_integrality", "1")] };
        LoadedModel loaded = Engine.Load([model], smooth);
        Assert.False(loaded.HasErrors, model);
        if (loaded.Compiled.AuxiliaryCount == 0) return loaded.Compiled;
        CompileOptions withKinks = new(KernelMode.Interpreted, Kinks.AsWritten, relaxIntegrality: true, roundNorms: false, refreshable: false);
        return ModelCompiler.compile(loaded.Compiled.Model, loaded.Evaluator, withKinks);
    }
}
