namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>A factorisation of a symmetric indefinite matrix that tells its inertia.</summary>
internal interface ISymmetricSolver
{
    /// <summary>Number of positive eigenvalues.</summary>
    int Positive { get; }

    /// <summary>Number of negative eigenvalues.</summary>
    int Negative { get; }

    /// <summary>Factors the matrix with these values of its lower triangle; false when it is singular.</summary>
    bool Factor(ReadOnlySpan<double> values);

    /// <summary>Solves in place.</summary>
    void Solve(Span<double> x);
}
