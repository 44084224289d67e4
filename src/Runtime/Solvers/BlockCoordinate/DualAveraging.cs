using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A-CODER: accelerated cyclic coordinate dual averaging with extrapolation (Lin, Song, Diakonikolas, ICML 2023). The partial
/// derivatives p are taken at a point whose blocks behind are new (y) and whose blocks before are those of x.
/// </summary>
internal sealed class DualAveraging : AveragingMethod
{
    private readonly double[] _x, _y, _p, _oldP, _gradient, _oldGradient;
    private double _total, _weight;

    public DualAveraging(SmoothFunction function, BlockPenalty penalty, BlockOptions options)
        : base(function, penalty, options.BlockSize)
    {
        int n = function.VariableCount;
        (_x, _y, _p, _oldP, _gradient, _oldGradient) = (new double[n], new double[n], new double[n], new double[n], new double[n], new double[n]);
    }

    public override void Start()
    {
        State.Function.Point.CopyTo(_y);
        _y.CopyTo(Origin, 0);
        _y.CopyTo(V, 0);
        Array.Clear(Z);
        (_total, _weight) = (0, 0);
    }

    /// <summary>The average y moves there.</summary>
    protected override void Adopt() => State.Function.Point.CopyTo(_y);

    public override void Epoch(Func<bool> isOver)
    {
        SmoothFunction f = State.Function;
        // The largest a with 5 a² L ≤ 2 A, for a penalty that is not strongly convex.
        double oldTotal = _total, oldWeight = _weight, r = 0.4 / Lipschitz;
        _weight = 0.5 * (r + Math.Sqrt((r * r) + (4 * r * oldTotal)));
        _total = oldTotal + _weight;
        VectorKernels.Combine(oldTotal / _total, _y, _weight / _total, V, _x);
        _p.CopyTo(_oldP, 0);
        _gradient.CopyTo(_oldGradient, 0);
        f.MoveTo(_x);
        for (int j = 0; j < _x.Length; j++) _gradient[j] = State.Slope(j);
        for (int b = Blocks.Count - 1; b >= 0; b--)
        {
            ReadOnlySpan<int> coordinates = Blocks.Coordinates(b);
            foreach (int j in coordinates)
            {
                _p[j] = State.Slope(j);
                Z[j] += (_weight * _p[j]) + (oldWeight * (_oldGradient[j] - _oldP[j]));
            }
            Average(b, _total, 1);
            for (int k = 0; k < coordinates.Length; k++)
            {
                int j = coordinates[k];
                _y[j] = ((oldTotal * _y[j]) + (_weight * V[j])) / _total;
                Step[k] = _y[j] - _x[j];
            }
            f.Aim(coordinates, Step.AsSpan(0, coordinates.Length));
            f.Move(1);
        }
    }
}
