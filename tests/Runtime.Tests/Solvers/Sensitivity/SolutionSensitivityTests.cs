using Optc.Runtime.Solvers.Sensitivity;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Solvers.Sensitivity;

/// <summary>Derivatives of a solution from a problem whose last column is a parameter.</summary>
public sealed class SolutionSensitivityTests
{
    private static SolutionSensitivity Analyse(TermProblem problem, double[] x, double[] y, double[] z, params MovingSide[] sides)
    {
        var isParameter = new bool[x.Length];
        isParameter[^1] = true;
        return new SolutionSensitivity(new ParametricProblem(problem, isParameter, sides), x, y, z);
    }

    [Fact]
    public void Derivatives_and_range_of_a_point_that_is_not_exact()
    {
        // min (x − 2p)² + xy + y², y ≥ p at p = 1: x = 2p − y/2 = 3/2, y = 1, multiplier x + 2y = 7/2.
        TermProblem problem = new TermProblem(0.0, 0.0, 1.0)
            .Minimise(v => ((v[0] - (2.0 * v[2])) * (v[0] - (2.0 * v[2]))) + (v[0] * v[1]) + (v[1] * v[1]))
            .Subject(0.0, [1, 2], v => v[0] - v[1], double.PositiveInfinity);
        SolutionSensitivity found = Analyse(problem, [1.5 + 1e-6, 1.0 + 1e-7, 1.0], [3.5 + 1e-6], [0.0, 0.0, 0.0]);
        Assert.Equal(Regularity.Regular, found.Regularity);
        Assert.Equal(1.5, found.Point[0], 1e-13);
        Assert.Equal(3.5, found.Multipliers[0], 1e-13);
        ParameterDerivative d = found.Along(2);
        Assert.Equal(1.5, d.Point![0], 1e-13);
        Assert.Equal(1.0, d.Point[1], 1e-13);
        Assert.Equal(1.0, d.Point[2]);
        Assert.Equal(3.5, d.Multipliers![0], 1e-13);
        // F = (p/2)² + 3p²/2 + p² = 11p²/4.
        Assert.Equal(5.5, d.Objective, 1e-12);
        Assert.Equal(-1.0, d.Below.Change, 1e-12);
        Assert.Equal((LimitKind.Multiplier, 0), (d.Below.Kind, d.Below.Index));
        Assert.Equal(double.PositiveInfinity, d.Above.Change);
    }

    [Fact]
    public void A_moving_side_is_read_from_its_row()
    {
        // min x², x ≥ side, side = p² in row 1 at p = 2: F = p⁴.
        TermProblem problem = new TermProblem(4.0, 2.0).Minimise([0], v => v[0] * v[0])
            .Subject(4.0, [0], v => v[0], double.PositiveInfinity)
            .Subject(double.NegativeInfinity, [1], v => v[0] * v[0], double.PositiveInfinity);
        SolutionSensitivity found = Analyse(problem, [4.0, 2.0], [8.0, 0.0], [0.0, 0.0], new MovingSide(true, 0, false, 1));
        ParameterDerivative d = found.Along(1);
        Assert.Equal(32.0, d.Objective, 1e-12);
        Assert.Equal(4.0, d.Point![0], 1e-12);
        Assert.Equal(8.0, d.Multipliers![0], 1e-12);
    }

    [Fact]
    public void A_wrong_active_set_is_corrected()
    {
        // Both sides seem active, but the multiplier of the second has the wrong sign.
        TermProblem problem = new TermProblem(1.0, 0.0).Minimise([0, 1], v => (v[0] - 3.0 - v[1]) * (v[0] - 3.0 - v[1]))
            .Subject(1.0, [0], v => v[0], double.PositiveInfinity);
        SolutionSensitivity found = Analyse(problem, [3.0 - 1e-3, 0.0], [1e-1], [0.0, 0.0]);
        Assert.Equal(Regularity.Regular, found.Regularity);
        Assert.Equal(3.0, found.Point[0], 1e-12);
        Assert.Equal(1.0, found.Along(1).Point![0], 1e-12);
    }

    [Fact]
    public void Violated_conditions_have_their_names()
    {
        TermProblem weak = new TermProblem(0.0, 0.0).Minimise([0, 1], v => (v[0] - v[1]) * (v[0] - v[1])).Subject(0.0, [0], v => v[0], double.PositiveInfinity);
        SolutionSensitivity found = Analyse(weak, [0.0, 0.0], [0.0], [0.0, 0.0]);
        Assert.Equal(Regularity.WeaklyActive, found.Regularity);
        Assert.Equal([0], found.Weak);
        Assert.Null(found.Along(1).Point);
        TermProblem dependent = new TermProblem(1.0, 0.0).Minimise([0], v => v[0]).Subject(1.0, [0], v => v[0], 1.0).Subject(2.0, [0], v => 2.0 * v[0], 2.0);
        found = Analyse(dependent, [1.0, 0.0], [1.0, 0.0], [0.0, 0.0]);
        Assert.Equal(Regularity.Dependent, found.Regularity);
        Assert.Equal([0, 1], found.Dependent);
        Assert.Throws<InvalidOperationException>(() => found.Along(1));
        TermProblem saddle = new TermProblem(0.0, 0.0).Minimise([0], v => -(v[0] * v[0]));
        Assert.Equal(Regularity.SecondOrder, Analyse(saddle, [0.0, 0.0], [], [0.0, 0.0]).Regularity);
    }

    [Fact]
    public void A_range_ends_at_the_nearest_change_on_each_side()
    {
        var range = new RangeTest();
        range.Distance(3.0, -1.0, LimitKind.Multiplier, 0);
        range.Distance(1.0, -0.5, LimitKind.Multiplier, 1);
        range.Distance(1.0, 0.25, LimitKind.ReducedCost, 2);
        range.Value(0.5, 0.0, 2.0, 1.0, 1.0, 0.0, LimitKind.LowerBound, LimitKind.UpperBound, 3);
        range.Value(0.5, 0.4, 2.0, 1e-13, 1e-13, 1e-12, LimitKind.LowerBound, LimitKind.UpperBound, 4);
        Assert.Equal(new RangeLimit(1.5, LimitKind.UpperBound, 3), range.Above);
        Assert.Equal(new RangeLimit(-0.5, LimitKind.LowerBound, 3), range.Below);
    }
}
