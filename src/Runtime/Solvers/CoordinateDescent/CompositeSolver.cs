using System.Diagnostics;
using System.Runtime.CompilerServices;
using Optc.Runtime.Native;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// Coordinate descent on one composite problem: working sets that grow, gap-safe screening, quadratic models with line search for
/// losses that are not quadratic, and the duality gap or the distance to the subdifferential as the stopping rule. A solve goes on
/// from the point where the last ended, so that penalties may be changed in between (paths). Not safe for several threads.
/// </summary>
public sealed partial class CompositeSolver
{
    /// <summary>
    /// As many violated conditions, as a share of the rows, are taken up at once: so few columns are nearly independent, and their
    /// passes converge fast.
    /// </summary>
    private const double Direct = 0.5;

    private readonly CompositeProblem _problem;
    private readonly CompositeOptions _options;
    private readonly DesignMatrix _matrix;
    private readonly SeparablePenalty _penalty;
    private readonly double[] _b, _z, _g, _h, _norms, _keys;
    private readonly int[] _active, _open, _set;
    private readonly List<int> _zeroColumns = [];
    private string? _refusal;
    private readonly double _largestWeight;
    private int _columnCount, _activeCount, _setCount, _screened;
    private int _outer, _epochs, _newtonSteps;
    private double _value, _gap, _violation, _nullValue = double.NaN;
    private double _largest = 1;
    private bool _isCurrent, _isMeasured, _isStronglyConvex;

    /// <summary>Checks the numbers beside the matrix, which the first solve reads.</summary>
    public CompositeSolver(CompositeProblem problem, CompositeOptions options)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(options);
        (_problem, _options, _matrix, _penalty) = (problem, options, problem.Matrix, problem.Penalty);
        _refusal = problem.Refuse();
        int n = _matrix.RowCount, p = _matrix.ColumnCount;
        (_b, _c, _error, _norms, _keys) = (new double[p], new double[p], new double[p], new double[p], new double[p]);
        (_z, _g) = (new double[n], new double[n]);
        // A quadratic loss has its weights for curvature, and its passes may work on the gradient itself: the next measurement renews it.
        _isQuadratic = problem.Loss.IsQuadratic;
        (_h, _r) = _isQuadratic ? (problem.Weights, _g) : (new double[n], new double[n]);
        (_active, _open, _set) = (new int[p], new int[p], new int[p]);
        _newton = new SupportNewton(_matrix);
        _references = new GradientReferences(n, p);
        if (_refusal is not null) return;
        foreach (double w in problem.Weights) _largestWeight = Math.Max(_largestWeight, w);
        _isUniform = _isQuadratic && Array.TrueForAll(problem.Weights, w => w == _largestWeight);
    }

    /// <summary>The point (p); its entries may be set before a solve.</summary>
    public Span<double> Point
    {
        get
        {
            _isCurrent = _isMeasured = false;
            return _b;
        }
    }

    /// <summary>Sets the point (p); products with the matrix that are known are kept when it is the one of the last solve.</summary>
    public void StartFrom(ReadOnlySpan<double> start)
    {
        if (!start.SequenceEqual(_b)) start.CopyTo(Point);
    }

    /// <summary>Solves from the present point. Reaching a limit is a status.</summary>
    public CompositeResult Solve(SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        long start = Stopwatch.GetTimestamp();
        (_outer, _epochs, _newtonSteps, _screened) = (0, 0, 0, 0);
        (_gap, _violation) = (double.PositiveInfinity, double.PositiveInfinity);
        (_isSettled, _relaxation) = (false, 1);
        if ((_refusal ?? _problem.RefusePenalty()) is { } refusal) return Result(SolveStatus.EvaluationError, $"The data cannot be used: {refusal}.", start);
        (_isPlain, _isStronglyConvex) = (_penalty.IsPlain, _penalty.IsStronglyConvex);
        bool provisional = Extrapolate();
        Clip();
        if (!_isRead && Read() is { } unfit) return Result(SolveStatus.EvaluationError, $"The data cannot be used: {unfit}.", start);
        if (!Begin(out string? trouble)) return Result(SolveStatus.Unbounded, trouble!, start);
        bool isFresh = _options.Continuation && Approach(request, cancellation, start);
        double stalled = double.PositiveInfinity;
        int still = 0;
        while (true)
        {
            if (provisional)
            {
                // The point is on the way: what the references tell of it is enough to choose a set.
                provisional = false;
                Measure(provisional: true);
                Choose();
                Descend(cancellation, request.TimeLimit - Stopwatch.GetElapsedTime(start).TotalSeconds);
                _outer++;
            }
            if (!isFresh) Measure();
            isFresh = false;
            request.Progress?.Invoke(new IterationRecord(
                _outer, _epochs, _value + _problem.Constant, 0, _violation, 0, 0, _gap, Stopwatch.GetElapsedTime(start).TotalSeconds));
            if (!double.IsFinite(_value)) return Result(SolveStatus.EvaluationError, "The objective is not finite at the point that was reached.", start);
            if (IsDone())
            {
                RememberAnswer();
                return Result(SolveStatus.Solved, Describe("Solved"), start);
            }
            if (_value < -1e20) return Result(SolveStatus.Unbounded, "The objective falls below -1e20.", start);
            if (FallsForever()) return Result(SolveStatus.Unbounded, "The objective falls without bound along the direction of the point that was reached: the loss does not change there, and no penalty or bound holds it.", start);
            if (cancellation.IsCancellationRequested) return Result(SolveStatus.Interrupted, Describe("Cancelled"), start);
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > request.TimeLimit) return Result(SolveStatus.TimeLimit, Describe("Time limit"), start);
            if (_outer >= _options.MaxOuterIterations || _epochs >= _options.MaxEpochs) return Result(SolveStatus.IterationLimit, Describe("Iteration limit"), start);
            // Rounding ends the progress at some point.
            double measure = double.IsInfinity(_gap) ? _violation : _gap;
            still = measure < 0.99 * stalled ? 0 : still + 1;
            stalled = Math.Min(stalled, measure);
            if (still >= 20) return Result(_violation <= 1e-6 ? SolveStatus.SolvedToAcceptable : SolveStatus.NumericalFailure, Describe("No more progress"), start);
            if (_options.Screening) Screen();
            Choose();
            Descend(cancellation, request.TimeLimit - Stopwatch.GetElapsedTime(start).TotalSeconds);
            (_isSettled, _relaxation) = (false, 1);
            _outer++;
        }
    }

    /// <summary>Puts the point into the bounds.</summary>
    private void Clip()
    {
        for (int j = 0; j < _b.Length && !_isPlain; j++)
        {
            double before = _b[j];
            _b[j] = _penalty.Clamp(j, before);
            _isCurrent &= before == _b[j];
        }
        _isMeasured &= _isCurrent;
        if (!_isCurrent) _matrix.Multiply(_b, _problem.Offset, _z);
        _isCurrent = true;
    }

    /// <summary>Norms of all columns, and products with the gradient at the start in the same pass; what is wrong with the matrix, if anything.</summary>
    private string? Read()
    {
        _lossValue = _problem.Loss.Gradient(_problem.Labels, _problem.Weights, _z, _g);
        _columnCount = 0;
        _zeroColumns.Clear();
        for (int j = 0; j < _b.Length; j++)
        {
            _norms[j] = Math.Sqrt(_matrix.SquaresAndDot(j, _g, out _c[j]));
            if (_norms[j] > 0) _active[_columnCount++] = j;
            else if (_norms[j] == 0) _zeroColumns.Add(j);
            if (double.IsFinite(_norms[j])) continue;
            return _refusal = _matrix.IsFinite(j)
                ? $"the squares of column {j + 1} of the matrix overflow; scale it down"
                : $"column {j + 1} of the matrix has an entry that is not a finite number";
        }
        _activeCount = _columnCount;
        HaveMeasured(isExact: true);
        _isRead = true;
        return null;
    }

    /// <summary>Puts coordinates of zero columns at their best values; false when one of these has none.</summary>
    private bool Begin(out string? trouble)
    {
        trouble = null;
        foreach (int j in _zeroColumns)
        {
            double slope = Math.Abs(_penalty.LinearOf(j)) - _penalty.L1[j];
            double best = slope <= 0 ? 0 : -Math.CopySign(_penalty.L2[j] > 0 ? slope / _penalty.L2[j] : double.PositiveInfinity, _penalty.LinearOf(j));
            best = _penalty.Clamp(j, best);
            if (double.IsInfinity(best))
            {
                trouble = $"The objective falls without bound along coordinate {j + 1}: its column is zero and its linear term {_penalty.LinearOf(j)} is not held by a penalty or bound.";
                return false;
            }
            // A free coordinate that nothing depends on stays where it is.
            if (!_penalty.IsFree(j)) _b[j] = best;
        }
        Activate();
        if (double.IsNaN(_nullValue)) _nullValue = NullValue();
        return true;
    }

    /// <summary>|objective at zero| without its constant, the scale of gaps.</summary>
    private double NullValue()
    {
        double value = Math.Abs(_problem.Loss.Value(_problem.Labels, _problem.Weights, _problem.Offset ?? new double[_z.Length]));
        return value > 0 ? value : 1;
    }

    /// <summary>
    /// The next working set: all coordinates away from zero or without a penalty, and those closest to violating their condition
    /// (Massias, Gramfort, Salmon, Celer, ICML 2018, algorithm 3), twice as many as are in use.
    /// </summary>
    private void Choose()
    {
        int needed = 0, violated = 0;
        for (int k = 0; k < _activeCount; k++)
        {
            int j = _active[k];
            double key = _keys[k] = Inside(j);
            if (double.IsNegativeInfinity(key)) needed++;
            else if (key < 0) violated++;
        }
        int rows = _matrix.RowCount, near = Math.Max(64, Math.Min(Math.Max(needed, rows / 40), _activeCount / 10));
        int size = needed + near + Math.Min(violated, (int)(Direct * rows));
        if (!_options.WorkingSets || size >= _activeCount / 2)
        {
            size = _activeCount;
            _active.AsSpan(0, size).CopyTo(_set);
        }
        else
        {
            double threshold = Selection.Smallest(_keys.AsSpan(0, _activeCount), size);
            int count = 0;
            for (int k = 0; k < _activeCount && count < size; k++)
            {
                if (Inside(_active[k]) <= threshold) _set[count++] = _active[k];
            }
            size = count;
        }
        _setCount = size;
    }

    /// <summary>
    /// How far coordinate j is from violating its condition, over its column's norm; negative where it does, −∞ away from zero and without
    /// a penalty.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private double Inside(int j)
    {
        if (_b[j] != 0) return double.NegativeInfinity;
        if (_isPlain) return (_penalty.L1[j] - Math.Abs(_c[j])) / _norms[j];
        return _penalty.IsFree(j) ? double.NegativeInfinity : _penalty.Slack(j, 0, _c[j]) / _norms[j];
    }

    /// <summary>
    /// Whether the objective, deep below its value at zero, goes on falling as fast as the point is stretched, and the loss has no part in
    /// it: a loss that curves along the way to a minimum far away would be felt at a thousand times the point.
    /// </summary>
    private bool FallsForever()
    {
        if (!(_value < -1e6 * _nullValue)) return false;
        double value = _value, loss = 0;
        var point = new double[_b.Length];
        var forms = new double[_z.Length];
        for (double stretch = 10; stretch <= 1000; stretch *= 10)
        {
            double penalty = 0;
            for (int j = 0; j < point.Length; j++)
            {
                point[j] = _penalty.Clamp(j, stretch * _b[j]);
                penalty += _penalty.Value(j, point[j]);
            }
            _matrix.Multiply(point, _problem.Offset, forms);
            loss = _problem.Loss.Value(_problem.Labels, _problem.Weights, forms);
            if (!(loss + penalty < 5 * value)) return false;
            value = loss + penalty;
        }
        return Math.Abs(loss) <= 1e-6 * Math.Abs(value);
    }

    private string Describe(string what)
    {
        string gap = double.IsInfinity(_gap) ? "no finite dual bound" : $"duality gap {_gap / _nullValue:g2} of the objective at zero";
        return $"{what}: {gap}, distance to the subdifferential {_violation:g2}, {_outer} working sets, {_epochs} passes.";
    }

    private CompositeResult Result(SolveStatus status, string message, long start)
    {
        return new CompositeResult
        {
            Status = status,
            Message = message,
            Point = [.. _b],
            Objective = _value + _problem.Constant,
            Gap = _gap,
            RelativeGap = _gap / _nullValue,
            Violation = _violation,
            Support = CountUsed(),
            Screened = _screened,
            OuterIterations = _outer,
            Epochs = _epochs,
            NewtonSteps = _newtonSteps,
            Seconds = Stopwatch.GetElapsedTime(start).TotalSeconds,
        };
    }
}
