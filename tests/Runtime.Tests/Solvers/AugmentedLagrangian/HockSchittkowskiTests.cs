using Optc.Runtime.Tests.Models;
using Xunit;
using static System.Double;

namespace Optc.Runtime.Tests.Solvers.AugmentedLagrangian;

/// <summary>Problems of Hock and Schittkowski, Test Examples for Nonlinear Programming Codes (1981), with their values.</summary>
public class HockSchittkowskiTests
{
    [Fact]
    public void P001() => SolverCase.IsSolved(
        new TermProblem(-2, 1).Bound(1, -1.5, PositiveInfinity).Minimise(x => 100 * (x[1] - x[0].Squared()).Squared() + (1 - x[0]).Squared()), 0);

    [Fact]
    public void P005() => SolverCase.IsSolved(
        new TermProblem(0, 0).Bound(0, -1.5, 4).Bound(1, -3, 3).Minimise(x => (x[0] + x[1]).Sin() + (x[0] - x[1]).Squared() - 1.5 * x[0] + 2.5 * x[1] + 1),
        -Math.Sqrt(3) / 2 - Math.PI / 3);

    [Fact]
    public void P006() => SolverCase.IsSolved(
        new TermProblem(-1.2, 1).Minimise(x => (1 - x[0]).Squared()).Subject(0, x => 10 * (x[1] - x[0].Squared()), 0), 0);

    [Fact]
    public void P007() => SolverCase.IsSolved(
        new TermProblem(2, 2).Minimise(x => (1 + x[0].Squared()).Log() - x[1]).Subject(4, x => (1 + x[0].Squared()).Squared() + x[1].Squared(), 4), -Math.Sqrt(3));

    [Fact]
    public void P010() => SolverCase.IsSolved(
        new TermProblem(-10, 10).Minimise(x => x[0] - x[1]).Subject(-1, x => -3 * x[0].Squared() + 2 * x[0] * x[1] - x[1].Squared(), PositiveInfinity), -1);

    [Fact]
    public void P012() => SolverCase.IsSolved(
        new TermProblem(0, 0).Minimise(x => 0.5 * x[0].Squared() + x[1].Squared() - x[0] * x[1] - 7 * (x[0] + x[1]))
            .Subject(NegativeInfinity, x => 4 * x[0].Squared() + x[1].Squared(), 25), -30);

    [Fact]
    public void P019() => SolverCase.IsSolved(
        new TermProblem(20.1, 5.84).Bound(0, 13, 100).Bound(1, 0, 100).Minimise(x => (x[0] - 10).Pow(3) + (x[1] - 20).Pow(3))
            .Subject(100, x => (x[0] - 5).Squared() + (x[1] - 5).Squared(), PositiveInfinity)
            .Subject(NegativeInfinity, x => (x[0] - 6).Squared() + (x[1] - 5).Squared(), 82.81), -6961.81388);

    [Fact]
    public void P026() => SolverCase.IsSolved(
        new TermProblem(-2.6, 2, 2).Minimise(x => (x[0] - x[1]).Squared() + (x[1] - x[2]).Pow(4))
            .Subject(3, x => (1 + x[1].Squared()) * x[0] + x[2].Pow(4), 3), 0);

    [Fact]
    public void P029() => SolverCase.IsSolved(
        new TermProblem(1, 1, 1).Minimise(x => -(x[0] * x[1] * x[2])).Subject(NegativeInfinity, x => x[0].Squared() + 2 * x[1].Squared() + 4 * x[2].Squared(), 48),
        -16 * Math.Sqrt(2));

    [Fact]
    public void P034() => SolverCase.IsSolved(
        new TermProblem(0, 1.05, 2.9).Bound(0, 0, 100).Bound(1, 0, 100).Bound(2, 0, 10).Minimise(x => -x[0])
            .Subject(0, x => x[1] - x[0].Exp(), PositiveInfinity).Subject(0, x => x[2] - x[1].Exp(), PositiveInfinity), -Math.Log(Math.Log(10)));

    [Fact]
    public void P035() => SolverCase.IsSolved(
        new TermProblem(0.5, 0.5, 0.5).Box(0, PositiveInfinity)
            .Minimise(x => 9 - 8 * x[0] - 6 * x[1] - 4 * x[2] + 2 * x[0].Squared() + 2 * x[1].Squared() + x[2].Squared() + 2 * x[0] * x[1] + 2 * x[0] * x[2])
            .Subject(NegativeInfinity, x => x[0] + x[1] + 2 * x[2], 3), 1.0 / 9);

    [Fact]
    public void P039() => SolverCase.IsSolved(
        new TermProblem(2, 2, 2, 2).Minimise(x => -x[0]).Subject(0, x => x[1] - x[0].Pow(3) - x[2].Squared(), 0)
            .Subject(0, x => x[0].Squared() - x[1] - x[3].Squared(), 0), -1);

    [Fact]
    public void P040() => SolverCase.IsSolved(
        new TermProblem(0.8, 0.8, 0.8, 0.8).Minimise(x => -(x[0] * x[1] * x[2] * x[3])).Subject(1, x => x[0].Pow(3) + x[1].Squared(), 1)
            .Subject(0, x => x[0].Squared() * x[3] - x[2], 0).Subject(0, x => x[3].Squared() - x[1], 0), -0.25);

    [Fact]
    public void P052() => SolverCase.IsSolved(
        new TermProblem(2, 2, 2, 2, 2)
            .Minimise(x => (4 * x[0] - x[1]).Squared() + (x[1] + x[2] - 2).Squared() + (x[3] - 1).Squared() + (x[4] - 1).Squared())
            .Subject(0, x => x[0] + 3 * x[1], 0).Subject(0, x => x[2] + x[3] - 2 * x[4], 0).Subject(0, x => x[1] - x[4], 0), 1859.0 / 349);

    [Fact]
    public void P060() => SolverCase.IsSolved(
        new TermProblem(2, 2, 2).Box(-10, 10).Minimise(x => (x[0] - 1).Squared() + (x[0] - x[1]).Squared() + (x[1] - x[2]).Pow(4))
            .Subject(4 + 3 * Math.Sqrt(2), x => x[0] * (1 + x[1].Squared()) + x[2].Pow(4), 4 + 3 * Math.Sqrt(2)), 0.03256820025);

    [Fact]
    public void P065() => SolverCase.IsSolved(
        new TermProblem(-5, 5, 0).Bound(0, -4.5, 4.5).Bound(1, -4.5, 4.5).Bound(2, -5, 5)
            .Minimise(x => (x[0] - x[1]).Squared() + (x[0] + x[1] - 10).Squared() / 9 + (x[2] - 5).Squared())
            .Subject(NegativeInfinity, x => x[0].Squared() + x[1].Squared() + x[2].Squared(), 48), 0.9535288567);

    [Fact]
    public void P071() => SolverCase.IsSolved(new Hs071(), 17.0140173);

    [Fact]
    public void P078() => SolverCase.IsSolved(
        new TermProblem(-2, 1.5, 2, -1, -1).Minimise(x => x[0] * x[1] * x[2] * x[3] * x[4])
            .Subject(10, x => x[0].Squared() + x[1].Squared() + x[2].Squared() + x[3].Squared() + x[4].Squared(), 10)
            .Subject(0, x => x[1] * x[2] - 5 * x[3] * x[4], 0).Subject(-1, x => x[0].Pow(3) + x[1].Pow(3), -1), -2.91970041);

    [Fact]
    public void P100() => SolverCase.IsSolved(
        new TermProblem(1, 2, 0, 4, 0, 1, 1)
            .Minimise(x => (x[0] - 10).Squared() + 5 * (x[1] - 12).Squared() + x[2].Pow(4) + 3 * (x[3] - 11).Squared() + 10 * x[4].Pow(6)
                + 7 * x[5].Squared() + x[6].Pow(4) - 4 * x[5] * x[6] - 10 * x[5] - 8 * x[6])
            .Subject(NegativeInfinity, x => 2 * x[0].Squared() + 3 * x[1].Pow(4) + x[2] + 4 * x[3].Squared() + 5 * x[4], 127)
            .Subject(NegativeInfinity, x => 7 * x[0] + 3 * x[1] + 10 * x[2].Squared() + x[3] - x[4], 282)
            .Subject(NegativeInfinity, x => 23 * x[0] + x[1].Squared() + 6 * x[5].Squared() - 8 * x[6], 196)
            .Subject(NegativeInfinity, x => 4 * x[0].Squared() + x[1].Squared() - 3 * x[0] * x[1] + 2 * x[2].Squared() + 5 * x[5] - 11 * x[6], 0), 680.6300573);

    [Fact]
    public void P110() => SolverCase.IsSolved(
        new TermProblem(9, 9, 9, 9, 9, 9, 9, 9, 9, 9).Box(2.001, 9.999)
            .Minimise(x => x.Select(v => (v - 2).Log().Squared() + (10 - v).Log().Squared()).Aggregate((a, b) => a + b) - x.Aggregate((a, b) => a * b).Pow(0.2)),
        -45.77846971);
}
