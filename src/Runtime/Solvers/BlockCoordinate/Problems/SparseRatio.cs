using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.BlockCoordinate.Problems;

/// <summary>How the coordinates of a ratio are moved.</summary>
public enum RatioStep
{
    /// <summary>The ratio itself is minimised along the coordinate (fractional coordinate descent).</summary>
    Fractional,

    /// <summary>Numerator minus present ratio times denominator is minimised (parametric coordinate descent).</summary>
    Parametric,
}

/// <summary>A point of a ratio, and what it took.</summary>
/// <param name="Point">x (p).</param>
/// <param name="Ratio">F(x).</param>
/// <param name="Sweeps">Passes over all coordinates.</param>
/// <param name="IsStationary">Whether the last sweep lowered the ratio by no more than the tolerance.</param>
public sealed record RatioResult(double[] Point, double Ratio, int Sweeps, bool IsStationary);

/// <summary>
/// minimise F(x) = (½‖G x − y‖² + ρ‖x‖₁) / (ρ‖x‖_[k]) with the sum ‖x‖_[k] of the k largest |x_j|: sparse recovery as a ratio of convex
/// functions (Yuan, Coordinate descent methods for fractional minimization, ICML 2023, with a convex denominator).
/// Every coordinate is moved to the global minimum along it, found among the breakpoints and the stationary points of the pieces.
/// </summary>
public sealed class SparseRatio
{
    private readonly double[][] _columns;
    private readonly double[] _target, _squares, _x, _residual, _sorted;
    private readonly double _rho;
    private readonly int _k;

    /// <param name="columns">G by columns, each with as many entries as y.</param>
    /// <param name="target">y.</param>
    /// <param name="rho">ρ &gt; 0.</param>
    /// <param name="k">1 ≤ k &lt; p.</param>
    public SparseRatio(double[][] columns, double[] target, double rho, int k)
    {
        ArgumentNullException.ThrowIfNull(columns);
        ArgumentNullException.ThrowIfNull(target);
        if (!(rho > 0) || k < 1 || k >= columns.Length) throw new ArgumentException($"A ratio needs ρ > 0 and 1 ≤ k < {columns.Length}, not {rho} and {k}.");
        (_columns, _target, _rho, _k) = (columns, target, rho, k);
        _squares = [.. columns.Select(c => VectorKernels.SumOfSquares(c))];
        (_x, _residual, _sorted) = (new double[columns.Length], new double[target.Length], new double[columns.Length]);
    }

    /// <summary>F(x), from the numbers alone.</summary>
    public double Ratio(ReadOnlySpan<double> x)
    {
        double[] z = [.. _target.Select(t => -t)];
        for (int j = 0; j < x.Length; j++) VectorKernels.AddScaled(x[j], _columns[j], z);
        double[] sizes = [.. x.ToArray().Select(Math.Abs).OrderDescending()];
        return ((0.5 * VectorKernels.SumOfSquares(z)) + (_rho * sizes.Sum())) / (_rho * sizes.Take(_k).Sum());
    }

    /// <summary>Cyclic descent from a point that is not zero.</summary>
    /// <param name="start">x (p).</param>
    /// <param name="step">How coordinates are moved.</param>
    /// <param name="tolerance">Relative decrease of a sweep at which to stop.</param>
    /// <param name="maxSweeps">Limit on sweeps.</param>
    /// <param name="progress">Called with F after every sweep.</param>
    public RatioResult Descend(ReadOnlySpan<double> start, RatioStep step, double tolerance = 1e-12, int maxSweeps = 1000, Action<double>? progress = null)
    {
        start.CopyTo(_x);
        for (int i = 0; i < _residual.Length; i++) _residual[i] = -_target[i];
        for (int j = 0; j < _x.Length; j++) VectorKernels.AddScaled(_x[j], _columns[j], _residual);
        double ratio = Ratio(_x);
        if (!double.IsFinite(ratio)) throw new ArgumentException("The ratio is not defined at the start: its denominator is zero.");
        for (int sweep = 1; ; sweep++)
        {
            double before = ratio;
            for (int j = 0; j < _x.Length; j++) ratio = Math.Min(ratio, Move(j, step, ratio));
            progress?.Invoke(ratio);
            bool isStationary = before - ratio <= tolerance * Math.Abs(before);
            if (isStationary || sweep == maxSweeps) return new RatioResult([.. _x], ratio, sweep, isStationary);
        }
    }

    /// <summary>Moves coordinate j to the best value along it; the ratio there.</summary>
    private double Move(int j, RatioStep step, double ratio)
    {
        // Along t = x_j: numerator ½c t² + b t + d + ρ|t|, denominator ρ max(s_k, s_{k−1} + |t|) with the others' sums s.
        double old = _x[j], c = _squares[j], slope = VectorKernels.Dot(_columns[j], _residual);
        double b = slope - (c * old), l1 = 0;
        for (int i = 0; i < _x.Length; i++)
        {
            _sorted[i] = i == j ? -1 : Math.Abs(_x[i]);
            if (i != j) l1 += _sorted[i];
        }
        Array.Sort(_sorted);
        double fewer = 0;
        for (int i = 0; i < _k - 1; i++) fewer += _sorted[^(i + 1)];
        double all = fewer + _sorted[^_k], edge = all - fewer;
        double d = (0.5 * VectorKernels.SumOfSquares(_residual)) - (slope * old) + (0.5 * c * old * old) + (_rho * l1);
        double best = old, bestValue = Value(old);

        // Pieces end at −edge, 0 and edge; between, sign and denominator are fixed.
        Try(0);
        Try(edge);
        Try(-edge);
        for (int sign = -1; sign <= 1; sign += 2)
        {
            TryStationary(sign, _rho * all, 0, 0, edge);
            TryStationary(sign, _rho * fewer, _rho * sign, edge, double.PositiveInfinity);
        }
        if (best == old) return ratio;
        VectorKernels.AddScaled(best - old, _columns[j], _residual);
        _x[j] = best;
        return Numerator(best) / Denominator(best);

        double Numerator(double t) => (0.5 * c * t * t) + (b * t) + d + (_rho * Math.Abs(t));

        double Denominator(double t) => _rho * Math.Max(all, fewer + Math.Abs(t));

        double Value(double t) => step == RatioStep.Fractional ? Numerator(t) / Denominator(t) : Numerator(t) - (ratio * Denominator(t));

        void Try(double t)
        {
            if (!(Denominator(t) > 0)) return;
            double value = Value(t);
            if (value < bestValue) (best, bestValue) = (t, value);
        }

        // Denominator α + βt on sign · t in [low, high].
        void TryStationary(int sign, double alpha, double beta, double low, double high)
        {
            double linear = b + (_rho * sign);
            if (step == RatioStep.Parametric)
            {
                if (c > 0) TryRoot(((ratio * beta) - linear) / c);
                return;
            }
            // (c t + linear)(α + βt) = β(½c t² + linear t + d): ½cβ t² + cα t + (α linear − βd) = 0.
            double q = 0.5 * c * beta, l = c * alpha, e = (alpha * linear) - (beta * d);
            if (q == 0)
            {
                if (l != 0) TryRoot(-e / l);
                return;
            }
            double discriminant = (l * l) - (4 * q * e);
            if (discriminant < 0) return;
            double root = Math.Sqrt(discriminant), stable = -0.5 * (l + Math.CopySign(root, l));
            TryRoot(stable / q);
            if (stable != 0) TryRoot(e / stable);

            void TryRoot(double t)
            {
                if (sign * t >= low && sign * t <= high) Try(t);
            }
        }
    }
}
