namespace Optc.Runtime.Solvers.Presolve;

/// <summary>Rows that are multiples of each other in the variables that may move: one stays, with the tighter sides of both.</summary>
internal sealed partial class Presolver
{
    /// <summary>Relative difference of coefficients below which they are the same: some units in the last place.</summary>
    private const double SameCoefficient = 4e-15;

    private void MergeParallelRows(bool[] linear)
    {
        var last = new Dictionary<ulong, int>();
        int[] previous = new int[linear.Length];
        for (int i = 0; i < linear.Length; i++)
        {
            if (!linear[i] || RowIsGone[i]) continue;
            ulong hash = HashOf(i);
            int known = last.GetValueOrDefault(hash, -1), other = known;
            while (other >= 0 && !IsMerged(other, i)) other = previous[other];
            if (Report.IsInfeasible) return;
            if (other >= 0) continue;
            previous[i] = known;
            last[hash] = i;
        }
    }

    /// <summary>Of positions and of ratios to the first coefficient, cut to single precision; what it misses stays as it is.</summary>
    private ulong HashOf(int i)
    {
        ulong hash = 14695981039346656037UL;
        double first = 0.0;
        for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
        {
            int j = _pattern.Indices[k];
            double a = _coefficients[k];
            if (a == 0.0 || FixedAt[j] >= 0) continue;
            if (first == 0.0) first = a;
            hash = (hash ^ (uint)j) * 1099511628211UL;
            hash = (hash ^ BitConverter.SingleToUInt32Bits((float)(a / first))) * 1099511628211UL;
        }
        return hash;
    }

    /// <summary>The factor t with row = t · kept in the variables that may move; 0 when there is none.</summary>
    private double FactorOf(int kept, int row)
    {
        int p = _pattern.Starts[kept], q = _pattern.Starts[row], pEnd = _pattern.Starts[kept + 1], qEnd = _pattern.Starts[row + 1];
        double factor = 0.0;
        while (true)
        {
            while (p < pEnd && (_coefficients[p] == 0.0 || FixedAt[_pattern.Indices[p]] >= 0)) p++;
            while (q < qEnd && (_coefficients[q] == 0.0 || FixedAt[_pattern.Indices[q]] >= 0)) q++;
            if (p == pEnd || q == qEnd) return p == pEnd && q == qEnd ? factor : 0.0;
            if (_pattern.Indices[p] != _pattern.Indices[q]) return 0.0;
            if (factor == 0.0) factor = _coefficients[q] / _coefficients[p];
            if (Math.Abs(_coefficients[q] - factor * _coefficients[p]) > SameCoefficient * Math.Abs(_coefficients[q])) return 0.0;
            p++;
            q++;
        }
    }

    private bool IsMerged(int kept, int row)
    {
        double factor = FactorOf(kept, row);
        if (factor == 0.0 || !double.IsFinite(1.0 / factor)) return false;
        // Sides of the row for the body of the one that stays: both bodies have parts that no longer move.
        double shift = ActivityOf(kept, Lower, Upper).Fixed, own = ActivityOf(row, Lower, Upper).Fixed;
        double first = (RowLower[row] - own) / factor + shift, second = (RowUpper[row] - own) / factor + shift;
        double lower = factor > 0.0 ? first : second, upper = factor > 0.0 ? second : first;
        if (RowLower[row] == RowUpper[row]) upper = lower;
        bool takesLower = lower > RowLower[kept], takesUpper = upper < RowUpper[kept];
        double newLower = takesLower ? lower : RowLower[kept], newUpper = takesUpper ? upper : RowUpper[kept];
        double size = Math.Max(1.0, Math.Max(Math.Abs(shift), Math.Abs(own / factor)));
        if (newLower > newUpper)
        {
            double gap = newLower - newUpper, sides = Math.Max(size, Math.Max(Math.Abs(newLower), Math.Abs(newUpper)));
            if (gap > Contradiction * sides)
            {
                Report.Contradicting = [kept, row];
                Report.Reason = "they are multiples of each other, and no value is within the sides of both";
                return false;
            }
            if (gap > Close * sides) return false;
            if (takesLower) newLower = newUpper;
            else newUpper = newLower;
        }
        RowLower[kept] = newLower;
        RowUpper[kept] = newUpper;
        Remove(row);
        Report.ParallelRows++;
        _stack.Add(new Reduction(ReductionKind.ParallelRow, row, kept, factor, takesLower, takesUpper));
        return true;
    }
}
