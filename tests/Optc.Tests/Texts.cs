namespace Optc.Tests;

/// <summary>Models for tests.</summary>
internal static class Texts
{
    /// <summary>Hock and Schittkowski, problem 71; optimum 17.0140173 at (1, 4.743, 3.8211, 1.3794).</summary>
    public const string Hs071 = """
        var x {i in 1..4} >= 1, <= 5, := if i = 1 or i = 4 then 1 else 5;
        minimize f: x[1]*x[4]*(x[1] + x[2] + x[3]) + x[3];
        subject to c1: x[1]*x[2]*x[3]*x[4] >= 25;
        subject to c2: sum {i in 1..4} x[i]^2 = 40;
        expect f = 17.0140173 within 1e-6;
        expect status = solved;
        """;

    /// <summary>A linear model with data: buy 2 of a, 3 of b.</summary>
    public const string Mix = """
        set ITEMS;
        param price {ITEMS} > 0;
        param need := 5;
        var w {ITEMS} >= 0, <= 3;
        maximize worth: sum {i in ITEMS} price[i]*w[i];
        subject to total: sum {i in ITEMS} w[i] = need;
        data;
        set ITEMS := a b;
        param price := a 1 b 2;
        """;
}
