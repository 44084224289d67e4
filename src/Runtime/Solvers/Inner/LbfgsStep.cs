using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// Limited-memory BFGS (Nocedal 1980; Liu, Nocedal 1989): the two-loop recursion over the last pairs (s, y), for variables with bounds in the
/// subspace of those that are not held (two-metric projection: Bertsekas 1982), with steps along the projection. Without bounds the step satisfies the
/// strong conditions of Wolfe (<see cref="WolfeSearch"/>). Memory: 2·pairs + 5 vectors.
/// </summary>
internal sealed class LbfgsStep(int variableCount, int memory) : IStepStrategy
{
    private const double LeastCurvature = 1e-12;

    private readonly double[][] _s = Vectors(variableCount, memory);
    private readonly double[][] _y = Vectors(variableCount, memory);
    private readonly double[] _product = new double[memory];
    private readonly double[] _alpha = new double[memory];
    private readonly int[] _heldList = new int[variableCount];
    private int _heldCount;
    private int _count;
    private int _next;

    /// <inheritdoc/>
    public void Reset() => _count = _next = 0;

    /// <inheritdoc/>
    public StepEnd Step(InnerPoint at)
    {
        Direction(at);
        double slope = at.Slope();
        double first = 1.0;
        if (!(slope < 0.0) || !double.IsFinite(slope))
        {
            Reset();
            Direction(at);
        }
        if (_count == 0) first = Math.Min(1.0, 1.0 / Math.Max(1e-300, VectorKernels.MaxAbs(at.Direction)));
        at.AimHeldAtBounds();
        bool moved = at.HasBounds ? at.SearchAlongProjection(first) : WolfeSearch.Run(at, first);
        if (!moved) return StepEnd.Stuck;
        Remember(at);
        return StepEnd.Moved;
    }

    /// <summary>−Hg on the free variables.</summary>
    private void Direction(InnerPoint at)
    {
        Span<double> q = at.Direction;
        VectorKernels.Scale(-1.0, at.Gradient, q);
        _heldCount = 0;
        if (at.HasBounds)
        {
            for (int j = 0; j < q.Length; j++)
            {
                if (at.Held[j]) _heldList[_heldCount++] = j;
            }
        }
        Mask(q);
        double scale = 0.0;
        for (int k = 1; k <= _count; k++)
        {
            int i = Slot(k);
            double sy = Restricted(_s[i], _y[i]);
            bool isUseful = sy > LeastCurvature * Math.Sqrt(Restricted(_s[i], _s[i]) * Restricted(_y[i], _y[i]));
            _product[i] = isUseful ? sy : 0.0;
            if (!isUseful) continue;
            if (scale == 0.0) scale = sy / Restricted(_y[i], _y[i]);
            _alpha[i] = VectorKernels.Dot(_s[i], q) / sy;
            VectorKernels.AddScaled(-_alpha[i], _y[i], q);
            Mask(q);
        }
        if (scale > 0.0) VectorKernels.Scale(scale, q);
        for (int k = _count; k >= 1; k--)
        {
            int i = Slot(k);
            if (_product[i] == 0.0) continue;
            double beta = VectorKernels.Dot(_y[i], q) / _product[i];
            VectorKernels.AddScaled(_alpha[i] - beta, _s[i], q);
            Mask(q);
        }
    }

    /// <summary>Where the k-th last pair is, from 1.</summary>
    private int Slot(int k) => (_next - k + memory) % memory;

    private void Mask(Span<double> v)
    {
        for (int k = 0; k < _heldCount; k++) v[_heldList[k]] = 0.0;
    }

    /// <summary>aᵀb over the free variables.</summary>
    private double Restricted(double[] a, double[] b)
    {
        double sum = VectorKernels.Dot(a, b);
        for (int k = 0; k < _heldCount; k++) sum -= a[_heldList[k]] * b[_heldList[k]];
        return sum;
    }

    private void Remember(InnerPoint at)
    {
        double[] s = _s[_next], y = _y[_next];
        VectorKernels.Combine(1.0, at.X, -1.0, at.Other, s);
        VectorKernels.Combine(1.0, at.Gradient, -1.0, at.OtherGradient, y);
        double sy = VectorKernels.Dot(s, y);
        if (!(sy > LeastCurvature * Math.Sqrt(VectorKernels.SumOfSquares(s) * VectorKernels.SumOfSquares(y)))) return;
        _next = (_next + 1) % memory;
        _count = Math.Min(_count + 1, memory);
    }

    private static double[][] Vectors(int length, int count)
    {
        var vectors = new double[count][];
        for (int k = 0; k < count; k++) vectors[k] = new double[length];
        return vectors;
    }
}
