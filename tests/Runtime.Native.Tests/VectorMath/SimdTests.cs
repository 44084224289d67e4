using Xunit;

namespace Optc.Runtime.Native.Tests;

public class SimdTests
{
    [Theory]
    [InlineData("64", VectorWidth.Scalar)]
    [InlineData("128", VectorWidth.Vector128)]
    [InlineData("256", VectorWidth.Vector256)]
    [InlineData("512", VectorWidth.Vector512)]
    public void AWidthCanBeForced(string value, VectorWidth expected) => Assert.Equal(expected, Simd.Choose(value));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void ElseTheHardwareDecides(string? value) =>
        Assert.Contains(Simd.Choose(value), new[] { VectorWidth.Scalar, VectorWidth.Vector128, VectorWidth.Vector256, VectorWidth.Vector512 });

    [Theory]
    [InlineData("1024")]
    [InlineData("0x100")]
    [InlineData("avx2")]
    public void AnotherValueIsRefusedWithTheAllowedOnes(string value)
    {
        var error = Assert.Throws<InvalidOperationException>(() => Simd.Choose(value));
        Assert.Contains("OPTC_VECTOR_BITS", error.Message, StringComparison.Ordinal);
        Assert.Contains("64, 128, 256 or 512", error.Message, StringComparison.Ordinal);
        Assert.Contains(value, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCountIsThatOfTheWidth() => Assert.Equal((int)Simd.Width, 64 * Simd.Count);
}
