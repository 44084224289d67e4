using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// VR-A-CODER: accelerated cyclic dual averaging on a mean of n observations, whose partial derivatives are estimated from one
/// observation for every block, corrected by the full gradient at a snapshot (Lin, Song, Diakonikolas, ICML 2023). An epoch takes the
/// full gradient at the snapshot ỹ and goes K times through the blocks; the next snapshot is the mean of the K points y. A₀ = 1/(4L),
/// a² = K A/(8L).
/// </summary>
internal sealed class VarianceReducedAveraging : AveragingMethod
{
    private readonly LossFunction _function;
    private readonly Observations _observations;
    private readonly Random _random;
    private readonly int[] _blockOf;
    private readonly double[] _snapshot, _gradient, _snapshotSlopes, _sum, _x, _oldX, _y, _oldY, _mixed, _oldMixed;
    private double _total, _weight, _oldWeight;

    public VarianceReducedAveraging(LossFunction function, BlockPenalty penalty, BlockOptions options, int seed)
        : base(function, penalty, options.BlockSize)
    {
        _function = function;
        _observations = function.ByObservation();
        _random = new Random(seed);
        Cycles = options.EpochSteps > 0 ? options.EpochSteps : _observations.Count;
        int n = function.VariableCount;
        _blockOf = new int[n];
        for (int b = 0; b < Blocks.Count; b++)
        {
            foreach (int j in Blocks.Coordinates(b)) _blockOf[j] = b;
        }
        (_snapshot, _gradient, _sum, _snapshotSlopes) = (new double[n], new double[n], new double[n], new double[_observations.Count]);
        (_x, _oldX, _y, _oldY, _mixed, _oldMixed) = (new double[n], new double[n], new double[n], new double[n], new double[n], new double[n]);
    }

    /// <summary>K.</summary>
    protected override int Cycles { get; }

    /// <summary>One step of dual averaging with the full gradient.</summary>
    public override void Start()
    {
        _function.Point.CopyTo(Origin);
        _total = _weight = 0.25 / Lipschitz;
        // z holds K times the weighted sum of the gradients.
        for (int j = 0; j < Z.Length; j++) Z[j] = Cycles * _weight * State.Slope(j);
        for (int b = 0; b < Blocks.Count; b++) Average(b, _total, 1.0 / Cycles);
        Origin.CopyTo(_x, 0);
        V.CopyTo(_y, 0);
        V.CopyTo(_snapshot, 0);
        _function.MoveTo(_snapshot);
    }

    public override void Epoch(Func<bool> isOver)
    {
        double oldTotal = _total;
        _oldWeight = _weight;
        _weight = Math.Sqrt(Cycles * oldTotal / (8 * Lipschitz));
        _total = oldTotal + _weight;
        _function.MoveTo(_snapshot);
        _function.Gradient(_gradient);
        VectorKernels.Scale(_observations.Count, _function.Slopes, _snapshotSlopes);
        Array.Clear(_sum);
        for (int k = 1; k <= Cycles; k++)
        {
            if ((k & 1023) == 0 && isOver()) return;
            Cycle(oldTotal, k);
            VectorKernels.AddScaled(1.0 / Cycles, _y, _sum);
            _oldWeight = _weight;
        }
        _sum.CopyTo(_snapshot, 0);
        _function.MoveTo(_snapshot);
    }

    private void Cycle(double oldTotal, int k)
    {
        double share = oldTotal / _total, part = _weight / _total, reached = oldTotal + (_weight * k / Cycles);
        _x.CopyTo(_oldX, 0);
        _y.CopyTo(_oldY, 0);
        VectorKernels.Combine(share, _snapshot, part, V, _x);
        // The points w at which derivatives are taken: x with the blocks behind replaced by y; now and one cycle before.
        _x.CopyTo(_mixed, 0);
        _oldX.CopyTo(_oldMixed, 0);
        for (int b = Blocks.Count - 1; b >= 0; b--)
        {
            AddEstimate(b, _random.Next(_observations.Count));
            Average(b, reached, 1.0 / Cycles);
            foreach (int j in Blocks.Coordinates(b))
            {
                _y[j] = (share * _snapshot[j]) + (part * V[j]);
                (_mixed[j], _oldMixed[j]) = (_y[j], _oldY[j]);
            }
        }
    }

    /// <summary>z ← z + a q for a block: q = ∇f(ỹ) + ∇fₜ(w) − ∇fₜ(ỹ) + (a_{k−1}/aₖ)(∇fₜ(x_{k−1}) − ∇fₜ(w_{k−1})).</summary>
    private void AddEstimate(int b, int t)
    {
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
        // All differences are multiples of the row; the penalty's smooth part is the same at x and w, within the block.
        double slope = _observations.Slope(t, form) - _snapshotSlopes[t];
        slope += _oldWeight / _weight * (_observations.Slope(t, oldStart) - _observations.Slope(t, oldForm));
        foreach (int j in Blocks.Coordinates(b)) Z[j] += _weight * (_gradient[j] + State.Penalty.Slope(j, _x[j]));
        for (int p = 0; p < columns.Length; p++)
        {
            if (_blockOf[columns[p]] == b) Z[columns[p]] += _weight * slope * values[p];
        }
    }
}
