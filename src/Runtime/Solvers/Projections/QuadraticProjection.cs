namespace Optc.Runtime.Solvers.Projections;

/// <summary>
/// lower ≤ Σ aᵢ xᵢ yᵢ + Σ sₖ wₖ² + Σ bⱼ vⱼ ≤ upper over operands that are all different, in the order x₁ y₁ x₂ y₂ … w … v: sums, dot products and squares with
/// their result among the v, and rows of the model. Where a side is violated, the nearest point of it is that of the one multiplier λ with
/// <code>x + y = (x⁰ + y⁰)/(1 − aλ),  x − y = (x⁰ − y⁰)/(1 + aλ),  w = w⁰/(1 − 2sλ),  v = v⁰ + bλ</code>
/// on the side, a product being ¼ (x + y)² − ¼ (x − y)²: between the poles the quadratic is increasing in λ and the Lagrangian strictly convex, so that the root is the global minimum.
/// The case of one product is in Elser (Learning without loss, 2021), section 3; this form was derived here.
/// </summary>
public sealed class QuadraticProjection : IProjection
{
    /// <summary>A shift off the operands at which the nearest point is not unique, relative to their size.</summary>
    private const double Nudge = 1e-7;

    /// <summary>Newton's steps shorten the way to a pole by a constant factor only; after so many, bisection to the last bit.</summary>
    private const int NewtonSteps = 30;
    private const int MostSteps = 150;

    private readonly double[] _products;
    private readonly double[] _squares;
    private readonly double[] _linear;
    private readonly double _lower;
    private readonly double _upper;
    private readonly double _linearNorm;
    private readonly double _leastMultiplier = double.NegativeInfinity;
    private readonly double _greatestMultiplier = double.PositiveInfinity;

    /// <summary>The set with coefficients a of products, s of squares, b of linear terms, none of them zero.</summary>
    public QuadraticProjection(double[] products, double[] squares, double[] linear, double lower, double upper)
    {
        ArgumentNullException.ThrowIfNull(products);
        ArgumentNullException.ThrowIfNull(squares);
        ArgumentNullException.ThrowIfNull(linear);
        if (!(lower <= upper)) throw new ArgumentException($"The sides {lower} and {upper} cross.", nameof(lower));
        if (products.Concat(squares).Concat(linear).Any(c => c == 0.0 || !double.IsFinite(c))) throw new ArgumentException("Coefficients are finite and not zero.", nameof(products));
        (_products, _squares, _linear, _lower, _upper) = (products, squares, linear, lower, upper);
        foreach (double b in linear) _linearNorm += b * b;
        foreach (double a in products)
        {
            _greatestMultiplier = Math.Min(_greatestMultiplier, 1.0 / Math.Abs(a));
            _leastMultiplier = -_greatestMultiplier;
        }
        foreach (double s in squares)
        {
            if (s > 0.0) _greatestMultiplier = Math.Min(_greatestMultiplier, 0.5 / s);
            else _leastMultiplier = Math.Max(_leastMultiplier, 0.5 / s);
        }
        Name = products.Length > 0 ? "dot product" : squares.Length > 0 ? "square" : "sum";
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public int Arity => (2 * _products.Length) + _squares.Length + _linear.Length;

    /// <inheritdoc/>
    public void Project(Span<double> operands)
    {
        double value = Value(operands, 0.0, out _), side = Math.Clamp(value, _lower, _upper);
        if (value == side) return;
        if (_products.Length + _squares.Length > 0) LeaveDegeneracy(operands, side > value);
        Move(operands, Multiplier(operands, side));
    }

    /// <summary>The quadratic at the point that belongs to λ, and its derivative by λ.</summary>
    private double Value(ReadOnlySpan<double> v, double lambda, out double slope)
    {
        double value = 0.0;
        slope = _linearNorm;
        int at = 0;
        foreach (double a in _products)
        {
            double mu = a * lambda, first = v[at++], second = v[at++];
            double sum = (first + second) / (1.0 - mu), difference = (first - second) / (1.0 + mu);
            value += 0.25 * a * ((sum * sum) - (difference * difference));
            slope += 0.5 * a * a * ((sum * sum / (1.0 - mu)) + (difference * difference / (1.0 + mu)));
        }
        foreach (double s in _squares)
        {
            double rest = 1.0 - (2.0 * s * lambda), w = v[at++] / rest;
            value += s * w * w;
            slope += 4.0 * s * s * w * w / rest;
        }
        foreach (double b in _linear) value += b * v[at++];
        return value + (lambda * _linearNorm);
    }

    /// <summary>λ by Newton's method between bounds that shrink.</summary>
    private double Multiplier(ReadOnlySpan<double> v, double side)
    {
        double value = Value(v, 0.0, out double slope), lambda = 0.0;
        (double low, double high) = value < side ? (0.0, _greatestMultiplier) : (_leastMultiplier, 0.0);
        double small = 1e-15 * Math.Max(1.0, Math.Abs(side));
        for (int step = 0; step < MostSteps && Math.Abs(value - side) > small; step++)
        {
            double next = step < NewtonSteps ? lambda - ((value - side) / slope) : double.NaN;
            if (!(next > low && next < high)) next = double.IsInfinity(low) || double.IsInfinity(high) ? 2.0 * (lambda == 0.0 ? Math.Sign(side - value) : lambda) : 0.5 * (low + high);
            if (next == lambda || next <= low || next >= high) break;
            lambda = next;
            value = Value(v, lambda, out slope);
            if (value < side) low = lambda;
            else high = lambda;
        }
        return lambda;
    }

    private void Move(Span<double> v, double lambda)
    {
        int at = 0;
        foreach (double a in _products)
        {
            double mu = a * lambda, sum = (v[at] + v[at + 1]) / (1.0 - mu), difference = (v[at] - v[at + 1]) / (1.0 + mu);
            v[at++] = 0.5 * (sum + difference);
            v[at++] = 0.5 * (sum - difference);
        }
        foreach (double s in _squares)
        {
            v[at] /= 1.0 - (2.0 * s * lambda);
            at++;
        }
        foreach (double b in _linear) v[at++] += b * lambda;
    }

    /// <summary>
    /// At a pole of λ a term may stay finite: x = y or x = −y, w = 0. Then several points are nearest, or the multiplier does not lead there; a small shift
    /// decides for one of them.
    /// </summary>
    private void LeaveDegeneracy(Span<double> v, bool rises)
    {
        int at = 0;
        foreach (double a in _products)
        {
            // At a λ = 1 the pole's residue is x + y, at a λ = −1 it is x − y.
            double x = v[at], y = v[at + 1], size = 1.0 + Math.Abs(x) + Math.Abs(y), residue = a > 0.0 == rises ? x + y : x - y;
            if (Math.Abs(residue) < Nudge * size) v[at] += Nudge * size;
            at += 2;
        }
        foreach (double s in _squares)
        {
            if (s > 0.0 == rises && Math.Abs(v[at]) < Nudge) v[at] = v[at] < 0.0 ? -Nudge : Nudge;
            at++;
        }
    }
}
