using System.Diagnostics;
using Optc.Runtime.Native;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>Measures the point after epochs: objective, distance to the subdifferential, limits, and the answer.</summary>
internal sealed class BlockWatch
{
    private const double UnboundedBelow = -1e20;

    private readonly SmoothFunction _function;
    private readonly BlockPenalty _penalty;
    private readonly BlockOptions _options;
    private readonly SolveRequest _request;
    private readonly CancellationToken _cancellation;
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly double[] _slopes, _atomSlopes;
    private readonly bool[] _atKink;
    private int _identified, _epoch, _sinceBest;
    private double _bestViolation = double.PositiveInfinity;

    public BlockWatch(SmoothFunction function, BlockPenalty penalty, BlockOptions options, SolveRequest request, CancellationToken cancellation)
    {
        (_function, _penalty, _options, _request, _cancellation) = (function, penalty, options, request, cancellation);
        int n = function.VariableCount;
        (_slopes, _atomSlopes, _atKink) = (new double[n], new double[n], new bool[n]);
        function.Gradient(_slopes);
        Look(function.Point, function.Value());
    }

    /// <summary>f plus the penalty at the last look.</summary>
    public double Objective { get; private set; }

    /// <summary>∇f and the slopes of the quadratic and linear penalties at the last look (n).</summary>
    public ReadOnlySpan<double> Slopes => _slopes;

    /// <summary>Largest distance of −∇f to the subdifferential, relative to max(1, ‖∇f‖∞).</summary>
    public double Violation { get; private set; }

    /// <summary>Whether the distance is within the tolerance.</summary>
    public bool IsSolved => Violation <= _options.Tolerance;

    private double Seconds => Stopwatch.GetElapsedTime(_start).TotalSeconds;

    /// <summary>Whether a limit other than that on epochs is reached.</summary>
    public bool IsOver(int epoch) => epoch > 0 && (_cancellation.IsCancellationRequested || Seconds > _request.TimeLimit);

    /// <summary>Looks at the point after an epoch; why to stop, or null.</summary>
    public SolveStatus? Measure(int epoch, long steps)
    {
        _function.Gradient(_slopes);
        return Measure(epoch, steps, _function.Point, _function.Value(), _slopes);
    }

    /// <summary>The same for another point, with f and ∇f there.</summary>
    public SolveStatus? Measure(int epoch, long steps, ReadOnlySpan<double> x, double value, ReadOnlySpan<double> gradient)
    {
        double before = Objective;
        _epoch = epoch;
        gradient.CopyTo(_slopes);
        Look(x, value);
        _request.Progress?.Invoke(new IterationRecord(epoch, (int)Math.Min(steps, int.MaxValue), Objective, 0, Violation, 0, 0, 0, Seconds));
        if (IsSolved) return SolveStatus.Solved;
        if (Objective < UnboundedBelow) return SolveStatus.Unbounded;
        if (!double.IsFinite(Objective)) return double.IsNegativeInfinity(Objective) ? SolveStatus.Unbounded : SolveStatus.EvaluationError;
        if (_cancellation.IsCancellationRequested) return SolveStatus.Interrupted;
        if (Seconds > _request.TimeLimit) return SolveStatus.TimeLimit;
        if (epoch >= _options.MaxEpochs) return SolveStatus.IterationLimit;
        // Rounding leaves nothing to gain when neither value nor violation has fallen for long.
        bool isProgress = Violation < 0.999 * _bestViolation || Objective < before - (1e-12 * (1 + Math.Abs(before)));
        _bestViolation = Math.Min(_bestViolation, Violation);
        _sinceBest = isProgress ? 0 : _sinceBest + 1;
        if (_sinceBest < 200) return null;
        return Violation <= 1e-6 ? SolveStatus.SolvedToAcceptable : SolveStatus.NumericalFailure;
    }

    /// <summary>The answer at the point of the last look.</summary>
    public BlockResult Result(SolveStatus status, string? message, long steps, int newtonSteps, int blocks) => new()
    {
        Status = status,
        Message = message ?? Message(status),
        Point = Clamped(),
        Slopes = _slopes,
        Objective = Objective,
        Violation = Violation,
        Epochs = _epoch,
        Steps = steps,
        NewtonSteps = newtonSteps,
        IdentifiedEpoch = _identified,
        Blocks = blocks,
        Seconds = Seconds,
    };

    private string Message(SolveStatus status) => status switch
    {
        SolveStatus.Solved => "Every block's negative gradient lies in the subdifferential of its penalty, to the tolerance.",
        SolveStatus.SolvedToAcceptable => $"The distance to the subdifferential stays at {Violation:g2}, which rounding does not let fall.",
        SolveStatus.Unbounded => "The objective falls below -1e20.",
        SolveStatus.IterationLimit => $"{_options.MaxEpochs} epochs were not enough (option max_epochs); the distance to the subdifferential is {Violation:g2}.",
        SolveStatus.TimeLimit => $"The time limit was reached; the distance to the subdifferential is {Violation:g2}.",
        SolveStatus.Interrupted => "Interrupted.",
        SolveStatus.EvaluationError => "The objective is not defined at a point that was reached.",
        _ => $"No step descends any more; the distance to the subdifferential stays at {Violation:g2}.",
    };

    private double[] Clamped()
    {
        double[] point = _function.Point.ToArray();
        for (int j = 0; j < point.Length; j++) point[j] = _penalty.Clamp(j, point[j]);
        return point;
    }

    /// <summary>Measures a point; the gradient stands in the slopes.</summary>
    private void Look(ReadOnlySpan<double> x, double value)
    {
        Objective = value + _penalty.Value(x);
        double scale = Math.Max(1, VectorKernels.MaxAbs(_slopes));
        bool changed = false;
        for (int j = 0; j < x.Length; j++)
        {
            _slopes[j] += _penalty.Slope(j, x[j]);
            bool isAtKink = _penalty.IsAtKink(j, x);
            changed |= isAtKink != _atKink[j];
            _atKink[j] = isAtKink;
        }
        if (changed) _identified = _epoch;
        double largest = 0;
        for (int a = 0; a < _penalty.AtomCount; a++)
        {
            ReadOnlySpan<int> members = _penalty.Members(a);
            for (int k = 0; k < members.Length; k++) _atomSlopes[k] = _slopes[members[k]];
            double distance = _penalty.Distance(a, x, _atomSlopes.AsSpan(0, members.Length));
            largest = double.IsNaN(distance) ? double.PositiveInfinity : Math.Max(largest, distance);
        }
        Violation = largest / scale;
    }
}
