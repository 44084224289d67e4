using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>The finish: the branch of a point, its solution, and the branches next to it.</summary>
internal sealed partial class ComplementarityRun
{
    private const int MaxFlips = 8;
    private const int MaxPivots = 50;
    private const int MaxCorrections = 5;
    private const int MaxActiveSets = 50;

    /// <summary>Both sides of a condition closer to zero than this are zero.</summary>
    private const double BiactiveTolerance = 1e-6;

    private readonly BranchProblem _branchProblem;
    private readonly AugmentedLagrangianSolver _branchSolver;
    private readonly Branch[] _branch;
    private readonly double[] _values;
    private int _branches;
    private SolveResult? _solved;

    /// <summary>From a point near a solution to the end; false when no branch near it could be solved.</summary>
    private bool FinishFrom(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        double[] start = x.ToArray();
        double[]? rows = y.IsEmpty ? null : y.ToArray(), bounds = z.IsEmpty ? null : z.ToArray();
        TakeNearest(start);
        if (!_hasObjective)
        {
            if (Settled(start) is { } settled) (start, rows, bounds) = (settled, null, null);
            else TakeNearest(start);
        }
        SolveResult? at = SolveBranch(start, rows, bounds);
        for (int correction = 0; correction < MaxCorrections && at is not null && IsInDoubt(at.Status); correction++)
        {
            // The active-set step of semismooth Newton methods: a side that is violated at the end becomes the equation.
            if (!TakeNearest(at.Point)) break;
            SolveResult? next = SolveBranch(at.Point, null, null);
            if (next is null || (IsSolved(at) && !IsSolved(next) && !Stops(next.Status))) break;
            at = next;
        }
        if (at is { Status: SolveStatus.Unbounded }) return EndUnbounded(at);
        if (at is null || !(IsSolved(at) || Stops(at.Status))) at = SolveFlipped(start);
        if (at is null) return false;
        if (Stops(at.Status)) return EndStopped(at);
        Improve(at);
        return true;
    }

    /// <summary>
    /// The primal-dual active-set method for systems without an objective (Hintermüller, Ito and Kunisch 2003): the equations of
    /// the branch alone, then the branch nearest to their solution, until it stays. Null when it does not.
    /// </summary>
    private double[]? Settled(double[] start)
    {
        double[] x = start;
        for (int step = 0; step < MaxActiveSets && !IsOver; step++)
        {
            if (!_branchProblem.TakeEquations(_branch)) return null;
            _branches++;
            SolveResult at = Run(_branchSolver, _branchProblem, x, null, null);
            if (!IsSolved(at)) return null;
            x = at.Point;
            if (!TakeNearest(x)) return x;
        }
        return null;
    }

    /// <summary>Statuses of a branch that may come from a side chosen wrongly.</summary>
    private static bool IsInDoubt(SolveStatus status) =>
        status is SolveStatus.SolvedToAcceptable or SolveStatus.Infeasible or SolveStatus.NumericalFailure or SolveStatus.IterationLimit;

    /// <summary>Takes the branch nearest to a point; true when it is another than the one at hand.</summary>
    private bool TakeNearest(double[] x)
    {
        Measure(x);
        bool isNew = false;
        for (int k = 0; k < _conditions.Length; k++)
        {
            Branch nearest = Nearest(_conditions[k], x);
            isNew |= nearest != _branch[k];
            _branch[k] = nearest;
        }
        return isNew;
    }

    /// <summary>Other branches of the conditions that are least clear at the point, one at a time.</summary>
    private SolveResult? SolveFlipped(double[] start)
    {
        TakeNearest(start);
        double[] doubt = [.. _conditions.Select(c => Doubt(c, start))];
        int[] order = [.. Enumerable.Range(0, _conditions.Length).OrderByDescending(k => doubt[k]).ThenBy(k => k).Take(MaxFlips)];
        foreach (int k in order)
        {
            Branch before = _branch[k];
            _branch[k] = Flipped(k, start);
            SolveResult? at = SolveBranch(start, null, null);
            if (at is not null && (IsSolved(at) || Stops(at.Status))) return at;
            _branch[k] = before;
        }
        return null;
    }

    /// <summary>Solves the branch at hand; null when its equations contradict each other.</summary>
    private SolveResult? SolveBranch(double[] start, double[]? y, double[]? z)
    {
        if (!_branchProblem.Take(_branch)) return null;
        _branches++;
        return Run(_branchSolver, _branchProblem, start, y, z);
    }

    /// <summary>From the solution of a branch to better ones next to it, until it is stationary in all, or nothing is better.</summary>
    private void Improve(SolveResult at)
    {
        _solved = at;
        for (int pivot = 0; pivot < MaxPivots; pivot++)
        {
            Measure(_solved.Point);
            FindBiactive(_solved);
            // Without an objective all multipliers may be zero.
            if (!_hasObjective || SignsAreRight(_solved))
            {
                (_kind, _isBStationary) = (StationarityKind.S, true);
                return;
            }
            if (!Pivot()) break;
        }
        Classify(_solved!);
    }

    /// <summary>
    /// A condition whose equation has a multiplier of the wrong sign may leave it: first all of them at once, then each alone,
    /// then the branches in which the point has no multipliers. True when the objective has fallen.
    /// </summary>
    private bool Pivot()
    {
        int[] wrong = [.. _biactive.Where(k => EquationMultiplier(k, _solved!) < -SignTolerance(_solved!))];
        if (wrong.Length > 1 && TryFlips(wrong)) return true;
        foreach (int k in wrong.Take(MaxFlips))
        {
            if (TryFlips([k])) return true;
        }
        return false;
    }

    private bool TryFlips(int[] flipped)
    {
        var before = (Branch[])_branch.Clone();
        foreach (int k in flipped) _branch[k] = Flipped(k, _solved!.Point);
        return AcceptIfBetter(before);
    }

    /// <summary>Solves the branch at hand from the present solution; goes back to the branch before when it is no better.</summary>
    private bool AcceptIfBetter(Branch[] before)
    {
        if (_solved is null || IsOver) return Back(before);
        SolveResult? at = SolveBranch(_solved.Point, null, null);
        if (at is { Status: SolveStatus.Unbounded }) EndUnbounded(at);
        double fall = 10.0 * _options.Tolerance * Math.Max(1.0, Math.Abs(_solved.Objective));
        if (at is null || !IsSolved(at) || !(at.Objective < _solved.Objective - fall)) return Back(before);
        _solved = at;
        return true;
    }

    private bool Back(Branch[] before)
    {
        before.CopyTo(_branch, 0);
        return false;
    }

    /// <summary>The branch nearest to a point: where Π(a − h) is, so that a side that is violated becomes the equation.</summary>
    private Branch Nearest(ComplementarityCondition c, ReadOnlySpan<double> x)
    {
        double a = Value(c.Bounded, x), h = c.Opposite(Value(c.Other, x));
        if (a - c.Lower <= h) return Branch.AtLower;
        return c.Upper - a <= -h ? Branch.AtUpper : Branch.Between;
    }

    /// <summary>How much the branch nearest to a point is in doubt: the smaller side relative to the larger.</summary>
    private double Doubt(ComplementarityCondition c, double[] x)
    {
        double a = Value(c.Bounded, x), h = Math.Abs(c.Opposite(Value(c.Other, x)));
        double distance = Math.Min(Math.Abs(a - c.Lower), Math.Abs(c.Upper - a));
        return Math.Min(distance, h) / Math.Max(1e-300, Math.Max(distance, h));
    }

    /// <summary>The other branch of a condition: from its equation to that of the side it is nearest to.</summary>
    private Branch Flipped(int k, ReadOnlySpan<double> x)
    {
        if (_branch[k] != Branch.Between) return Branch.Between;
        ComplementarityCondition c = _conditions[k];
        double a = Value(c.Bounded, x);
        return Math.Abs(a - c.Lower) <= Math.Abs(c.Upper - a) ? Branch.AtLower : Branch.AtUpper;
    }

    private static bool IsSolved(SolveResult at) => at.Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
}
