using Optc.Runtime.Solvers.AugmentedLagrangian;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

public class AugmentedLagrangianOptionsTests
{
    [Fact]
    public void SetsByName()
    {
        AugmentedLagrangianOptions options = AugmentedLagrangianOptions.Table.With(new(), "tolerance", "1e-6");
        options = AugmentedLagrangianOptions.Table.With(options, "max_inner", "1e2");
        options = AugmentedLagrangianOptions.Table.With(options, "fast_finish", "no");
        Assert.Equal(1e-6, options.Tolerance);
        Assert.Equal(100, options.MaxInnerIterations);
        Assert.False(options.FastFinish);
    }

    [Fact]
    public void UnknownNameListsTheNearest() => Assert.Contains(
        "tolerance", Assert.Throws<ArgumentException>(() => AugmentedLagrangianOptions.Table.With(new(), "tolerence", "1")).Message);

    [Fact]
    public void BadValueNamesTheRange() => Assert.Contains(
        "whole number", Assert.Throws<ArgumentException>(() => AugmentedLagrangianOptions.Table.With(new(), "max_inner", "many")).Message);

    [Fact]
    public void OutOfRangeIsRefused() => Assert.Contains(
        "penalty_factor", Assert.Throws<ArgumentException>(() => new AugmentedLagrangianSolver(new AugmentedLagrangianOptions { PenaltyFactor = 1 })).Message);
}
