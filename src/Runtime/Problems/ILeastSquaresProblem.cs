namespace Optc.Runtime.Problems;

/// <summary>
/// A nonlinear least-squares problem: <code>minimise f(x) = Offset + Σᵢ wᵢ rᵢ(x)²,   wᵢ > 0,   l ≤ x ≤ u.</code>
/// Calls fill the spans they are given, allocate nothing, and never hide a NaN. One instance is used by one thread at a time.
/// </summary>
public interface ILeastSquaresProblem
{
    /// <summary>Number of variables n.</summary>
    int VariableCount { get; }

    /// <summary>Number of residuals.</summary>
    int ResidualCount { get; }

    /// <summary>Weights w of the squares, all positive.</summary>
    ReadOnlySpan<double> Weights { get; }

    /// <summary>What f has besides the squares.</summary>
    double Offset { get; }

    /// <summary>Pattern of the Jacobian of the residuals by rows (CSR), columns ascending within a row.</summary>
    SparsePattern JacobianPattern { get; }

    /// <summary>Pattern of the lower triangle of Σ uᵢ∇²rᵢ by columns (CSC).</summary>
    SparsePattern CurvaturePattern { get; }

    /// <summary>r(x) into <paramref name="residuals"/>.</summary>
    void Residuals(ReadOnlySpan<double> x, Span<double> residuals);

    /// <summary>r(x), and the values of its Jacobian in the order of <see cref="JacobianPattern"/>.</summary>
    void ResidualsAndJacobian(ReadOnlySpan<double> x, Span<double> residuals, Span<double> jacobian);

    /// <summary>Σ uᵢ∇²rᵢ(x) in the order of <see cref="CurvaturePattern"/>.</summary>
    void Curvature(ReadOnlySpan<double> x, ReadOnlySpan<double> multipliers, Span<double> values);
}
