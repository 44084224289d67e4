using System.Globalization;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Presolve;

/// <summary>
/// Finds what linear rows, bounds and fixed variables say before any solver runs (Andersen and Andersen, Presolving in linear
/// programming, Math. Program. 71, 1995, §§3.1–3.4; Gondzio, INFORMS J. Comput. 9, 1997, for parallel rows): empty and singleton rows,
/// redundant and forcing rows, redundant sides, parallel rows. Nonlinear rows and the objective may be anything; they are left alone. Only
/// bounds that the reduced problem keeps are used, so that every reduction can be undone with multipliers (<see cref="Postsolve"/>).
/// A few passes over the linear rows, each in linear time.
/// </summary>
internal sealed partial class Presolver
{
    private const int MaxPasses = 10;

    /// <summary>Relative slack within which a side counts as reached.</summary>
    private const double Close = 1e-10;

    /// <summary>Relative violation that is a contradiction, far above the feasibility that solvers ask for.</summary>
    private const double Contradiction = 1e-6;

    private readonly INlpProblem _problem;
    private readonly SparsePattern _pattern;
    private readonly double[] _coefficients;
    private readonly double[] _constants;
    private readonly List<Reduction> _stack = [];
    private readonly int[] _lowerFrom;
    private readonly int[] _upperFrom;
    private bool _changed;

    private Presolver(INlpProblem problem, double[] coefficients, double[] constants)
    {
        _problem = problem;
        _pattern = problem.JacobianPattern;
        _coefficients = coefficients;
        _constants = constants;
        Lower = problem.VariableLower.ToArray();
        Upper = problem.VariableUpper.ToArray();
        RowLower = problem.ConstraintLower.ToArray();
        RowUpper = problem.ConstraintUpper.ToArray();
        _lowerFrom = new int[Lower.Length];
        _upperFrom = new int[Lower.Length];
        Array.Fill(_lowerFrom, -1);
        Array.Fill(_upperFrom, -1);
        FixedAt = new int[Lower.Length];
        Array.Fill(FixedAt, -1);
        RowIsGone = new bool[RowLower.Length];
    }

    /// <summary>Bounds in force (n); of a fixed variable both are its value.</summary>
    public double[] Lower { get; }

    public double[] Upper { get; }

    /// <summary>Sides in force (m).</summary>
    public double[] RowLower { get; }

    public double[] RowUpper { get; }

    /// <summary>For each variable the reduction that fixed it, −1 for one that may move.</summary>
    public int[] FixedAt { get; }

    public bool[] RowIsGone { get; }

    /// <summary>Reductions in the order in which they were made.</summary>
    public IReadOnlyList<Reduction> Stack => _stack;

    /// <summary>Coefficients of linear rows by position in the Jacobian's pattern.</summary>
    public ReadOnlySpan<double> Coefficients => _coefficients;

    public PresolveReport Report { get; } = new();

    /// <summary>Reduces a problem; null when there is nothing to look at: no linear row and no fixed variable.</summary>
    public static Presolver? Run(INlpProblem problem)
    {
        int n = problem.VariableCount, m = problem.ConstraintCount;
        IReadOnlyList<bool> isLinear = problem.Structure.ConstraintIsLinear;
        bool hasLinear = false, hasFixed = false;
        if (isLinear.Count == m)
        {
            for (int i = 0; i < m && !hasLinear; i++) hasLinear = isLinear[i];
        }
        for (int j = 0; j < n && !hasFixed; j++) hasFixed = problem.VariableLower[j] == problem.VariableUpper[j];
        if (!hasLinear && !hasFixed) return null;
        var coefficients = new double[problem.JacobianPattern.Count];
        var constants = new double[m];
        if (hasLinear)
        {
            // At zero a linear row has the value of its constant; what nonlinear rows have there is no matter.
            var zero = new double[n];
            problem.Constraints(zero, constants);
            problem.Jacobian(zero, coefficients);
        }
        var presolver = new Presolver(problem, coefficients, constants);
        presolver.Reduce(hasLinear);
        return presolver;
    }

    private void Reduce(bool hasLinear)
    {
        for (int j = 0; j < Lower.Length; j++)
        {
            if (Lower[j] == Upper[j]) Fix(j);
        }
        if (!hasLinear) return;
        IReadOnlyList<bool> isLinear = _problem.Structure.ConstraintIsLinear;
        bool[] linear = new bool[RowLower.Length];
        for (int i = 0; i < linear.Length; i++) linear[i] = isLinear[i] && IsUsable(i);
        int passes = 0;
        do
        {
            _changed = false;
            for (int i = 0; i < linear.Length; i++)
            {
                if (linear[i] && !RowIsGone[i]) Look(i);
                if (Report.IsInfeasible) return;
            }
        }
        while (_changed && ++passes < MaxPasses);
        MergeParallelRows(linear);
        if (!Report.IsInfeasible) ProveInfeasible(linear);
    }

    private bool IsUsable(int i)
    {
        if (!double.IsFinite(_constants[i])) return false;
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
        {
            if (!double.IsFinite(_coefficients[k])) return false;
        }
        return true;
    }

    /// <summary>What one linear row says with the bounds in force.</summary>
    private void Look(int i)
    {
        Activity a = ActivityOf(i, Lower, Upper);
        double lower = RowLower[i], upper = RowUpper[i];
        double lowerSlack = Close * Math.Max(1.0, Math.Abs(lower)), upperSlack = Close * Math.Max(1.0, Math.Abs(upper));
        if (IsContradiction(i, a, "the bounds")) return;
        if (a.Free == 0)
        {
            // A tiny contradiction is left to the solver's tolerance.
            if (a.Least < lower - lowerSlack || a.Largest > upper + upperSlack) return;
            Remove(i);
            Report.EmptyRows++;
            return;
        }
        bool lowerHolds = a.Least - a.Rounding >= lower - lowerSlack, upperHolds = a.Largest + a.Rounding <= upper + upperSlack;
        if (lowerHolds && upperHolds)
        {
            Remove(i);
            Report.RedundantRows++;
        }
        else if (a.Free == 1)
        {
            TakeSingleton(i, a);
        }
        else if (Math.Abs(a.Largest - lower) <= a.Rounding)
        {
            Force(i, byLower: true);
        }
        else if (Math.Abs(a.Least - upper) <= a.Rounding)
        {
            Force(i, byLower: false);
        }
        else if (lower < upper && lowerHolds && !double.IsNegativeInfinity(lower))
        {
            RowLower[i] = double.NegativeInfinity;
            Report.RedundantSides++;
        }
        else if (lower < upper && upperHolds && !double.IsPositiveInfinity(upper))
        {
            RowUpper[i] = double.PositiveInfinity;
            Report.RedundantSides++;
        }
    }

    private bool IsContradiction(int i, in Activity a, string within)
    {
        double lower = RowLower[i], upper = RowUpper[i];
        bool tooLow = a.Largest + a.Rounding < lower - Contradiction * Math.Max(1.0, Math.Abs(lower));
        bool tooHigh = a.Least - a.Rounding > upper + Contradiction * Math.Max(1.0, Math.Abs(upper));
        if (!tooLow && !tooHigh) return false;
        Report.Contradicting = WithBounds(i, tooHigh);
        Report.Reason = tooLow
            ? $"its variable part is at most {Text(a.Largest - _constants[i])} within {within}, and has to be at least {Text(lower - _constants[i])}"
            : $"its variable part is at least {Text(a.Least - _constants[i])} within {within}, and has to be at most {Text(upper - _constants[i])}";
        return true;
    }

    /// <summary>The row, and the rows that gave the bounds at which it is least (or largest), at most ten in all.</summary>
    private int[] WithBounds(int i, bool least)
    {
        const int Most = 10;
        var rows = new List<int> { i };
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1] && rows.Count < Most; k++)
        {
            int j = _pattern.Indices[k];
            double a = _coefficients[k];
            if (a == 0.0) continue;
            int from = a > 0.0 == least ? _lowerFrom[j] : _upperFrom[j];
            if (from >= 0 && !rows.Contains(from)) rows.Add(from);
        }
        return [.. rows];
    }

    private static string Text(double value) => value.ToString("G10", CultureInfo.InvariantCulture);

    private void Remove(int i)
    {
        RowIsGone[i] = true;
        _changed = true;
    }

    /// <summary>L ≤ a·x + c ≤ U becomes bounds of x, where they are tighter than those it has.</summary>
    private void TakeSingleton(int i, in Activity activity)
    {
        double a = _coefficients[activity.Entry];
        int j = _pattern.Indices[activity.Entry];
        double first = (RowLower[i] - activity.Fixed) / a, second = (RowUpper[i] - activity.Fixed) / a;
        double lower = a > 0.0 ? first : second, upper = a > 0.0 ? second : first;
        if (!double.IsFinite(lower) && !double.IsNegativeInfinity(lower)) return;
        if (!double.IsFinite(upper) && !double.IsPositiveInfinity(upper)) return;
        if (RowLower[i] == RowUpper[i]) upper = lower;
        bool tightensLower = lower > Lower[j], tightensUpper = upper < Upper[j];
        double newLower = tightensLower ? lower : Lower[j], newUpper = tightensUpper ? upper : Upper[j];
        if (newLower > newUpper)
        {
            // The row has been found consistent within a tolerance: what is left is rounding, unless the variable moves by more than that.
            if (newLower - newUpper > Close * Math.Max(1.0, Math.Abs(newLower))) return;
            if (tightensLower) newLower = newUpper;
            else newUpper = newLower;
        }
        // No point is strictly between bounds that differ by rounding.
        if (double.IsFinite(newLower) && newUpper - newLower <= 1e-13 * Math.Max(1.0, Math.Abs(newLower))) newUpper = newLower;
        Lower[j] = newLower;
        Upper[j] = newUpper;
        if (tightensLower) _lowerFrom[j] = i;
        if (tightensUpper) _upperFrom[j] = i;
        Remove(i);
        Report.SingletonRows++;
        _stack.Add(new Reduction(ReductionKind.SingletonRow, i, j, a, tightensLower, tightensUpper));
        if (newLower == newUpper) Fix(j);
    }

    private void Fix(int j)
    {
        FixedAt[j] = _stack.Count;
        _stack.Add(new Reduction(ReductionKind.FixedVariable, -1, j, 0.0, false, false));
        Report.FixedVariables++;
        _changed = true;
    }

    /// <summary>The row holds at one corner only: where it is largest (its lower side forces), or least.</summary>
    private void Force(int i, bool byLower)
    {
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
        {
            int j = _pattern.Indices[k];
            double a = _coefficients[k];
            if (a == 0.0 || FixedAt[j] >= 0) continue;
            if (a > 0.0 == byLower) Lower[j] = Upper[j];
            else Upper[j] = Lower[j];
            _lowerFrom[j] = _upperFrom[j] = i;
            FixedAt[j] = _stack.Count;
            Report.FixedVariables++;
        }
        Remove(i);
        Report.ForcingRows++;
        _stack.Add(new Reduction(ReductionKind.ForcingRow, i, -1, 1.0, byLower, !byLower));
    }

    /// <summary>The range of a row's body within bounds.</summary>
    /// <param name="Least">Least value, −∞ when unbounded.</param>
    /// <param name="Largest">Largest value.</param>
    /// <param name="Fixed">What fixed variables and the constant sum to.</param>
    /// <param name="Rounding">What rounding may have done to the sums.</param>
    /// <param name="Free">Variables that may move.</param>
    /// <param name="Entry">Position of the last of them in the pattern.</param>
    private readonly record struct Activity(double Least, double Largest, double Fixed, double Rounding, int Free, int Entry);

    private Activity ActivityOf(int i, double[] lower, double[] upper)
    {
        double least = 0.0, largest = 0.0, known = _constants[i], size = Math.Abs(known);
        int free = 0, entry = -1;
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
        {
            int j = _pattern.Indices[k];
            double a = _coefficients[k];
            if (a == 0.0) continue;
            if (FixedAt[j] >= 0)
            {
                known += a * lower[j];
                size += Math.Abs(a * lower[j]);
                continue;
            }
            double low = a > 0.0 ? a * lower[j] : a * upper[j], high = a > 0.0 ? a * upper[j] : a * lower[j];
            least += low;
            largest += high;
            if (double.IsFinite(low)) size += Math.Abs(low);
            if (double.IsFinite(high)) size += Math.Abs(high);
            free++;
            entry = k;
        }
        return new Activity(least + known, largest + known, known, 1e-15 * size, free, entry);
    }
}
