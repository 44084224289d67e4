using Xunit;

namespace Optc.Runtime.Native.Tests;

public class AccuracyTests
{
    public static TheoryData<string> Names => [.. Subjects.All.Concat(Subjects.Special).Select(s => s.Name)];

    public static TheoryData<string> PairNames => [.. Subjects.Pairs.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void WithinFourUlp(string name)
    {
        var worst = Worst.Of(Subjects.All.Concat(Subjects.Special).Single(s => s.Name == name), 100, 1);
        Assert.True(worst.Ulp <= 4, $"{name}({worst.At}) is off by {worst.Ulp:F2} ulp.");
    }

    [Theory]
    [MemberData(nameof(PairNames))]
    public void PairsWithinFourUlp(string name)
    {
        var worst = Worst.Of(Subjects.Pairs.Single(s => s.Name == name), 100, 1);
        Assert.True(worst.Ulp <= 4, $"{name}({worst.At}) is off by {worst.Ulp:F2} ulp.");
    }

    /// <summary>Where the reflection of ψ cancels, the error is that of the larger term, a few units more.</summary>
    [Theory]
    [InlineData("lgamma for x < 0", 4)]
    [InlineData("digamma for x < 0", 16)]
    public void WithinAFewUnitsNearRoots(string name, double limit)
    {
        var worst = Worst.AbsoluteNearRoots(Subjects.WithRoots.Single(s => s.Name == name), 100, 1);
        Assert.True(worst.Ulp <= limit, $"{name}, {worst.At}, is off by {worst.Ulp:F2} units of 2⁻⁵².");
    }
}
