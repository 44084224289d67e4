using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>
/// The last digits. Where the gradient's terms are large, the minimiser lies between numbers, and the computed gradient is mostly rounding: the number
/// with the smallest computed gradient would be the one whose rounding happens to cancel. So the minimiser is first estimated more exactly than any one evaluation
/// can, as the mean of where Newton's steps lead from many points a few units in the last place away; a rounding of it is then taken only if the gradient that the
/// Hessian gives for its distance from that mean is small as well as the computed one.
/// </summary>
internal sealed partial class LevenbergMarquardtRun
{
    private const int EstimateTrials = 150;
    private const int RoundingTrials = 300;
    private const int LargestForTrials = 100_000;
    private const int LargestMove = 8;

    /// <summary>Tries other roundings; leaves the best at X and says whether it is a solution.</summary>
    private bool SearchRounding()
    {
        if (!(Measure().Largest <= _options.AcceptableTolerance) || (long)_x.Length * _residual.Length > LargestForTrials) return false;
        var random = new Random(_request.Seed);
        double[] center = [.. _x], mean = new double[_x.Length], kept = [.. _x];
        int count = 0;
        for (int k = 0; k < EstimateTrials; k++)
        {
            if (!TryRounding(center, random)) continue;
            count++;
            for (int j = 0; j < mean.Length; j++) mean[j] += (_trial[j] - center[j] + _step[j] - mean[j]) / count;
        }
        if (count == 0) return Return(center);
        double best = double.PositiveInfinity;
        for (int k = 0; k < RoundingTrials && best > _options.Tolerance; k++)
        {
            if (!TryRounding(center, random)) continue;
            for (int j = 0; j < _x.Length; j++) _x[j] = _trial[j] + _step[j];
            Clamp(_x);
            if (!Relinearise()) continue;
            double residual = Math.Max(Math.Max(_stationarity, Measure().Largest), ExpectedGradient(center, mean));
            if (!(residual < best)) continue;
            best = residual;
            _x.CopyTo(kept, 0);
        }
        Return(kept);
        return best <= _options.Tolerance;
    }

    /// <summary>A point a few units in the last place from the centre into the trial, and Newton's step from it.</summary>
    private bool TryRounding(double[] center, Random random)
    {
        for (int j = 0; j < _x.Length; j++)
        {
            double unit = Math.BitIncrement(Math.Abs(center[j])) - Math.Abs(center[j]);
            _x[j] = _held[j] ? center[j] : center[j] + random.Next(-LargestMove, LargestMove + 1) * unit;
        }
        Clamp(_x);
        if (!Relinearise()) return false;
        _x.CopyTo(_trial, 0);
        _model.UpdateCurvature(_x);
        return ComputeStep(withCurvature: true);
    }

    /// <summary>‖H (x − centre − mean)‖∞ over the free variables: the gradient at X if the minimiser is at centre + mean.</summary>
    private double ExpectedGradient(double[] center, double[] mean)
    {
        for (int j = 0; j < _x.Length; j++) _step[j] = _held[j] ? 0.0 : _x[j] - center[j] - mean[j];
        _model.UpdateCurvature(_x);
        _model.MultiplyHessian(_step, _correction);
        double largest = 0.0;
        for (int j = 0; j < _x.Length; j++)
        {
            if (!_held[j]) largest = Math.Max(largest, Math.Abs(_correction[j]));
        }
        return largest / Math.Max(1.0, VectorKernels.MaxAbs(_model.Gradient));
    }

    private bool Return(double[] point)
    {
        point.CopyTo(_x, 0);
        Relinearise();
        return false;
    }

    private bool Relinearise()
    {
        bool isFinite = _model.Linearise(_x);
        FindHeld();
        return isFinite;
    }
}
