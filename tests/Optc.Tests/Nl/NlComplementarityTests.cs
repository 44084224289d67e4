using Xunit;

namespace Optc.Tests.Nl;

/// <summary>Complementarity conditions as AMPL's solver library reads them.</summary>
public sealed class NlComplementarityTests
{
    private static readonly (double, double) AtLeastZero = (0.0, double.PositiveInfinity);
    private static readonly (double, double) Anything = (double.NegativeInfinity, double.PositiveInfinity);
    private static readonly (double, double) Zero = (0.0, 0.0);

    [Fact]
    public void A_variable_complements_a_body()
    {
        NlEvaluation read = Export("var x {1..2} >= 0, := 1; var y := 2; c {i in 1..2}: 0 <= x[i] complements 3*x[i] + y^2 - 2 + i >= 0;");
        Assert.Equal("x[2]", read.Complements["c[2]"]);
        Assert.Equal(AtLeastZero, read.Sides["c[2]"]);
        Assert.Equal(AtLeastZero, read.Bounds["x[2]"]);
        Assert.Equal(7.0, read.Values["c[2]"]);
        Assert.Equal((2, 2, 0), (read.Sizes["complements"], read.Sizes["constraints"], read.Sizes["equations"]));
    }

    [Fact]
    public void The_condition_bounds_a_free_variable()
    {
        NlEvaluation read = Export("var x := 1; var y := 2; c: x + y^2 >= 3 complements x >= 0;");
        Assert.Equal("x", read.Complements["c"]);
        Assert.Equal(AtLeastZero, read.Bounds["x"]);
        Assert.Equal(2.0, read.Values["c"]);
    }

    [Fact]
    public void A_variable_between_two_bounds_complements_a_free_body()
    {
        NlEvaluation read = Export("var x := 1; var y := 2; c: -1 <= y <= 4 complements x*y - 3;");
        Assert.Equal("y", read.Complements["c"]);
        Assert.Equal((-1.0, 4.0), read.Bounds["y"]);
        Assert.Equal(Anything, read.Sides["c"]);
        Assert.Equal(-1.0, read.Values["c"]);
    }

    [Fact]
    public void An_expression_gets_a_variable_of_its_own()
    {
        NlEvaluation read = Export("var x := 1; var y := 2; c {i in 1..1}: x*y + i >= 2 complements exp(x) + 2 <= 9;");
        Assert.Equal("c[1].complement", read.Complements["c[1]"]);
        Assert.Equal((2.0, double.PositiveInfinity), read.Bounds["c[1].complement"]);
        Assert.Equal(3.0, read.Point["c[1].complement"]);
        Assert.Equal(Zero, (read.Sides["c[1].definition"].Lower + 1.0, read.Sides["c[1].definition"].Upper + 1.0));
        Assert.Equal(-1.0, read.Jacobian[("c[1].definition", "c[1].complement")]);
        // At a lower bound the body must be at least zero: 7 − exp(x).
        Assert.Equal(AtLeastZero, read.Sides["c[1]"]);
        Assert.Equal(7.0 - Math.E, read.Values["c[1]"], 15);
    }

    [Fact]
    public void Two_upper_sides_stay_upper_sides()
    {
        NlEvaluation read = Export("var x <= 4, := 1; var y := 2; c: x <= 4 complements x*y - 7 <= 1;");
        Assert.Equal("x", read.Complements["c"]);
        Assert.Equal((double.NegativeInfinity, 4.0), read.Bounds["x"]);
        Assert.Equal((double.NegativeInfinity, 0.0), read.Sides["c"]);
        Assert.Equal(-6.0, read.Values["c"]);
    }

    [Fact]
    public void A_narrower_variable_and_one_that_is_taken_get_a_stand_in()
    {
        NlEvaluation read = Export("var x >= 1, := 1; var y := 2; c: x >= 0 complements x + y >= 0; d: y >= 0 complements x >= 0; e: 0 <= y complements x >= -3;");
        Assert.Equal("c.complement", read.Complements["c"]);
        Assert.Equal("y", read.Complements["d"]);
        Assert.Equal("e.complement", read.Complements["e"]);
        Assert.Equal((1.0, double.PositiveInfinity), read.Bounds["x"]);
    }

    [Theory]
    [InlineData("c: x^2 + y = 3 complements z;", "z")]
    [InlineData("c: z complements x^2 + y = 3;", "z")]
    [InlineData("c: x^2 + y = 3 complements z + x;", null)]
    public void An_equation_against_anything(string condition, string? variable)
    {
        NlEvaluation read = Export("var x := 1; var y := 2; var z;" + condition);
        Assert.Equal(variable, read.Complements.GetValueOrDefault("c"));
        Assert.Equal(0.0, read.Slacks["c lower"]);
        Assert.Equal(0.0, read.Slacks["c upper"]);
        Assert.Single(read.Sides);
    }

    private static NlEvaluation Export(string model)
    {
        using var run = new CommandRun();
        Assert.True(run.Run("export", run.File("m.opt", model), "-o", run.PathOf("m.nl"), "-q") == 0, run.Error);
        return new NlEvaluation(run.PathOf("m.nl"));
    }
}
