using System.Runtime.Intrinsics;
using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>ℓ(y, z) = ½(z − y)².</summary>
public sealed class LeastSquaresLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "least squares";

    /// <inheritdoc/>
    public override bool IsQuadratic => true;

    /// <inheritdoc/>
    public override double Smoothness => 1;

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++) sum += w[i] * (z[i] - y[i]) * (z[i] - y[i]);
        return 0.5 * sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> g)
    {
        int wide = z.Length - (z.Length % Vector256<double>.Count);
        Vector256<double> sums = Vector256<double>.Zero;
        for (int i = 0; i < wide; i += Vector256<double>.Count)
        {
            Vector256<double> r = Vector256.Create(z[i..]) - Vector256.Create(y[i..]), slope = Vector256.Create(w[i..]) * r;
            slope.CopyTo(g[i..]);
            sums += slope * r;
        }
        double sum = Vector256.Sum(sums);
        for (int i = wide; i < z.Length; i++)
        {
            double r = z[i] - y[i];
            g[i] = w[i] * r;
            sum += g[i] * r;
        }
        return 0.5 * sum;
    }

    /// <inheritdoc/>
    public override void Forms(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, Span<double> z)
    {
        for (int i = 0; i < z.Length; i++) z[i] = y[i] + (w[i] > 0 ? g[i] / w[i] : 0);
    }

    /// <inheritdoc/>
    public override void Curvature(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> h) => w.CopyTo(h);

    /// <inheritdoc/>
    public override double Conjugate(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, double s)
    {
        // w ℓ*(v) = w (½v² + y v) with v = s g / w; g is zero where w is.
        int wide = g.Length - (g.Length % Vector256<double>.Count);
        var least = Vector256.Create(1e-300);
        Vector256<double> sums = Vector256<double>.Zero;
        for (int i = 0; i < wide; i += Vector256<double>.Count)
        {
            Vector256<double> v = Vector256.Create(g[i..]) * s;
            sums += v * ((0.5 * v / Vector256.Max(Vector256.Create(w[i..]), least)) + Vector256.Create(y[i..]));
        }
        double sum = Vector256.Sum(sums);
        for (int i = wide; i < g.Length; i++)
        {
            double v = s * g[i];
            sum += v * ((0.5 * v / Math.Max(w[i], 1e-300)) + y[i]);
        }
        return sum;
    }
}

/// <summary>ℓ(y, z) = log(1 + eᶻ) − y z with y in [0, 1]; of labels ±1 it is log(1 + e^(−yz)) with (y + 1)/2 for y.</summary>
public sealed class LogisticLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "logistic";

    /// <inheritdoc/>
    public override double Smoothness => 0.25;

    /// <inheritdoc/>
    public override double CurvatureFloor => 1e-9;

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++) sum += w[i] * (Math.Max(z[i], 0) + Math.Log(1 + Math.Exp(-Math.Abs(z[i]))) - (y[i] * z[i]));
        return sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> g)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++)
        {
            double e = Math.Exp(-Math.Abs(z[i])), p = (z[i] >= 0 ? 1 : e) / (1 + e);
            sum += w[i] * (Math.Max(z[i], 0) + Math.Log(1 + e) - (y[i] * z[i]));
            g[i] = w[i] * (p - y[i]);
        }
        return sum;
    }

    /// <inheritdoc/>
    public override void Curvature(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> h)
    {
        for (int i = 0; i < z.Length; i++)
        {
            double e = Math.Exp(-Math.Abs(z[i]));
            h[i] = w[i] * e / ((1 + e) * (1 + e));
        }
    }

    /// <inheritdoc/>
    public override double Conjugate(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, double s)
    {
        double sum = 0;
        for (int i = 0; i < g.Length; i++)
        {
            if (w[i] == 0) continue;
            double t = (s * g[i] / w[i]) + y[i];
            if (t < -1e-12 || t > 1 + 1e-12) return double.PositiveInfinity;
            if (t > 0) sum += w[i] * t * Math.Log(t);
            if (t < 1) sum += w[i] * (1 - t) * Math.Log(1 - t);
        }
        return sum;
    }

    /// <inheritdoc/>
    public override string? Refuse(ReadOnlySpan<double> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (!(y[i] is >= 0 and <= 1)) return $"label {i + 1} of a logistic loss is {y[i]}; labels are 0 and 1; for -1 and 1 write log(1 + exp(-y*t))";
        }
        return null;
    }
}

/// <summary>ℓ(y, z) = ½r² for |r| ≤ δ, δ|r| − ½δ² beyond, r = z − y.</summary>
/// <param name="delta">δ &gt; 0.</param>
public sealed class HuberLoss(double delta) : Loss
{
    /// <summary>Where the loss becomes linear.</summary>
    public double Delta { get; } = delta > 0 ? delta : throw new ArgumentOutOfRangeException(nameof(delta), delta, "The width of a Huber loss is positive.");

    /// <inheritdoc/>
    public override string Name => "Huber";

    /// <inheritdoc/>
    public override double Smoothness => 1;

    /// <inheritdoc/>
    public override double CurvatureFloor => 1e-3;

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++)
        {
            double r = Math.Abs(z[i] - y[i]);
            sum += w[i] * (r <= Delta ? 0.5 * r * r : Delta * (r - (0.5 * Delta)));
        }
        return sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> g)
    {
        for (int i = 0; i < z.Length; i++) g[i] = w[i] * Math.Clamp(z[i] - y[i], -Delta, Delta);
        return Value(y, w, z);
    }

    /// <inheritdoc/>
    public override void Curvature(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> h)
    {
        for (int i = 0; i < z.Length; i++) h[i] = Math.Abs(z[i] - y[i]) <= Delta ? w[i] : 0;
    }

    /// <inheritdoc/>
    public override double Conjugate(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, double s)
    {
        double sum = 0;
        for (int i = 0; i < g.Length; i++)
        {
            if (w[i] == 0) continue;
            double v = s * g[i] / w[i];
            if (Math.Abs(v) > Delta * (1 + 1e-12)) return double.PositiveInfinity;
            sum += w[i] * v * ((0.5 * v) + y[i]);
        }
        return sum;
    }
}

/// <summary>ℓ(y, z) = eᶻ − y z with y ≥ 0.</summary>
public sealed class PoissonLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "Poisson";

    /// <inheritdoc/>
    public override double Smoothness => double.PositiveInfinity;

    /// <inheritdoc/>
    public override double CurvatureFloor => 1e-9;

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++) sum += w[i] * (Math.Exp(z[i]) - (y[i] * z[i]));
        return sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> g)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++)
        {
            double e = Math.Exp(z[i]);
            sum += w[i] * (e - (y[i] * z[i]));
            g[i] = w[i] * (e - y[i]);
        }
        return sum;
    }

    /// <inheritdoc/>
    public override void Curvature(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> h)
    {
        for (int i = 0; i < z.Length; i++) h[i] = w[i] * Math.Exp(z[i]);
    }

    /// <inheritdoc/>
    public override double Conjugate(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, double s)
    {
        double sum = 0;
        for (int i = 0; i < g.Length; i++)
        {
            if (w[i] == 0) continue;
            double t = (s * g[i] / w[i]) + y[i];
            if (t < -1e-12 * (1 + y[i])) return double.PositiveInfinity;
            if (t > 0) sum += w[i] * t * (Math.Log(t) - 1);
        }
        return sum;
    }

    /// <inheritdoc/>
    public override string? Refuse(ReadOnlySpan<double> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (!(y[i] >= 0)) return $"label {i + 1} of a Poisson loss is {y[i]}; counts are not negative";
        }
        return null;
    }
}

/// <summary>ℓ(y, z) = ½ max(0, 1 − y z)² with y = ±1.</summary>
public sealed class SquaredHingeLoss : Loss
{
    /// <inheritdoc/>
    public override string Name => "squared hinge";

    /// <inheritdoc/>
    public override double Smoothness => 1;

    /// <inheritdoc/>
    public override double CurvatureFloor => 1e-3;

    /// <inheritdoc/>
    public override double Value(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z)
    {
        double sum = 0;
        for (int i = 0; i < z.Length; i++)
        {
            double m = Math.Max(0, 1 - (y[i] * z[i]));
            sum += w[i] * m * m;
        }
        return 0.5 * sum;
    }

    /// <inheritdoc/>
    public override double Gradient(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> g)
    {
        for (int i = 0; i < z.Length; i++) g[i] = -w[i] * y[i] * Math.Max(0, 1 - (y[i] * z[i]));
        return Value(y, w, z);
    }

    /// <inheritdoc/>
    public override void Curvature(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> z, Span<double> h)
    {
        for (int i = 0; i < z.Length; i++) h[i] = y[i] * z[i] < 1 ? w[i] : 0;
    }

    /// <inheritdoc/>
    public override double Conjugate(ReadOnlySpan<double> y, ReadOnlySpan<double> w, ReadOnlySpan<double> g, double s)
    {
        double sum = 0;
        for (int i = 0; i < g.Length; i++)
        {
            if (w[i] == 0) continue;
            double u = y[i] * s * g[i] / w[i];
            if (u > 1e-12) return double.PositiveInfinity;
            sum += w[i] * u * (1 + (0.5 * u));
        }
        return sum;
    }

    /// <inheritdoc/>
    public override string? Refuse(ReadOnlySpan<double> y)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (Math.Abs(y[i]) != 1) return $"label {i + 1} of a squared hinge loss is {y[i]}; labels are -1 and 1";
        }
        return null;
    }
}
