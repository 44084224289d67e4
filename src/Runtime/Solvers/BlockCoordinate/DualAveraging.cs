using Optc.Runtime.Native;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A-CODER: accelerated cyclic coordinate dual averaging with extrapolation (Lin, Song, Diakonikolas, ICML 2023).
/// Every cycle goes through the blocks from the last to the first; the partial derivatives are taken at a point whose blocks behind
/// are new (y) and whose blocks before are those of the extrapolated point x. The Lipschitz constant is found by doubling; the
/// method begins again where the objective rises (O'Donoghue, Candès, Found. Comput. Math. 15, 2015).
/// </summary>
internal sealed class DualAveraging
{
    /// <summary>Epochs between two looks at the answer.</summary>
    private const int LookEvery = 5;

    private readonly BlockState _state;
    private readonly Partition _partition;
    private readonly FullStep _fullStep;
    private readonly double[] _origin, _x, _y, _v, _z, _p, _old, _gradient, _oldGradient, _slopes, _step;
    private double _sum, _weight, _lipschitz;

    public DualAveraging(SmoothFunction function, BlockPenalty penalty, BlockOptions options)
    {
        _state = new BlockState(function, penalty, 0);
        _fullStep = new FullStep(_state);
        _partition = Partition.Consecutive(penalty, options.BlockSize);
        int n = function.VariableCount;
        (_origin, _x, _y, _v, _z) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        (_p, _old, _gradient, _oldGradient) = (new double[n], new double[n], new double[n], new double[n]);
        (_slopes, _step) = (new double[n], new double[n]);
        for (int j = 0; j < n; j++) _lipschitz = Math.Max(_lipschitz, _state.Bound(j));
    }

    public BlockResult Run(BlockWatch watch)
    {
        SmoothFunction f = _state.Function;
        f.Point.CopyTo(_y);
        Restart();
        double before = watch.Objective;
        long steps = 0;
        for (int epoch = 1; ; epoch++)
        {
            bool isLipschitz = Cycle();
            double after = f.Value() + _state.Penalty.Value(f.Point);
            steps += _partition.Count;
            if (!isLipschitz) _lipschitz *= 2;
            if (!isLipschitz || !(after <= before)) Restart();
            before = after;
            if (epoch % LookEvery != 0 && !watch.IsOver(epoch)) continue;
            _fullStep.Take(_lipschitz);
            if (watch.Measure(epoch, steps) is { } status) return watch.Result(status, null, steps, 0, _partition.Count);
            if (watch.Objective < after)
            {
                f.Point.CopyTo(_y);
                before = watch.Objective;
            }
        }
    }

    /// <summary>One cycle; whether the Lipschitz constant held between x and y.</summary>
    private bool Cycle()
    {
        SmoothFunction f = _state.Function;
        BlockPenalty penalty = _state.Penalty;
        // The largest a with 5 a² L ≤ 2 A, for a penalty that is not strongly convex.
        double oldSum = _sum, oldWeight = _weight, r = 0.4 / _lipschitz;
        _weight = 0.5 * (r + Math.Sqrt((r * r) + (4 * r * oldSum)));
        _sum = oldSum + _weight;
        VectorKernels.Combine(oldSum / _sum, _y, _weight / _sum, _v, _x);
        _p.CopyTo(_old, 0);
        _gradient.CopyTo(_oldGradient, 0);
        f.MoveTo(_x);
        double model = SmoothValue();
        for (int j = 0; j < _x.Length; j++) _gradient[j] = _state.Slope(j);
        for (int b = _partition.Count - 1; b >= 0; b--)
        {
            ReadOnlySpan<int> coordinates = _partition.Coordinates(b);
            foreach (int j in coordinates)
            {
                _p[j] = _state.Slope(j);
                _z[j] += (_weight * _p[j]) + (oldWeight * (_oldGradient[j] - _old[j]));
            }
            int place = 0;
            foreach (int a in _partition.Atoms(b))
            {
                // v = argmin A g(v) + ½‖v − x₀ + z‖².
                ReadOnlySpan<int> members = penalty.Members(a);
                for (int k = 0; k < members.Length; k++) _slopes[k] = _z[members[k]] / _sum;
                penalty.ProximalStep(a, _origin, _slopes, 1 / _sum, _step.AsSpan(place, members.Length));
                for (int k = 0; k < members.Length; k++)
                {
                    int j = members[k];
                    _v[j] = _origin[j] + _step[place + k];
                    _y[j] = ((oldSum * _y[j]) + (_weight * _v[j])) / _sum;
                    _step[place + k] = _y[j] - _x[j];
                    model += _step[place + k] * (_gradient[j] + (0.5 * _lipschitz * _step[place + k]));
                }
                place += members.Length;
            }
            f.Aim(coordinates, _step.AsSpan(0, place));
            f.Move(1);
        }
        return SmoothValue() <= model + (1e-12 * (1 + Math.Abs(model)));
    }

    /// <summary>f and the smooth parts of the penalty at the point.</summary>
    private double SmoothValue()
    {
        double value = _state.Function.Value();
        ReadOnlySpan<double> x = _state.Function.Point;
        for (int j = 0; j < x.Length; j++) value += x[j] * (_state.Penalty.Separable.Linear[j] + (0.5 * _state.Penalty.Separable.L2[j] * x[j]));
        return value;
    }

    private void Restart()
    {
        _y.CopyTo(_origin, 0);
        _y.CopyTo(_v, 0);
        Array.Clear(_z);
        (_sum, _weight) = (0, 0);
    }
}
