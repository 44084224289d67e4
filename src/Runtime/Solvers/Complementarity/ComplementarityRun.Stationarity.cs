using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>How stationary the solution of a branch is.</summary>
internal sealed partial class ComplementarityRun
{
    /// <summary>More conditions than this have too many branches and sign patterns to look at all.</summary>
    private const int MaxEnumerated = 6;

    /// <summary>What a multiplier may be at a side of a condition.</summary>
    private enum Sign
    {
        Zero,
        Nonnegative,
        Nonpositive,
        Any,
    }

    private readonly List<int> _biactive = [];
    private StationarityKind _kind;
    private bool _isBStationary;
    private MultiplierProblem? _multipliers;
    private AugmentedLagrangianSolver? _multiplierSolver;

    private static readonly (Sign, Sign)[] StrongSigns = [(Sign.Nonnegative, Sign.Nonnegative)];
    private static readonly (Sign, Sign)[] BranchSigns = [(Sign.Any, Sign.Nonnegative), (Sign.Nonnegative, Sign.Any)];
    private static readonly (Sign, Sign)[] MordukhovichSigns = [(Sign.Nonnegative, Sign.Nonnegative), (Sign.Zero, Sign.Any), (Sign.Any, Sign.Zero)];
    private static readonly (Sign, Sign)[] ClarkeSigns = [(Sign.Nonnegative, Sign.Nonnegative), (Sign.Nonpositive, Sign.Nonpositive)];

    /// <summary>The conditions both sides of which are zero at the point just measured.</summary>
    private void FindBiactive(SolveResult at)
    {
        _biactive.Clear();
        for (int k = 0; k < _conditions.Length; k++)
        {
            if (IsBounded(k, at.Point) && IsOpposed(k, at.Point)) _biactive.Add(k);
        }
    }

    private bool IsBounded(int k, ReadOnlySpan<double> x)
    {
        ComplementarityCondition c = _conditions[k];
        double a = Value(c.Bounded, x);
        return IsAt(a, c.Lower) || IsAt(a, c.Upper);
    }

    private static bool IsAt(double value, double side) =>
        double.IsFinite(side) && Math.Abs(value - side) <= BiactiveTolerance * Math.Max(1.0, Math.Abs(side));

    private bool IsOpposed(int k, ReadOnlySpan<double> x)
    {
        ComplementarityCondition c = _conditions[k];
        return IsAt(Value(c.Other, x), c.OtherSide);
    }

    private bool IsAtUpper(int k, ReadOnlySpan<double> x)
    {
        ComplementarityCondition c = _conditions[k];
        double a = Value(c.Bounded, x);
        return Math.Abs(c.Upper - a) < Math.Abs(a - c.Lower);
    }

    /// <summary>The multipliers of a biactive condition's sides, nonnegative where they hold the side back.</summary>
    private (double Bounded, double Opposite) Multipliers(int k, SolveResult at)
    {
        ComplementarityCondition c = _conditions[k];
        double turn = IsAtUpper(k, at.Point) ? -1.0 : 1.0;
        return (turn * Multiplier(c.Bounded, at), turn * c.OtherSign * Multiplier(c.Other, at));
    }

    private static double Multiplier(ComplementarityBody body, SolveResult at) =>
        body.IsVariable ? at.BoundMultipliers[body.Index] : at.ConstraintMultipliers[body.Index];

    /// <summary>The multiplier of the side that is the equation of the branch.</summary>
    private double EquationMultiplier(int k, SolveResult at)
    {
        (double bounded, double opposite) = Multipliers(k, at);
        return _branch[k] == Branch.Between ? opposite : bounded;
    }

    private bool SignsAreRight(SolveResult at)
    {
        double tolerance = SignTolerance(at);
        foreach (int k in _biactive)
        {
            (double bounded, double opposite) = Multipliers(k, at);
            if (Math.Min(bounded, opposite) < -tolerance) return false;
        }
        return true;
    }

    private double SignTolerance(SolveResult at)
    {
        double largest = 1.0;
        foreach (int k in _biactive)
        {
            (double bounded, double opposite) = Multipliers(k, at);
            largest = Math.Max(largest, Math.Max(Math.Abs(bounded), Math.Abs(opposite)));
        }
        return Math.Max(1e-7, 10.0 * _options.Tolerance) * largest;
    }

    /// <summary>
    /// The multipliers of the branch have a wrong sign, and no branch that they point to is better: other multipliers may exist.
    /// The strongest kind of which some exist is looked for; on the way branches without multipliers are tried for descent.
    /// </summary>
    private void Classify(SolveResult at)
    {
        _kind = StationarityKind.W;
        _isBStationary = false;
        PrepareMultipliers(at);
        if (Exists(StrongSigns, _ => 0))
        {
            (_kind, _isBStationary) = (StationarityKind.S, true);
            return;
        }
        if (_biactive.Count > MaxEnumerated)
        {
            // Too many patterns: only what the branch's own multipliers say.
            _kind = KindOf(at);
            return;
        }
        _isBStationary = All(BranchSigns, at);
        if (_solved != at) return;
        if (Any(MordukhovichSigns)) _kind = StationarityKind.M;
        else if (Any(ClarkeSigns)) _kind = StationarityKind.C;
        else if (IsOver) _kind = StationarityKind.None;
    }

    private StationarityKind KindOf(SolveResult at)
    {
        double tolerance = SignTolerance(at);
        StationarityKind kind = StationarityKind.M;
        foreach (int k in _biactive)
        {
            (double bounded, double opposite) = Multipliers(k, at);
            bool isStrong = Math.Min(bounded, opposite) >= -tolerance;
            bool isMordukhovich = isStrong || Math.Min(Math.Abs(bounded), Math.Abs(opposite)) <= tolerance;
            if (isMordukhovich) continue;
            kind = bounded < 0.0 && opposite < 0.0 ? StationarityKind.C : StationarityKind.W;
            if (kind == StationarityKind.W) break;
        }
        return kind;
    }

    private bool Any((Sign, Sign)[] signs)
    {
        int patterns = Patterns(signs.Length);
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            if (Exists(signs, Digit(pattern, signs.Length))) return true;
            if (IsOver) return false;
        }
        return false;
    }

    /// <summary>Whether the point has multipliers in every branch; one in which it has none is solved for a better point.</summary>
    private bool All((Sign, Sign)[] signs, SolveResult at)
    {
        int patterns = Patterns(signs.Length);
        for (int pattern = 0; pattern < patterns; pattern++)
        {
            Func<int, int> digit = Digit(pattern, signs.Length);
            if (Exists(signs, digit)) continue;
            if (IsOver) return false;
            var before = (Branch[])_branch.Clone();
            for (int i = 0; i < _biactive.Count; i++)
            {
                int k = _biactive[i];
                _branch[k] = digit(i) == 1 ? Branch.Between : IsAtUpper(k, at.Point) ? Branch.AtUpper : Branch.AtLower;
            }
            if (AcceptIfBetter(before))
            {
                Improve(_solved!);
                return _isBStationary;
            }
            return false;
        }
        return true;
    }

    private int Patterns(int signs) => (int)Math.Pow(signs, _biactive.Count);

    private static Func<int, int> Digit(int pattern, int signs) => i => pattern / (int)Math.Pow(signs, i) % signs;

    /// <summary>Whether no further program may be solved.</summary>
    private bool IsOver => _endStatus is not null || Seconds > _request.TimeLimit || _cancellation.IsCancellationRequested;

    private void PrepareMultipliers(SolveResult at)
    {
        _multipliers ??= new MultiplierProblem(_problem);
        _multiplierSolver ??= new AugmentedLagrangianSolver(_options with { Tolerance = Math.Min(_options.Tolerance, 1e-9) });
        _multipliers.Linearise(_problem, at.Point, at.ConstraintMultipliers, at.BoundMultipliers);
        Measure(at.Point);
        ReadOnlySpan<double> lower = _problem.VariableLower, upper = _problem.VariableUpper;
        for (int j = 0; j < at.Point.Length; j++) AllowActive(new ComplementarityBody(true, j), at.Point[j], lower[j], upper[j]);
        lower = _problem.ConstraintLower;
        upper = _problem.ConstraintUpper;
        for (int i = 0; i < _values.Length; i++) AllowActive(new ComplementarityBody(false, i), _values[i], lower[i], upper[i]);
        for (int k = 0; k < _conditions.Length; k++)
        {
            bool isBounded = IsBounded(k, at.Point), isOpposed = IsOpposed(k, at.Point);
            if (isBounded && !isOpposed) Allow(_conditions[k].Bounded, Sign.Any, 1.0);
            if (isOpposed && !isBounded) Allow(_conditions[k].Other, Sign.Any, 1.0);
        }
    }

    private void AllowActive(ComplementarityBody body, double value, double lower, double upper) =>
        _multipliers!.Allow(body, negative: IsAt(value, upper), positive: IsAt(value, lower));

    private void Allow(ComplementarityBody body, Sign sign, double turn)
    {
        bool positive = sign is Sign.Nonnegative or Sign.Any, negative = sign is Sign.Nonpositive or Sign.Any;
        if (turn < 0.0) (positive, negative) = (negative, positive);
        _multipliers!.Allow(body, negative, positive);
    }

    /// <summary>Whether multipliers exist with the signs given, for each biactive condition those of one entry.</summary>
    private bool Exists((Sign, Sign)[] signs, Func<int, int> choice)
    {
        for (int i = 0; i < _biactive.Count; i++)
        {
            ComplementarityCondition c = _conditions[_biactive[i]];
            double turn = IsAtUpper(_biactive[i], _solved!.Point) ? -1.0 : 1.0;
            (Sign bounded, Sign opposite) = signs[choice(i)];
            Allow(c.Bounded, bounded, turn);
            Allow(c.Other, opposite, turn * c.OtherSign);
        }
        var request = new SolveRequest { TimeLimit = Math.Max(0.0, _request.TimeLimit - Seconds), Clock = _request.Clock };
        SolveResult at = _multiplierSolver!.Solve(_multipliers!, request, _cancellation);
        double rest = 0.0;
        foreach (double r in at.Point.AsSpan(_problem.ConstraintCount + _problem.VariableCount)) rest = Math.Max(rest, Math.Abs(r));
        return IsSolved(at) && rest <= 1e-6 * _multipliers!.Scale;
    }
}
