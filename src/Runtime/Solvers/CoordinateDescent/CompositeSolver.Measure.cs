using System.Runtime.InteropServices;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>Products of the columns with the gradient, violation, gap and screening.</summary>
public sealed partial class CompositeSolver
{
    private readonly GradientReferences _references;

    /// <summary>x_jᵀg within the errors; those of coordinates that are not active are behind.</summary>
    private readonly double[] _c, _error;

    /// <summary>How many columns stand in _open: those that were not known to be inside their conditions at the last measurement.</summary>
    private int _openCount;
    private double _scale, _lossValue;
    private bool _isPlain, _isRead;

    /// <summary>Whether the last measurement is not among the references yet, and whether all of its products were exact.</summary>
    private bool _isToKeep, _isExact;

    /// <summary>Xᵀf'(z) at the point of the last solve, for every coordinate.</summary>
    public ReadOnlySpan<double> FullGradient()
    {
        if (_refusal is not null) return _c;
        KeepMeasurement();
        if (!_isMeasured) _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        int count = 0;
        foreach (int j in _active.AsSpan(0, _columnCount))
        {
            if (!_isMeasured || _error[j] != 0) _set[count++] = j;
        }
        Multiply(_set.AsSpan(0, count));
        return _c;
    }

    /// <summary>All columns but zero ones are active again.</summary>
    private void Activate()
    {
        if (_activeCount == _columnCount) return;
        _activeCount = 0;
        for (int j = 0; j < _b.Length; j++)
        {
            if (_norms[j] > 0) _active[_activeCount++] = j;
        }
    }

    /// <summary>
    /// The products of the columns with g: exact where references do not tell that the coordinate is inside its condition, unless it was
    /// screened out.
    /// </summary>
    private void Multiply()
    {
        KeepMeasurement();
        _lossValue = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        _references.Fit(_g);
        _openCount = 0;
        for (int k = 0; k < _columnCount; k++)
        {
            int j = _active[k];
            bool isInside = MayBeInside(j) && _references.IsWithin(j, _norms[j], _matrix.Entries(j), _penalty.L1[j], out _c[j], out _error[j]);
            if (!isInside && k < _activeCount) _open[_openCount++] = j;
        }
        Multiply(_open.AsSpan(0, _openCount));
        HaveMeasured(_openCount == _columnCount);
    }

    /// <summary>The products as the references tell them.</summary>
    private void Estimate()
    {
        KeepMeasurement();
        _lossValue = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        _references.Fit(_g);
        _openCount = 0;
        foreach (int j in _active.AsSpan(0, _activeCount))
        {
            _c[j] = _references.Estimate(j);
            if (!(MayBeInside(j) && Math.Abs(_c[j]) <= _penalty.L1[j])) _open[_openCount++] = j;
        }
    }

    /// <summary>Products that are not exact, of columns that came back or whose conditions have changed.</summary>
    private void Sharpen()
    {
        int count = 0;
        _openCount = 0;
        foreach (int j in _active.AsSpan(0, _activeCount))
        {
            if (MayBeInside(j) && Math.Abs(_c[j]) + _error[j] <= _penalty.L1[j]) continue;
            _open[_openCount++] = j;
            if (_error[j] != 0) _set[count++] = j;
        }
        Multiply(_set.AsSpan(0, count));
    }

    private void Multiply(ReadOnlySpan<int> columns)
    {
        _matrix.Dots(columns, _g, _c);
        foreach (int j in columns) _error[j] = 0;
    }

    /// <summary>Whether b_j = 0 meets its condition, and adds nothing to the dual, wherever |x_jᵀg| ≤ λ_j.</summary>
    private bool MayBeInside(int j) =>
        _b[j] == 0 && (_isPlain || (_penalty.LowerOf(j) <= 0 && _penalty.UpperOf(j) >= 0 && _penalty.LinearOf(j) == 0));

    private void HaveMeasured(bool isExact)
    {
        _isExact = isExact;
        _isToKeep = _isMeasured = true;
    }

    /// <summary>The gradient is about to change, and the products with it.</summary>
    private void LeaveMeasurement()
    {
        KeepMeasurement();
        _isMeasured = false;
    }

    /// <summary>Makes the last measurement a reference, which costs nothing when no other follows.</summary>
    private void KeepMeasurement()
    {
        if (_isToKeep) _references.Keep(_g, _c, _isExact ? [] : _error);
        _isToKeep = false;
    }

    /// <summary>Objective, gradient, violation and gap at the present point.</summary>
    /// <param name="provisional">Estimates of products are taken as they are: for a goal, not for an answer.</param>
    private void Measure(bool provisional = false)
    {
        if (provisional) Estimate();
        else if (_isMeasured) Sharpen();
        else Multiply();
        // Coordinates inside their conditions are at zero, violate nothing, and their conjugates are zero.
        ReadOnlySpan<int> columns = _open.AsSpan(0, _openCount);
        double value = _lossValue + PenaltyValue(columns);
        _value = value + PenaltyValue(CollectionsMarshal.AsSpan(_zeroColumns));
        double violation = LargestDistance(columns, out double largest);
        _largest = largest;
        _violation = violation / largest;
        double bound = DualityGap.LowerBound(_problem, columns, _b, _g, _c, _isPlain, out _scale);
        _gap = double.IsNegativeInfinity(bound) ? double.PositiveInfinity : Math.Max(0, value - bound);
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

    private double PenaltyValue(ReadOnlySpan<int> columns)
    {
        double sum = 0;
        foreach (int j in columns)
        {
            if (_b[j] != 0) sum += _penalty.Value(j, _b[j]);
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
            bool isSlack = _penalty.LinearOf(j) == 0 && _penalty.LowerOf(j) <= 0 && _penalty.UpperOf(j) >= 0
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
