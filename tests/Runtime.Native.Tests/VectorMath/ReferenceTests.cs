using Xunit;

namespace Optc.Runtime.Native.Tests;

/// <summary>The reference against constants known to 60 digits and against identities.</summary>
public class ReferenceTests
{
    private static void Equal(string digits, BigFloat actual)
    {
        int point = digits.IndexOf('.', StringComparison.Ordinal);
        int decimals = digits.Length - point - 1;
        BigFloat scaled = actual;
        for (int i = 0; i < decimals; i++) scaled *= 10;
        var expected = System.Numerics.BigInteger.Parse(digits.Remove(point, 1), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(expected, scaled.Round());
    }

    [Fact]
    public void Constants()
    {
        Equal("3.141592653589793238462643383279502884197169399375105820974945", Reference.Pi);
        Equal("0.693147180559945309417232121458176568075500134360255254120680", Reference.Ln2);
        Equal("2.302585092994045684017991454684364207601101488628772976033328", Reference.Ln10);
        Equal("2.718281828459045235360287471352662497757247093699959574966968", Reference.Exp(1));
        Equal("1.414213562373095048801688724209698078569671875376948073176680", ((BigFloat)2).Sqrt());
        Equal("0.841470984807896506652502321630298999622563060798371065672752", Reference.Sin(1));
        Equal("0.540302305868139717400936607442976603732310420617922227670097", Reference.Cos(1));
        Equal("-0.852200849767188801772705893753029368261762150410043656256509", Reference.Sin(1e22));
        Equal("0.785398163397448309615660845819875721049292349843776455243736", Reference.Atan(1));
    }

    [Theory]
    [InlineData(0.3)]
    [InlineData(-0.9)]
    [InlineData(1e-9)]
    [InlineData(0.999999)]
    public void Inverses(double x)
    {
        Near(x, Reference.Log(Reference.Exp(x)));
        Near(x, Reference.Sin(Reference.Asin(x)));
        Near(x, Reference.Cos(Reference.Acos(x)));
        Near(x, Reference.Tan(Reference.Atan(x)));
        Near(x, Reference.Sinh(Reference.Asinh(x)));
        Near(1 / Math.Abs(x), Reference.Cosh(Reference.Acosh(1 / Math.Abs(x))));
        Near(x, Reference.Tanh(Reference.Atanh(x)));
    }

    private static void Near(double expected, BigFloat actual) => Assert.True(actual.ErrorInUlp(expected) < 1e-9);
}
