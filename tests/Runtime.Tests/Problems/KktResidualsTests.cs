using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Tests.Models;
using Xunit;

namespace Optc.Runtime.Tests.Problems;

public class KktResidualsTests
{
    /// <summary>min x² with 1 ≤ x and 2x ≤ 8.</summary>
    private static TermProblem Problem() => new TermProblem(0).Bound(0, 1, double.PositiveInfinity).Minimise(x => x[0].Squared())
        .Subject(double.NegativeInfinity, x => 2 * x[0], 8);

    [Fact]
    public void VanishAtTheSolution() => Assert.Equal(0, KktResiduals.Of(Problem(), [1], [0], [2]).Largest);

    [Fact]
    public void StationarityIsRelativeToTheGradient() => Assert.Equal(0.5, KktResiduals.Of(Problem(), [1], [0], [1]).Stationarity);

    [Fact]
    public void FeasibilityIsRelativeToTheSide() => Assert.Equal(0.25, KktResiduals.Of(Problem(), [5], [0], [0]).Feasibility);

    [Fact]
    public void ComplementarityIsMultiplierTimesDistance() => Assert.Equal(3.0 * 1.0 / 4.0, KktResiduals.Of(Problem(), [2], [0], [3]).Complementarity);

    [Fact]
    public void MultiplierOfAMissingSideCountsInFull() => Assert.Equal(5.0, KktResiduals.Of(Problem(), [1], [5], [0]).Complementarity);

    [Fact]
    public void HugeMultipliersDoNotHideABadPoint()
    {
        Residuals at = KktResiduals.Of(Problem(), [1], [-1e6], [0]);
        Assert.True(at.Stationarity > 1);
    }

    [Fact]
    public void NotANumberIsReported() => Assert.True(double.IsNaN(KktResiduals.Of(new TermProblem(-1).Minimise(x => x[0].Log()), [-1], [], [0]).Largest));
}
