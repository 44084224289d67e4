using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Complementarity;

/// <summary>G = FirstSign·(v[First] − FirstSide) ≥ 0 and H = SecondSign·(v[Second] − SecondSide) ≥ 0, one of them zero.</summary>
internal readonly record struct RelaxedPair(int First, double FirstSide, double FirstSign, int Second, double SecondSide, double SecondSign)
{
    public double FirstValue(ReadOnlySpan<double> v) => FirstSign * (v[First] - FirstSide);

    public double SecondValue(ReadOnlySpan<double> v) => SecondSign * (v[Second] - SecondSide);
}

/// <summary>Sign·v[Other] − v[Positive] + v[Positive + 1] = Side: h = p − q.</summary>
internal readonly record struct RelaxedSplit(int Other, double Sign, double Side, int Positive);

/// <summary>Variables, rows and patterns of <see cref="RelaxedProblem"/>: what does not change from one relaxation to the next.</summary>
internal sealed class RelaxedShape
{
    private readonly int _n;
    private readonly int _m;
    private readonly double[] _bodies;

    public RelaxedShape(INlpProblem inner, ReadOnlySpan<ComplementarityCondition> conditions)
    {
        _n = inner.VariableCount;
        _m = inner.ConstraintCount;
        _bodies = new double[_m];
        LiftedOfRow = new int[_m];
        Array.Fill(LiftedOfRow, -1);
        List<double> lower = [.. inner.VariableLower], upper = [.. inner.VariableUpper];
        foreach (ComplementarityCondition c in conditions)
        {
            LiftRow(inner, c.Bounded, lower, upper);
            LiftRow(inner, c.Other, lower, upper);
        }
        var pairs = new List<RelaxedPair>();
        var splits = new List<RelaxedSplit>();
        foreach (ComplementarityCondition c in conditions)
        {
            int a = Position(c.Bounded), b = Position(c.Other);
            bool hasLower = !double.IsNegativeInfinity(c.Lower), hasUpper = !double.IsPositiveInfinity(c.Upper);
            if (hasLower && hasUpper)
            {
                int p = lower.Count;
                lower.AddRange([0.0, 0.0]);
                upper.AddRange([double.PositiveInfinity, double.PositiveInfinity]);
                splits.Add(new RelaxedSplit(b, c.OtherSign, c.OtherSign * c.OtherSide, p));
                pairs.Add(new RelaxedPair(a, c.Lower, 1.0, p, 0.0, 1.0));
                pairs.Add(new RelaxedPair(a, c.Upper, -1.0, p + 1, 0.0, 1.0));
            }
            else if (hasLower)
            {
                pairs.Add(new RelaxedPair(a, c.Lower, 1.0, b, c.OtherSide, c.OtherSign));
            }
            else
            {
                pairs.Add(new RelaxedPair(a, c.Upper, -1.0, b, c.OtherSide, -c.OtherSign));
            }
        }
        Pairs = [.. pairs];
        Splits = [.. splits];
        Lower = [.. lower];
        Upper = [.. upper];
        (RowLower, RowUpper) = Sides(inner);
        Jacobian = JacobianOf(inner.JacobianPattern);
        (Hessian, HessianPlace, PairHessianPlace) = HessianOf(inner.HessianPattern);
        Start = new double[VariableCount];
        Lift(inner, inner.Start, Start);
    }

    public int VariableCount => Lower.Length;

    /// <summary>First row of the products; one for each pair.</summary>
    public int FirstProduct => _m + Splits.Length;

    /// <summary>For each constraint the variable s that stands for it, −1 for none.</summary>
    public int[] LiftedOfRow { get; }

    public RelaxedPair[] Pairs { get; }

    public RelaxedSplit[] Splits { get; }

    public double[] Lower { get; }

    public double[] Upper { get; }

    public double[] RowLower { get; }

    public double[] RowUpper { get; }

    public double[] Start { get; }

    public SparsePattern Jacobian { get; }

    public SparsePattern Hessian { get; }

    /// <summary>Where each entry of the inner Hessian stands.</summary>
    public int[] HessianPlace { get; }

    /// <summary>Where the second derivative of each product stands.</summary>
    public int[] PairHessianPlace { get; }

    /// <summary>The point v that belongs to x.</summary>
    public void Lift(INlpProblem inner, ReadOnlySpan<double> x, Span<double> v)
    {
        x.CopyTo(v);
        if (_m > 0) inner.Constraints(x, _bodies);
        for (int i = 0; i < _m; i++)
        {
            int s = LiftedOfRow[i];
            // A body that cannot be evaluated at the start is the solver's to report, at the row that defines s.
            if (s >= 0) v[s] = double.IsFinite(_bodies[i]) ? _bodies[i] : 0.0;
        }
        foreach (RelaxedSplit split in Splits)
        {
            double h = (split.Sign * v[split.Other]) - split.Side;
            v[split.Positive] = Math.Max(h, 0.0);
            v[split.Positive + 1] = Math.Max(-h, 0.0);
        }
    }

    private int Position(ComplementarityBody body) => body.IsVariable ? body.Index : LiftedOfRow[body.Index];

    private void LiftRow(INlpProblem inner, ComplementarityBody body, List<double> lower, List<double> upper)
    {
        if (body.IsVariable || LiftedOfRow[body.Index] >= 0) return;
        LiftedOfRow[body.Index] = lower.Count;
        lower.Add(inner.ConstraintLower[body.Index]);
        upper.Add(inner.ConstraintUpper[body.Index]);
    }

    private (double[] Lower, double[] Upper) Sides(INlpProblem inner)
    {
        var lower = new double[FirstProduct + Pairs.Length];
        var upper = new double[lower.Length];
        inner.ConstraintLower.CopyTo(lower);
        inner.ConstraintUpper.CopyTo(upper);
        for (int i = 0; i < _m; i++)
        {
            if (LiftedOfRow[i] >= 0) lower[i] = upper[i] = 0.0;
        }
        for (int k = 0; k < Splits.Length; k++) lower[_m + k] = upper[_m + k] = Splits[k].Side;
        lower.AsSpan(FirstProduct).Fill(double.NegativeInfinity);
        upper.AsSpan(FirstProduct).Fill(double.PositiveInfinity);
        return (lower, upper);
    }

    private SparsePattern JacobianOf(SparsePattern inner)
    {
        var starts = new int[RowLower.Length + 1];
        var indices = new List<int>(inner.Count + _m + (3 * Splits.Length) + (2 * Pairs.Length));
        for (int i = 0; i < _m; i++)
        {
            indices.AddRange(inner.Indices.AsSpan(inner.Starts[i], inner.Starts[i + 1] - inner.Starts[i]));
            if (LiftedOfRow[i] >= 0) indices.Add(LiftedOfRow[i]);
            starts[i + 1] = indices.Count;
        }
        for (int k = 0; k < Splits.Length; k++)
        {
            indices.AddRange([Splits[k].Other, Splits[k].Positive, Splits[k].Positive + 1]);
            starts[_m + k + 1] = indices.Count;
        }
        for (int k = 0; k < Pairs.Length; k++)
        {
            (int i, int j) = (Math.Min(Pairs[k].First, Pairs[k].Second), Math.Max(Pairs[k].First, Pairs[k].Second));
            indices.Add(i);
            if (i != j) indices.Add(j);
            starts[FirstProduct + k + 1] = indices.Count;
        }
        return new SparsePattern(RowLower.Length, VariableCount, starts, [.. indices]);
    }

    private (SparsePattern Pattern, int[] Place, int[] PairPlace) HessianOf(SparsePattern inner)
    {
        int n = VariableCount;
        long Key(int row, int column) => ((long)column * n) + row;
        var keys = new List<long>(inner.Count + Pairs.Length);
        for (int j = 0; j < _n; j++)
        {
            for (int k = inner.Starts[j]; k < inner.Starts[j + 1]; k++) keys.Add(Key(inner.Indices[k], j));
        }
        long[] pairKeys = [.. Pairs.Select(p => Key(Math.Max(p.First, p.Second), Math.Min(p.First, p.Second)))];
        long[] all = [.. keys.Concat(pairKeys).Distinct().Order()];
        var starts = new int[n + 1];
        var indices = new int[all.Length];
        for (int k = 0; k < all.Length; k++)
        {
            starts[(int)(all[k] / n) + 1]++;
            indices[k] = (int)(all[k] % n);
        }
        for (int j = 0; j < n; j++) starts[j + 1] += starts[j];
        int[] place = [.. keys.Select(key => Array.BinarySearch(all, key))];
        int[] pairPlace = [.. pairKeys.Select(key => Array.BinarySearch(all, key))];
        return (new SparsePattern(n, n, starts, indices), place, pairPlace);
    }
}
