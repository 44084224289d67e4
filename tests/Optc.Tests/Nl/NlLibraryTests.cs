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

    /// <summary>Whether the model could be exported and compared; fails where the two sides differ.</summary>
    private static bool Compare(string model)
    {
        using var run = new CommandRun();
        string text = run.PathOf("text.nl"), binary = run.PathOf("binary.nl");
        int code = run.Run("export", model, "-o", text, "-q");
        if (code != 0)
        {
            Assert.Contains("which .nl files have no operator for", run.Error, StringComparison.Ordinal);
            return false;
        }
        Assert.Equal(0, run.Run("export", model, "-o", binary, "-q", "--binary"));
        Assert.Equal(NlPeers.Evaluate(text), NlPeers.Evaluate(binary));
        LoadedModel loaded = Engine.Load([model], Smooth());
        Assert.False(loaded.HasErrors, model);
        CompiledModel compiled = loaded.Compiled.AuxiliaryCount == 0 ? loaded.Compiled : WithKinks(loaded);
        foreach (double shift in new[] { 0.0, 0.01 })
        {
            var theirs = new NlEvaluation(text, shift);
            if (theirs.HasError) continue;
            var ours = new NlEvaluation(compiled, theirs);
            string what = $"{Path.GetFileName(model)}, shift {shift}";
            NlEvaluation.AssertSameValues(ours, theirs, Tolerance, what);
            // A start may lie on a kink, where any slope between is right.
            if (shift == 0.0 && compiled.Templates.Any(t => t.HasKinks)) continue;
            NlEvaluation.AssertSameDerivatives(ours, theirs.Within(ours), Tolerance, what);
        }
        return true;
    }

    /// <summary>The model without the epigraphs that solvers get.</summary>
    private static CompiledModel WithKinks(LoadedModel loaded) =>
        ModelCompiler.compile(loaded.Compiled.Model, loaded.Evaluator, new CompileOptions(KernelMode.Interpreted, Kinks.AsWritten, relaxIntegrality: true, refreshable: false));

    /// <summary>Kinks on the active branch, as the library differentiates them; integer variables as any other.</summary>
    private static EngineOptions Smooth() => new()
    {
        Kernels = "interpreted",
        SolverOptions = [new("nonsmooth", "active"), new("relax_integrality", "1")],
    };
}
