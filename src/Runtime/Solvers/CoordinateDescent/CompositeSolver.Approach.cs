using System.Diagnostics;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>The way from zero to a small penalty.</summary>
public sealed partial class CompositeSolver
{
    /// <summary>Coordinates at zero rest between sweeps when their partial derivative is inside by this share of λ.</summary>
    private const double Slack = 0.25;

    /// <summary>Passes over what is live that follow a sweep, fewer when the step of the sweep has shrunk tenfold.</summary>
    private const int PassesAfterSweep = 3;

    /// <summary>Sweeps go on while more than this share of the coordinates in use is new; below the second one the set is settled.</summary>
    private const double Restless = 0.2, Settled = 0.05;

    /// <summary>Rate of passes below which a settled set is solved to the end at once, by relaxed passes.</summary>
    private const double SettledRate = 0.4;

    /// <summary>Rates of passes without relaxation above this are not believed.</summary>
    private const double MostRelaxed = 0.6;

    private const int MostSweeps = 5;

    private bool _isApproaching, _isSettled;
    private double _relaxation = 1;

    /// <summary>
    /// From zero to small penalties by way of larger ones, each solved to a percent where there are fewer rows than violated conditions,
    /// else by few steps with one set each: a working set that was found under a penalty not much larger is nearly right, where the
    /// first ones under a tiny penalty are solved for nothing. Whether the point stayed and is measured.
    /// </summary>
    private bool Approach(SolveRequest request, CancellationToken cancellation, long start)
    {
        if (!Array.TrueForAll(_b, b => b == 0)) return false;
        Measure();
        double ratio = 0;
        int violated = 0;
        foreach (int j in _active.AsSpan(0, _activeCount))
        {
            if (!(_penalty.L1[j] > 0)) continue;
            ratio = Math.Max(ratio, Math.Abs(_c[j]) / _penalty.L1[j]);
            violated += Math.Abs(_c[j]) > _penalty.L1[j] ? 1 : 0;
        }
        bool isWide = violated > _matrix.RowCount;
        if (ratio < 4 || (!isWide && violated < _activeCount / 2)) return true;
        double shrink = isWide ? 0.5 : 0.3, first = isWide ? 0.5 : 0.05;
        int passes = isWide ? 3 : 1;
        double[] goal = [.. _penalty.L1];
        _isApproaching = true;
        try
        {
            for (double factor = first * ratio; factor > 1.6; factor *= shrink)
            {
                for (int j = 0; j < goal.Length; j++) _penalty.L1[j] = factor * goal[j];
                for (int pass = 0; pass < passes; pass++)
                {
                    Measure();
                    if (_gap <= 0.01 * Math.Abs(_value) || cancellation.IsCancellationRequested
                        || Stopwatch.GetElapsedTime(start).TotalSeconds > request.TimeLimit) break;
                    Choose();
                    Descend(cancellation, request.TimeLimit - Stopwatch.GetElapsedTime(start).TotalSeconds);
                    _outer++;
                }
            }
        }
        finally
        {
            goal.CopyTo(_penalty.L1, 0);
            _isApproaching = false;
        }
        if (!isWide && _isQuadratic) Sweep(cancellation, request.TimeLimit - Stopwatch.GetElapsedTime(start).TotalSeconds);
        return false;
    }

    /// <summary>
    /// Passes over all columns, each followed by a few over those in use or near to it, while many come into use: a pass over all costs
    /// hardly more than the measurement that would choose the next set, and moves the coordinates at once.
    /// </summary>
    private void Sweep(CancellationToken cancellation, double seconds)
    {
        int m = _activeCount;
        _active.AsSpan(0, m).CopyTo(_set);
        _setCount = m;
        Room(ref _live, m);
        if (!_hasCurvature) FindCurvature();
        LeaveMeasurement();
        _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _r);
        long start = Stopwatch.GetTimestamp();
        double slack = Slack * VectorKernels.MaxAbs(_penalty.L1), newcomers = 1;
        for (int sweep = 0; sweep < MostSweeps && newcomers >= Restless; sweep++)
        {
            int before = CountUsed();
            ReviveAll(m);
            double first = _moved = Epoch(slack);
            int used = CountUsed();
            newcomers = (used - before) / (double)Math.Max(1, used);
            _epochs++;
            for (int pass = 0; pass < PassesAfterSweep && _moved > 0.1 * first; pass++)
            {
                double last = _moved;
                _moved = Epoch(0.1 * last);
                _rate = Math.Min(_moved / last, 1);
                _epochs++;
            }
            if (cancellation.IsCancellationRequested || Stopwatch.GetElapsedTime(start).TotalSeconds > seconds || _epochs >= _options.MaxEpochs) break;
        }
        Advance(m, quadratic: true);
        _isSettled = newcomers < Settled && _rate < SettledRate;
        if (_isSettled) Relax();
    }

    /// <summary>
    /// The best factor of relaxation, told from the rate λ under the present one ω: passes without one would have the rate
    /// μ² = (λ + ω − 1)² / λω², and the best factor is 2 / (1 + √(1 − μ²)) (Young, Iterative solution of large linear systems, 1971,
    /// §6.2). The rate comes from below as the slow part of the error stays behind, so the factor only grows.
    /// </summary>
    private void Relax()
    {
        double sum = _rate + _relaxation - 1, plain = sum * sum / (_rate * _relaxation * _relaxation);
        if (plain < MostRelaxed) _relaxation = Math.Max(_relaxation, 2 / (1 + Math.Sqrt(1 - plain)));
    }

    private int CountUsed()
    {
        int used = 0;
        foreach (double b in _b) used += b != 0 ? 1 : 0;
        return used;
    }
}
