namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>
/// The last digits. Where the gradient's terms are large, the minimiser lies between numbers: of the numbers around it, some leave a
/// gradient many times smaller than others. Each trial moves the variables by a few units in the last place, takes Newton's step from there,
/// and so comes to another rounding of the minimiser; the one with the smallest residual is kept.
/// </summary>
internal sealed partial class LevenbergMarquardtRun
{
    private const int RoundingTrials = 300;
    private const int LargestForTrials = 100_000;
    private const int LargestMove = 8;

    /// <summary>Tries other roundings; leaves the best at X and says whether it is a solution.</summary>
    private bool SearchRounding()
    {
        double best = BothMeasures();
        if (!(best <= _options.AcceptableTolerance) || (long)_x.Length * _residual.Length > LargestForTrials) return false;
        var random = new Random(_request.Seed);
        double[] kept = [.. _x];
        for (int k = 0; k < RoundingTrials && best > _options.Tolerance; k++)
        {
            kept.CopyTo(_x, 0);
            for (int j = 0; j < _x.Length; j++)
            {
                if (!_held[j]) _x[j] += random.Next(-LargestMove, LargestMove + 1) * (Math.BitIncrement(Math.Abs(_x[j])) - Math.Abs(_x[j]));
            }
            Clamp(_x);
            if (!Relinearise()) continue;
            _model.UpdateCurvature(_x);
            if (!ComputeStep(withCurvature: true)) continue;
            for (int j = 0; j < _x.Length; j++) _x[j] += _step[j];
            Clamp(_x);
            if (!Relinearise()) continue;
            double residual = BothMeasures();
            if (!(residual < best)) continue;
            best = residual;
            _x.CopyTo(kept, 0);
        }
        kept.CopyTo(_x, 0);
        Relinearise();
        return best <= _options.Tolerance;
    }

    /// <summary>The worse of the residual by the objective's gradient and by that of the residuals, which round differently.</summary>
    private double BothMeasures() => Math.Max(_stationarity, Measure().Largest);

    private bool Relinearise()
    {
        bool isFinite = _model.Linearise(_x);
        FindHeld();
        return isFinite;
    }
}
