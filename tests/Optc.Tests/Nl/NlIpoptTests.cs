using System.Globalization;
using Xunit;

namespace Optc.Tests.Nl;

/// <summary>Another solver finds the known optima from exported files.</summary>
public sealed class NlIpoptTests
{
    [Theory]
    [InlineData("tests/models/hs/hs100.opt", 680.6300573, 1e-7)]
    [InlineData("tests/models/hs/hs105.opt", 1136.30730, 1e-6)]
    [InlineData("tests/models/language/water_filling.opt", 3.437336428, 1e-6)]
    [InlineData("tests/models/data/braess.opt", 386.0, 1e-6)]
    [InlineData("tests/models/sparse/bearing.opt", -0.1795449, 1e-6)]
    public void Real_models(string model, double optimum, double tolerance)
    {
        using var run = new CommandRun();
        Solved(run, Path.Combine(NlPeers.Root(), model), optimum, tolerance);
    }

    [Fact]
    public void A_nonlinear_model_with_ranges_of_its_own()
    {
        using var run = new CommandRun();
        Solved(run, run.File("m.opt", Texts.Hs071), 17.0140173, 1e-7);
    }

    [Fact]
    public void A_maximised_objective_keeps_its_sense()
    {
        using var run = new CommandRun();
        Solved(run, run.File("m.opt", Texts.Mix), 8.0, 1e-6);
    }

    private static void Solved(CommandRun run, string model, double optimum, double tolerance)
    {
        string nl = run.PathOf("exported.nl");
        Assert.Equal(0, run.Run("export", model, "-o", nl, "-q", "--binary"));
        string[] answer = NlPeers.Solve(nl);
        Assert.Contains(answer[0], new[] { "status 0", "status 1" });
        double found = double.Parse(answer[1].Split(' ')[1], CultureInfo.InvariantCulture);
        Assert.True(Math.Abs(found - optimum) <= tolerance * Math.Max(1.0, Math.Abs(optimum)), $"{model}: Ipopt finds {found}, known is {optimum}");
    }
}
