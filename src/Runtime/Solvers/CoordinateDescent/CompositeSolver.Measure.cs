using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>Products of the columns with the gradient, violation, gap and screening.</summary>
public sealed partial class CompositeSolver
{
    private readonly GradientReferences _references;

    /// <summary>x_jᵀg within the errors; those of coordinates that are not active are behind.</summary>
    private readonly double[] _c, _error;
    private double _scale, _lossValue;
    private bool _isPlain, _isRead;

    /// <summary>Xᵀf'(z) at the point of the last solve, for every coordinate.</summary>
    public ReadOnlySpan<double> FullGradient()
    {
        if (_refusal is not null) return _c;
        if (!_isMeasured) _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        int count = 0;
        foreach (int j in _active.AsSpan(0, _columnCount))
        {
            if (!_isMeasured || _error[j] != 0) _set[count++] = j;
        }
        MultiplyChosen(count);
        return _c;
    }

    /// <summary>All columns but zero ones are active again.</summary>
    private void Activate()
    {
        _columnCount = 0;
        for (int j = 0; j < _b.Length; j++)
        {
            if (_norms[j] > 0) _active[_columnCount++] = j;
        }
        _activeCount = _columnCount;
    }

    /// <summary>
    /// The products of the columns with g: exact where references do not tell that the coordinate is inside its condition, unless it was
    /// screened out.
    /// </summary>
    private void Multiply()
    {
        _lossValue = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        _references.Fit(_g);
        int count = 0;
        for (int k = 0; k < _columnCount; k++)
        {
            int j = _active[k];
            bool isInside = MayBeInside(j)
                && _references.IsWithin(j, _norms[j], _matrix.Entries(j), _penalty.Linear[j], _penalty.L1[j], out _c[j], out _error[j]);
            if (!isInside && k < _activeCount) _set[count++] = j;
        }
        MultiplyChosen(count);
        KeepMeasurement();
    }

    /// <summary>The products as the references tell them.</summary>
    private void Estimate()
    {
        _lossValue = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        _references.Fit(_g);
        foreach (int j in _active.AsSpan(0, _activeCount)) _c[j] = _references.Estimate(j);
    }

    /// <summary>Products that are not exact, of columns that came back or whose conditions have changed.</summary>
    private void Sharpen()
    {
        int count = 0;
        foreach (int j in _active.AsSpan(0, _activeCount))
        {
            if (_error[j] != 0 && !(MayBeInside(j) && Math.Abs(_c[j] + _penalty.Linear[j]) + _error[j] <= _penalty.L1[j])) _set[count++] = j;
        }
        MultiplyChosen(count);
    }

    private void MultiplyChosen(int count)
    {
        ReadOnlySpan<int> columns = _set.AsSpan(0, count);
        _matrix.Dots(columns, _g, _c);
        foreach (int j in columns) _error[j] = 0;
    }

    private bool MayBeInside(int j) => _b[j] == 0 && _penalty.Lower[j] <= 0 && _penalty.Upper[j] >= 0;

    private void KeepMeasurement()
    {
        _references.Keep(_g, _c, _error);
        _isMeasured = true;
    }

    /// <summary>Objective, gradient, violation and gap at the present point.</summary>
    /// <param name="provisional">Estimates of products are taken as they are: for a goal, not for an answer.</param>
    private void Measure(bool provisional = false)
    {
        ReadOnlySpan<int> active = _active.AsSpan(0, _activeCount);
        if (provisional) Estimate();
        else if (_isMeasured) Sharpen();
        else Multiply();
        _value = _lossValue + PenaltyValue();
        double violation = LargestDistance(active, out double largest);
        _largest = largest;
        _violation = violation / largest;
        double bound = DualityGap.LowerBound(_problem, active, _b, _g, _c, _isPlain, out _scale);
        _gap = double.IsNegativeInfinity(bound) ? double.PositiveInfinity : Math.Max(0, _value - ZeroColumnValue() - bound);
    }

    /// <summary>The largest violation among the columns, and max(1, largest |partial derivative|).</summary>
    private double LargestDistance(ReadOnlySpan<int> columns, out double largest)
    {
        double violation = 0, size = 1;
        if (_isPlain)
        {
            double[] l1 = _penalty.L1, l2 = _penalty.L2;
            foreach (int j in columns)
            {
                double c = _c[j], b = _b[j], length = Math.Abs(c);
                size = Math.Max(size, length);
                violation = Math.Max(violation, b == 0 ? length - l1[j] : Math.Abs(c + (l2[j] * b) + Math.CopySign(l1[j], b)));
            }
        }
        else
        {
            foreach (int j in columns)
            {
                size = Math.Max(size, Math.Abs(_c[j]));
                violation = Math.Max(violation, _penalty.Distance(j, _b[j], _c[j]));
            }
        }
        largest = size;
        return violation;
    }

    private double PenaltyValue()
    {
        double sum = 0;
        for (int j = 0; j < _b.Length; j++)
        {
            if (_b[j] != 0) sum += _penalty.Value(j, _b[j]);
        }
        return sum;
    }

    /// <summary>Penalties of coordinates with zero columns, which are at their best and no part of the dual.</summary>
    private double ZeroColumnValue()
    {
        double sum = 0;
        if (_columnCount == _b.Length) return sum;
        for (int j = 0; j < _b.Length; j++)
        {
            if (_norms[j] == 0) sum += _penalty.Value(j, _b[j]);
        }
        return sum;
    }

    private bool IsDone()
    {
        bool stationary = _violation <= _options.Tolerance;
        return double.IsInfinity(_gap) ? _violation <= Math.Min(_options.Tolerance, 1e-6) : stationary && _gap <= _options.GapTolerance * _nullValue;
    }

    /// <summary>
    /// Discards coordinates whose dual constraint is slack on the whole sphere that holds the dual solution: |x_jᵀθ| + R‖x_j‖ &lt; λ_j
    /// with R² = 2 · gap · sup f'' (Ndiaye, Fercoq, Gramfort, Salmon, Gap safe screening rules, JMLR 18, 2017, theorem 6).
    /// </summary>
    private void Screen()
    {
        double smoothness = _problem.Loss.Smoothness * _largestWeight;
        if (double.IsInfinity(_gap) || double.IsInfinity(smoothness)) return;
        double radius = Math.Sqrt(2 * _gap * smoothness);
        int kept = 0, left = 0;
        bool moved = false;
        for (int k = 0; k < _activeCount; k++)
        {
            int j = _active[k];
            bool isSlack = _penalty.Linear[j] == 0 && _penalty.Lower[j] <= 0 && _penalty.Upper[j] >= 0
                && (_scale * (Math.Abs(_c[j]) + _error[j])) + (radius * _norms[j]) < _penalty.L1[j];
            if (!isSlack)
            {
                _active[kept++] = j;
                continue;
            }
            _screened++;
            _set[left++] = j;
            if (_b[j] == 0) continue;
            _matrix.AddScaled(j, -_b[j], _z);
            _b[j] = 0;
            moved = true;
        }
        if (left == 0) return;
        _set.AsSpan(0, left).CopyTo(_active.AsSpan(kept));
        _activeCount = kept;
        if (!moved) return;
        _isMeasured = false;
        Measure();
    }
}
