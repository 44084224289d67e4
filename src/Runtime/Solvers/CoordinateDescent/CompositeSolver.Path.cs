namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>Starts along a path of penalties.</summary>
public sealed partial class CompositeSolver
{
    /// <summary>Steps of a path that are longer than so many of the step before are not extrapolated.</summary>
    private const double LongestStep = 2;

    private double[] _pastPoint = [], _lastL1 = [];
    private double _pastScale;
    private bool _hasPast, _hasLast;

    /// <summary>The answer of this solve begins or continues a path.</summary>
    private void RememberAnswer()
    {
        if (_lastL1.Length == 0) _lastL1 = new double[_b.Length];
        _penalty.L1.CopyTo(_lastL1, 0);
        _hasLast = true;
    }

    /// <summary>
    /// From the answer of the last solve on the straight line through it and the one before, where the λ of the three are multiples of
    /// each other: the lasso's solutions are piecewise linear in λ (Osborne, Presnell, Turlach, A new approach to variable selection in
    /// least squares problems, IMA J. Numer. Anal. 20, 2000). Coordinates stop at zero. Whether the point moved.
    /// </summary>
    private bool Extrapolate()
    {
        bool isLast = _hasLast && _isCurrent && _isMeasured;
        _hasLast = false;
        double scale = isLast ? ScaleOf(_penalty.L1, _lastL1) : double.NaN;
        if (!(scale > 0) || scale == 1) return _hasPast = false;
        double step = (scale - 1) / (1 - _pastScale);
        _pastScale = 1 / scale;
        if (_hasPast && step > 0 && step <= LongestStep) return Step(step);
        if (_pastPoint.Length == 0) _pastPoint = new double[_b.Length];
        _b.CopyTo(_pastPoint, 0);
        _hasPast = true;
        return false;
    }

    /// <summary>Moves by the step times the last change unless that is uphill; the point becomes the past one.</summary>
    private bool Step(double step)
    {
        double before = _lossValue + PenaltyValue();
        bool moved = false;
        for (int j = 0; j < _b.Length; j++)
        {
            double old = _b[j], value = old == 0 ? 0 : old + (step * (old - _pastPoint[j]));
            _pastPoint[j] = old;
            if (value == old) continue;
            if (_penalty.L1[j] > 0 && value * old < 0) value = 0;
            _b[j] = _penalty.Clamp(j, value);
            _matrix.AddScaled(j, _b[j] - old, _z);
            moved = true;
        }
        if (!moved) return false;
        if (_problem.Loss.Value(_problem.Labels, _problem.Weights, _z) + PenaltyValue() < before)
        {
            _isMeasured = false;
            return true;
        }
        for (int j = 0; j < _b.Length; j++)
        {
            if (_b[j] != _pastPoint[j]) _matrix.AddScaled(j, _pastPoint[j] - _b[j], _z);
            _b[j] = _pastPoint[j];
        }
        return false;
    }

    /// <summary>ρ with x = ρ y; NaN when there is none.</summary>
    private static double ScaleOf(double[] x, double[] y)
    {
        double scale = double.NaN;
        for (int j = 0; j < x.Length; j++)
        {
            if (y[j] == 0 && x[j] == 0) continue;
            if (double.IsNaN(scale)) scale = x[j] / y[j];
            if (!(Math.Abs(x[j] - (scale * y[j])) <= 1e-12 * x[j])) return double.NaN;
        }
        return scale;
    }
}
