using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// f(x) + ½ Σᵢ ρᵢ dist²((A x)ᵢ − yᵢ/ρᵢ, [lᵢ, uᵢ]), ρᵢ = ρ/‖aᵢ‖∞²: the augmented Lagrangian of linear rows, all scaled alike, whose values are kept up to
/// date, so that a partial derivative costs one more sparse column.
/// </summary>
internal sealed class AugmentedFunction : SmoothFunction
{
    private readonly SmoothFunction _f;
    private readonly LinearRows _rows;
    private readonly double[] _values, _slopes, _along, _scratch;
    private readonly int[] _touched, _stamps, _dependents;
    private readonly bool[] _isTouched;
    private int _touchedCount, _stamp;

    public AugmentedFunction(SmoothFunction f, LinearRows rows)
    {
        (_f, _rows) = (f, rows);
        int n = f.VariableCount, m = rows.Count;
        if (rows.Matrix.ColumnCount != n) throw new ArgumentException($"The rows have {rows.Matrix.ColumnCount} columns, the function {n} variables.");
        (_values, _slopes, _along, _scratch, Multipliers) = (new double[m], new double[m], new double[m], new double[m], new double[m]);
        (_touched, _isTouched) = (new int[m], new bool[m]);
        (_stamps, _dependents) = (new int[n], new int[n]);
        MoveTo(f.Point);
    }

    /// <summary>y (m), positive at a lower side; <see cref="Update"/> changes it.</summary>
    public double[] Multipliers { get; }

    /// <summary>ρ &gt; 0; to be followed by <see cref="MoveTo"/>.</summary>
    public double Weight { get; set; } = 1;

    /// <summary>A x (m).</summary>
    public ReadOnlySpan<double> Values => _values;

    public override int VariableCount => _f.VariableCount;

    public override ReadOnlySpan<double> Point => _f.Point;

    /// <summary>Equations keep a quadratic one; where a row may leave its side, the second derivative jumps.</summary>
    public override bool IsQuadratic => _f.IsQuadratic && _rows.Lower.AsSpan().SequenceEqual(_rows.Upper);

    public override void MoveTo(ReadOnlySpan<double> x)
    {
        _f.MoveTo(x);
        Array.Clear(_values);
        for (int j = 0; j < VariableCount; j++)
        {
            if (Point[j] != 0) _rows.Matrix.AddScaled(j, Point[j], _values);
        }
        for (int i = 0; i < _values.Length; i++) _slopes[i] = Slope(i, _values[i]);
    }

    public override double Value()
    {
        double sum = _f.Value();
        for (int i = 0; i < _slopes.Length; i++) sum += _slopes[i] * _slopes[i] / (2 * RowWeight(i));
        return sum;
    }

    public override double Partial(int j) => _f.Partial(j) + _rows.Matrix.Dot(j, _slopes);

    public override double Curvature(int j)
    {
        double sum = 0;
        ReadOnlySpan<int> rows = _rows.Matrix.Rows(j);
        ReadOnlySpan<double> values = _rows.Matrix.Values(j);
        for (int p = 0; p < rows.Length; p++) sum += IsOutside(rows[p]) ? RowWeight(rows[p]) * values[p] * values[p] : 0;
        return _f.Curvature(j) + sum;
    }

    public override double CurvatureBound(int j) => _f.CurvatureBound(j) + (Weight * _rows.Squares(j));

    public override void Gradient(Span<double> gradient)
    {
        _f.Gradient(gradient);
        for (int j = 0; j < gradient.Length; j++) gradient[j] += _rows.Matrix.Dot(j, _slopes);
    }

    public override void Hessian(ReadOnlySpan<int> block, Span<double> values)
    {
        _f.Hessian(block, values);
        int b = block.Length;
        for (int k = 0; k < b; k++)
        {
            Array.Clear(_scratch);
            ReadOnlySpan<int> rows = _rows.Matrix.Rows(block[k]);
            ReadOnlySpan<double> entries = _rows.Matrix.Values(block[k]);
            for (int p = 0; p < rows.Length; p++) _scratch[rows[p]] = IsOutside(rows[p]) ? RowWeight(rows[p]) * entries[p] : 0;
            for (int l = 0; l < b; l++) values[(k * b) + l] += _rows.Matrix.Dot(block[l], _scratch);
        }
    }

    public override void Aim(ReadOnlySpan<int> block, ReadOnlySpan<double> direction)
    {
        _f.Aim(block, direction);
        foreach (int i in _touched.AsSpan(0, _touchedCount)) (_along[i], _isTouched[i]) = (0, false);
        _touchedCount = 0;
        for (int k = 0; k < block.Length; k++)
        {
            if (direction[k] == 0) continue;
            _rows.Matrix.AddScaled(block[k], direction[k], _along);
            foreach (int i in _rows.Matrix.Rows(block[k]))
            {
                if (_isTouched[i]) continue;
                _isTouched[i] = true;
                _touched[_touchedCount++] = i;
            }
        }
    }

    public override double Change(double t)
    {
        double sum = 0;
        foreach (int i in _touched.AsSpan(0, _touchedCount))
        {
            double s = Slope(i, _values[i] + (t * _along[i]));
            sum += (s - _slopes[i]) * (s + _slopes[i]) / (2 * RowWeight(i));
        }
        return _f.Change(t) + sum;
    }

    public override void Move(double t)
    {
        _f.Move(t);
        foreach (int i in _touched.AsSpan(0, _touchedCount))
        {
            _values[i] += t * _along[i];
            _slopes[i] = Slope(i, _values[i]);
        }
    }

    public override ReadOnlySpan<int> Dependents(int j)
    {
        _stamps[j] = ++_stamp;
        int count = 0;
        foreach (int k in _f.Dependents(j)) Note(k);
        foreach (int k in _rows.Index.Sharing(j)) Note(k);
        return _dependents.AsSpan(0, count);

        void Note(int k)
        {
            if (_stamps[k] == _stamp) return;
            _stamps[k] = _stamp;
            _dependents[count++] = k;
        }
    }

    /// <summary>
    /// yᵢ ← −ρᵢ(t − clamp t), t = (A x)ᵢ − yᵢ/ρᵢ. The change over ρᵢ is how far a row is outside, or its multiplier from a side that is not reached; returned is the largest,
    /// relative to max(1, |side|), or times |y| relative to the objective's size where that is more.
    /// </summary>
    public double Update(double objective)
    {
        double largest = 0, size = Math.Max(1, Math.Abs(objective));
        for (int i = 0; i < _values.Length; i++)
        {
            double change = (Multipliers[i] + _slopes[i]) / RowWeight(i), distance = Math.Abs(change);
            double side = _slopes[i] == 0 ? 0 : _values[i] - change;
            Multipliers[i] = -_slopes[i];
            largest = Math.Max(largest, distance * Math.Max(1 / Math.Max(1, Math.Abs(side)), Math.Abs(Multipliers[i]) / size));
        }
        return largest;
    }

    /// <summary>How far rows are outside of their sides: feasibility of docs/conventions.md.</summary>
    public double Infeasibility()
    {
        double largest = 0;
        for (int i = 0; i < _values.Length; i++) largest = Math.Max(largest, KktResiduals.Violation(_values[i], _rows.Lower[i], _rows.Upper[i]));
        return largest;
    }

    /// <summary>How far rows with multipliers are from their sides, relative to the objective: complementarity of docs/conventions.md.</summary>
    public double Complementarity(double objective)
    {
        double largest = 0;
        for (int i = 0; i < _values.Length; i++) largest = Math.Max(largest, KktResiduals.Gap(Multipliers[i], _values[i], _rows.Lower[i], _rows.Upper[i]));
        return largest / Math.Max(1, Math.Abs(objective));
    }

    private double RowWeight(int i) => Weight * _rows.Weights[i];

    private bool IsOutside(int i) => _slopes[i] != 0 || _rows.Lower[i] == _rows.Upper[i];

    private double Slope(int i, double value)
    {
        double weight = RowWeight(i), t = value - (Multipliers[i] / weight);
        return weight * (t - _rows.Clamp(i, t));
    }
}
