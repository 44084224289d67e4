using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>The finish: the branch of a point, its solution, and the branches next to it.</summary>
internal sealed partial class ComplementarityRun
{
    private const int MaxFlips = 8;
    private const int MaxPivots = 50;

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
        Measure(start);
        double[] doubt = new double[_conditions.Length];
        for (int k = 0; k < _conditions.Length; k++) (_branch[k], doubt[k]) = Nearest(_conditions[k], start);
        SolveResult? at = SolveBranch(start, rows, bounds);
        if (at is null || !IsSolved(at))
        {
            if (at is not null && Stops(at.Status)) return EndStopped(at);
            if (at is { Status: SolveStatus.Unbounded }) return EndUnbounded(at);
            at = SolveFlipped(start, doubt);
            if (at is null) return false;
            if (Stops(at.Status)) return EndStopped(at);
        }
        Improve(at);
        return true;
    }

    /// <summary>Other branches of the conditions that are least clear at the point, one at a time.</summary>
    private SolveResult? SolveFlipped(double[] start, double[] doubt)
    {
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
            if (SignsAreRight(_solved))
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
        if (_solved is null || Seconds > _request.TimeLimit || _cancellation.IsCancellationRequested) return Back(before);
        SolveResult? at = SolveBranch(_solved.Point, null, null);
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

    /// <summary>The branch nearest to a point and how much it is in doubt: the smaller side relative to the larger.</summary>
    private (Branch Branch, double Doubt) Nearest(ComplementarityCondition c, ReadOnlySpan<double> x)
    {
        double a = Value(c.Bounded, x), h = c.Opposite(Value(c.Other, x));
        bool isUpper = double.IsNegativeInfinity(c.Lower) || (!double.IsPositiveInfinity(c.Upper) && h < 0.0);
        double distance = Math.Abs(isUpper ? c.Upper - a : a - c.Lower), size = Math.Abs(h);
        double doubt = Math.Min(distance, size) / Math.Max(1e-300, Math.Max(distance, size));
        Branch branch = distance <= size ? isUpper ? Branch.AtUpper : Branch.AtLower : Branch.Between;
        return (branch, doubt);
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
