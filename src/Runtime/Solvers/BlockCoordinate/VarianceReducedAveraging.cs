using Optc.Runtime.Native;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// VR-A-CODER: accelerated cyclic dual averaging on a mean of n observations, whose partial derivatives are estimated from one
/// observation for every block, corrected by the full gradient at a snapshot (Lin, Song, Diakonikolas, ICML 2023). An epoch takes the
/// full gradient at the snapshot ỹ and goes K times through the blocks, from the last to the first; the next snapshot is the mean of
/// the K points y. With A₀ = 1/(4L) and a² = K A/(8L). L is found by doubling, and the method begins again where the objective rises.
/// </summary>
internal sealed class VarianceReducedAveraging
{
    /// <summary>Epochs between two looks at the answer.</summary>
    private const int LookEvery = 5;

    /// <summary>The objective may rise because of the momentum, but not in so few epochs after a start: then L is too small.</summary>
    private const int Early = 2;

    private readonly LossFunction _function;
    private readonly BlockState _state;
    private readonly Partition _partition;
    private readonly Observations _observations;
    private readonly FullStep _fullStep;
    private readonly Random _random;
    private readonly int _cycles;
    private readonly int[] _blockOf;
    private readonly double[] _origin, _snapshot, _gradient, _snapshotSlopes, _sum, _x, _oldX, _y, _oldY, _mixed, _oldMixed, _v, _z, _slopes, _step;
    private double _total, _weight, _oldWeight, _lipschitz;
    private int _sinceStart;

    public VarianceReducedAveraging(LossFunction function, BlockPenalty penalty, BlockOptions options, int seed)
    {
        _function = function;
        _state = new BlockState(function, penalty, 0);
        _fullStep = new FullStep(_state);
        _partition = Partition.Consecutive(penalty, options.BlockSize);
        _observations = function.ByObservation();
        _random = new Random(seed);
        _cycles = options.EpochSteps > 0 ? options.EpochSteps : _observations.Count;
        int n = function.VariableCount;
        _blockOf = new int[n];
        for (int b = 0; b < _partition.Count; b++)
        {
            foreach (int j in _partition.Coordinates(b)) _blockOf[j] = b;
        }
        (_origin, _snapshot, _gradient, _sum, _z) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        (_x, _oldX, _y, _oldY, _v, _mixed, _oldMixed) = (new double[n], new double[n], new double[n], new double[n], new double[n], new double[n], new double[n]);
        (_slopes, _step, _snapshotSlopes) = (new double[n], new double[n], new double[_observations.Count]);
        for (int j = 0; j < n; j++) _lipschitz = Math.Max(_lipschitz, _state.Bound(j));
    }

    public BlockResult Run(BlockWatch watch)
    {
        double[] best = _function.Point.ToArray();
        double before = watch.Objective;
        long steps = 0;
        Start();
        for (int epoch = 1; ; epoch++)
        {
            Epoch(watch, epoch);
            steps += (long)_cycles * _partition.Count;
            _function.MoveTo(_snapshot);
            double after = _function.Value() + _state.Penalty.Value(_function.Point);
            bool isLower = after <= before;
            if (isLower)
            {
                _function.Point.CopyTo(best);
                before = after;
            }
            else
            {
                _function.MoveTo(best);
                if (_sinceStart <= Early) _lipschitz *= 2;
            }
            if (epoch % LookEvery == 0 || watch.IsOver(epoch))
            {
                _fullStep.Take(_lipschitz);
                if (watch.Measure(epoch, steps) is { } status) return watch.Result(status, null, steps, 0, _partition.Count);
                if (watch.Objective < before)
                {
                    _function.Point.CopyTo(best);
                    before = watch.Objective;
                }
                else
                {
                    _function.MoveTo(best);
                }
            }
            if (!isLower) Start();
        }
    }

    /// <summary>Begins at the function's point: one step of dual averaging with the full gradient.</summary>
    private void Start()
    {
        _function.Point.CopyTo(_origin);
        _sinceStart = 0;
        (_total, _weight) = (0.25 / _lipschitz, 0.25 / _lipschitz);
        // z holds K times the weighted sum of the gradients.
        for (int j = 0; j < _z.Length; j++) _z[j] = _cycles * _weight * _state.Slope(j);
        for (int b = 0; b < _partition.Count; b++) Average(b, _total);
        _origin.CopyTo(_x, 0);
        _v.CopyTo(_y, 0);
        _v.CopyTo(_snapshot, 0);
    }

    private void Epoch(BlockWatch watch, int epoch)
    {
        _sinceStart++;
        double oldTotal = _total;
        _oldWeight = _weight;
        _weight = Math.Sqrt(_cycles * oldTotal / (8 * _lipschitz));
        _total = oldTotal + _weight;
        Snapshot();
        Array.Clear(_sum);
        for (int k = 1; k <= _cycles; k++)
        {
            if ((k & 1023) == 0 && watch.IsOver(epoch)) return;
            Cycle(oldTotal, k);
            VectorKernels.AddScaled(1.0 / _cycles, _y, _sum);
            _oldWeight = _weight;
        }
        _sum.CopyTo(_snapshot, 0);
    }

    /// <summary>The full gradient at the snapshot, without the penalty's part, and the observations' slopes there.</summary>
    private void Snapshot()
    {
        _function.MoveTo(_snapshot);
        _function.Gradient(_gradient);
        VectorKernels.Scale(_observations.Count, _function.Slopes, _snapshotSlopes);
    }

    private void Cycle(double oldTotal, int k)
    {
        double share = oldTotal / _total, part = _weight / _total, ratio = _oldWeight / _weight, reached = oldTotal + (_weight * k / _cycles);
        _x.CopyTo(_oldX, 0);
        _y.CopyTo(_oldY, 0);
        VectorKernels.Combine(share, _snapshot, part, _v, _x);
        // The points w at which partial derivatives are taken: x, with the blocks behind replaced by y; now and one cycle before.
        _x.CopyTo(_mixed, 0);
        _oldX.CopyTo(_oldMixed, 0);
        for (int b = _partition.Count - 1; b >= 0; b--)
        {
            int t = _random.Next(_observations.Count);
            ReadOnlySpan<int> columns = _observations.Columns(t);
            ReadOnlySpan<double> values = _observations.Values(t);
            double form = _observations.Offset(t), oldForm = form, oldStart = form;
            for (int p = 0; p < columns.Length; p++)
            {
                int j = columns[p];
                form += values[p] * _mixed[j];
                oldForm += values[p] * _oldMixed[j];
                oldStart += values[p] * _oldX[j];
            }
            // ∇fₜ(w) − ∇fₜ(ỹ) and the extrapolation by (a_{k−1}/aₖ)(∇fₜ(x_{k−1}) − ∇fₜ(w_{k−1})), all multiples of the row.
            double slope = _observations.Slope(t, form) - _snapshotSlopes[t];
            if (_partition.Count > 1) slope += ratio * (_observations.Slope(t, oldStart) - _observations.Slope(t, oldForm));
            // What is separable is the same at x and w: it is not extrapolated.
            foreach (int j in _partition.Coordinates(b)) _z[j] += _weight * (_gradient[j] + _state.Penalty.Slope(j, _x[j]));
            for (int p = 0; p < columns.Length; p++)
            {
                if (_blockOf[columns[p]] == b) _z[columns[p]] += _weight * slope * values[p];
            }
            Average(b, reached);
            foreach (int j in _partition.Coordinates(b))
            {
                _y[j] = (share * _snapshot[j]) + (part * _v[j]);
                (_mixed[j], _oldMixed[j]) = (_y[j], _oldY[j]);
            }
        }
    }

    /// <summary>v = argmin A g(v) + ½‖v − x₀ + z/K‖² for a block.</summary>
    private void Average(int b, double total)
    {
        foreach (int a in _partition.Atoms(b))
        {
            ReadOnlySpan<int> members = _state.Penalty.Members(a);
            for (int k = 0; k < members.Length; k++) _slopes[k] = _z[members[k]] / (_cycles * total);
            _state.Penalty.ProximalStep(a, _origin, _slopes, 1 / total, _step.AsSpan(0, members.Length));
            for (int k = 0; k < members.Length; k++) _v[members[k]] = _origin[members[k]] + _step[k];
        }
    }
}
