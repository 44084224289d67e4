using Xunit;

namespace Optc.Runtime.Native.Tests;

public class AccuracyTests
{
    public static TheoryData<string> Names => [.. Subjects.All.Select(s => s.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void WithinFourUlp(string name)
    {
        var worst = Worst.Of(Subjects.All.Single(s => s.Name == name), 200, 1);
        Assert.True(worst.Ulp <= 4, $"{name}({worst.At:R}) is off by {worst.Ulp:F2} ulp.");
    }
}
