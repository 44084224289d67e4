using Optc.Compiler;

namespace Optc.Bench.Kernels;

/// <summary>Small models with one template over x[i] and x[i+1].</summary>
internal static class Models
{
    /// <summary>Instances of each template.</summary>
    public const int Instances = 1 << 14;

    /// <summary>Products and sums only.</summary>
    public const string Rosenbrock = "100*(x[i+1] - x[i]^2)^2 + (1 - x[i])^2";

    /// <summary>Two functions.</summary>
    public const string Waves = "exp(0.1*x[i]) * sin(x[i+1])";

    /// <summary>The compiled sum of a term over all i.</summary>
    /// <param name="term">The term.</param>
    /// <param name="kernels">As for <c>--kernels</c>.</param>
    public static CompiledModel Sum(string term, string kernels) => Load($"""
        param n := {Instances + 1};
        var x{"{"}i in 1..n{"}"} := 0.5 + 0.01*(i mod 7);
        minimize f: sum{"{"}i in 1..n-1{"}"} ({term});
        """, kernels);

    /// <summary>The same with the variables of neighbours anywhere, so that all positions are tables.</summary>
    public static CompiledModel Scattered(string term) => Load($"""
        param n := {Instances + 1};
        param p{"{"}i in 1..n{"}"} := 1 + (7919*i) mod n;
        var x{"{"}i in 1..n{"}"} := 0.5 + 0.01*(i mod 7);
        minimize f: sum{"{"}i in 1..n-1{"}"} ({term.Replace("x[i+1]", "x[p[i+1]]", StringComparison.Ordinal).Replace("x[i]", "x[p[i]]", StringComparison.Ordinal)});
        """, "compiled");

    private static CompiledModel Load(string text, string kernels)
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".opt");
        File.WriteAllText(file, text);
        try
        {
            LoadedModel model = Engine.Load([file], new EngineOptions { Kernels = kernels });
            return model.HasErrors ? throw new InvalidOperationException(string.Join('\n', model.Diagnostics.Select(d => d.Rendered))) : model.Compiled;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
