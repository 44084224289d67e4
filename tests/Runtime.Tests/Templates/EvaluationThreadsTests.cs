using Optc.Runtime.Templates;
using Xunit;

namespace Optc.Runtime.Tests.Templates;

public class EvaluationThreadsTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("16", 16)]
    public void TheVariableSetsTheNumber(string given, int expected) => Assert.Equal(expected, EvaluationThreads.Choose(given));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void WithoutTheVariableThereIsOneAProcessor(string? given) => Assert.Equal(Environment.ProcessorCount, EvaluationThreads.Choose(given));

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("1025")]
    public void ABadNumberIsRefusedByName(string given)
    {
        var e = Assert.Throws<InvalidOperationException>(() => EvaluationThreads.Choose(given));
        Assert.Contains("OPTC_THREADS", e.Message, StringComparison.Ordinal);
        Assert.Contains(given, e.Message, StringComparison.Ordinal);
    }
}
