namespace Optc.Runtime.Solvers.Presolve;

/// <summary>
/// Bounds that rows imply, row after row, to find a row that contradicts them (Andersen and Andersen 1995, §3.3). They prove infeasibility
/// and nothing else: a solver that was given them would need multipliers for them.
/// </summary>
internal sealed partial class Presolver
{
    private const int ImpliedPasses = 3;

    private void ProveInfeasible(bool[] linear)
    {
        double[] lower = (double[])Lower.Clone(), upper = (double[])Upper.Clone();
        for (int pass = 0; pass < ImpliedPasses; pass++)
        {
            bool changed = false;
            for (int i = 0; i < linear.Length; i++)
            {
                if (!linear[i] || RowIsGone[i]) continue;
                Activity a = ActivityOf(i, lower, upper);
                if (IsContradiction(i, a, pass == 0 && !changed ? "the bounds" : "the bounds and what other constraints imply")) return;
                changed |= Tighten(i, a, lower, upper);
            }
            if (!changed) return;
        }
    }

    /// <summary>For each variable of the row what the others leave to it. A row with two unbounded variables on a side says nothing there.</summary>
    private bool Tighten(int i, in Activity a, double[] lower, double[] upper)
    {
        const double Worthwhile = 1e-3;
        bool fromUpper = double.IsFinite(RowUpper[i]) && double.IsFinite(a.Least), fromLower = double.IsFinite(RowLower[i]) && double.IsFinite(a.Largest);
        if (!fromUpper && !fromLower) return false;
        bool changed = false;
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
        {
            int j = _pattern.Indices[k];
            double c = _coefficients[k];
            if (c == 0.0 || FixedAt[j] >= 0) continue;
            double low = lower[j], high = upper[j];
            // c·x may rise above its least by what the row's upper side leaves, and fall below its largest likewise.
            double rise = fromUpper ? (RowUpper[i] - a.Least + a.Rounding) / Math.Abs(c) : double.PositiveInfinity;
            double fall = fromLower ? (a.Largest - RowLower[i] + a.Rounding) / Math.Abs(c) : double.PositiveInfinity;
            rise = Math.Max(0.0, rise);
            fall = Math.Max(0.0, fall);
            double newHigh = c > 0.0 ? low + rise : low + fall, newLow = c > 0.0 ? high - fall : high - rise;
            double room = Worthwhile * Math.Max(1.0, Math.Abs(high - low));
            // A little is given back, so that rounding cannot pile up to a contradiction.
            if (newHigh < high && (double.IsInfinity(high) || high - newHigh > room)) upper[j] = Math.Max(low, Give(newHigh, 1.0, ref changed));
            if (newLow > low && (double.IsInfinity(low) || newLow - low > room)) lower[j] = Math.Min(upper[j], Give(newLow, -1.0, ref changed));
        }
        return changed;

        static double Give(double value, double sign, ref bool changed)
        {
            changed = true;
            return value + sign * 1e-9 * Math.Max(1.0, Math.Abs(value));
        }
    }
}
