using Xunit;

namespace Optc.Runtime.Native.Tests;

public class AccuracyTests
{
    public static TheoryData<string> Names => [.. Subjects.All.Select(s => s.Name)];

    public static TheoryData<string> PairNames => [.. Subjects.Pairs.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void WithinFourUlp(string name)
    {
        var worst = Worst.Of(Subjects.All.Single(s => s.Name == name), 200, 1);
        Assert.True(worst.Ulp <= 4, $"{name}({worst.At}) is off by {worst.Ulp:F2} ulp.");
    }

    [Theory]
    [MemberData(nameof(PairNames))]
    public void PairsWithinFourUlp(string name)
    {
        var worst = Worst.Of(Subjects.Pairs.Single(s => s.Name == name), 100, 1);
        Assert.True(worst.Ulp <= 4, $"{name}({worst.At}) is off by {worst.Ulp:F2} ulp.");
    }
}
