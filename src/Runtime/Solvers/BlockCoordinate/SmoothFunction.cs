namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// A smooth function f on Rⁿ at a point that it keeps, asked for one partial derivative or one block at a time. What depends on the
/// point (residuals, a gradient) is kept up to date by <see cref="Move"/>; nothing allocates in the calls of an iteration. Not safe
/// for several threads.
/// </summary>
public abstract class SmoothFunction
{
    /// <summary>n.</summary>
    public abstract int VariableCount { get; }

    /// <summary>x (n).</summary>
    public abstract ReadOnlySpan<double> Point { get; }

    /// <summary>Whether f is quadratic: second derivatives are the same everywhere.</summary>
    public virtual bool IsQuadratic => false;

    /// <summary>Puts the point to x (n) and computes anew what depends on it.</summary>
    public abstract void MoveTo(ReadOnlySpan<double> x);

    /// <summary>f at the point; NaN or infinite where it is not defined.</summary>
    public abstract double Value();

    /// <summary>∂f/∂xⱼ at the point.</summary>
    public abstract double Partial(int j);

    /// <summary>∂²f/∂xⱼ² at the point.</summary>
    public abstract double Curvature(int j);

    /// <summary>L_j = sup ∂²f/∂xⱼ²; +∞ where no bound is known.</summary>
    public virtual double CurvatureBound(int j) => double.PositiveInfinity;

    /// <summary>The second derivatives within a block of b coordinates at the point, b × b by rows, both triangles.</summary>
    public abstract void Hessian(ReadOnlySpan<int> block, Span<double> values);

    /// <summary>∂²f/∂xᵢ∂xⱼ at the point for pairs i = <paramref name="first"/>[k], j = <paramref name="second"/>[k] of coordinates that depend on each other.</summary>
    public virtual void Mixed(ReadOnlySpan<int> first, ReadOnlySpan<int> second, Span<double> values)
    {
        Span<int> pair = stackalloc int[2];
        Span<double> four = stackalloc double[4];
        for (int k = 0; k < first.Length; k++)
        {
            (pair[0], pair[1]) = (first[k], second[k]);
            Hessian(pair, four);
            values[k] = four[1];
        }
    }

    /// <summary>Announces a direction d (b) in a block of coordinates for <see cref="Change"/> and <see cref="Move"/>.</summary>
    public abstract void Aim(ReadOnlySpan<int> block, ReadOnlySpan<double> direction);

    /// <summary>f(x + t d) − f(x) for the announced direction; not finite where f is not defined there.</summary>
    public abstract double Change(double t);

    /// <summary>x ← x + t d for the announced direction.</summary>
    public abstract void Move(double t);

    /// <summary>The coordinates k ≠ j whose partial derivatives change with xⱼ; valid until the next call.</summary>
    public abstract ReadOnlySpan<int> Dependents(int j);

    /// <summary>∇f at the point into <paramref name="gradient"/> (n).</summary>
    public virtual void Gradient(Span<double> gradient)
    {
        for (int j = 0; j < VariableCount; j++) gradient[j] = Partial(j);
    }
}
