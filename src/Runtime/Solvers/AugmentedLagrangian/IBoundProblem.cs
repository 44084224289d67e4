namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// A smooth problem with bounds only, <c>minimise φ(v), Lower ≤ v ≤ Upper</c>, as an inner solver sees it: it knows of no
/// multipliers of constraints. A variable with Lower = Upper is fixed. Calls allocate nothing and hide no NaN.
/// </summary>
public interface IBoundProblem
{
    /// <summary>Number of variables N.</summary>
    int VariableCount { get; }

    /// <summary>Number of leading variables that a line search moves; <see cref="Value"/> places the others.</summary>
    int SearchedCount { get; }

    /// <summary>Lower bounds (N), −∞ where there is none.</summary>
    ReadOnlySpan<double> Lower { get; }

    /// <summary>Upper bounds (N), +∞ where there is none.</summary>
    ReadOnlySpan<double> Upper { get; }

    /// <summary>
    /// φ(v), after the variables from <see cref="SearchedCount"/> on were moved to their best values for the barrier function
    /// φ(v) − μ Σ log(v − Lower) − μ Σ log(Upper − v); <paramref name="barrier"/> is μ.
    /// </summary>
    double Value(Span<double> point, double barrier);

    /// <summary>∇φ(v) into <paramref name="gradient"/> (N); returns φ(v), NaN also when a derivative is not finite. The Newton system that follows belongs to this point.</summary>
    double Linearise(ReadOnlySpan<double> point, Span<double> gradient);

    /// <summary>The Newton system at the point that was linearised last.</summary>
    IBoundNewtonSystem Newton { get; }
}

/// <summary>
/// The matrix M = ∇²φ + D + δI of a bound-constrained problem, kept in whatever form suits it. D is a diagonal that the
/// inner solver adds for the bounds; an entry +∞ holds that variable where it is.
/// </summary>
public interface IBoundNewtonSystem
{
    /// <summary>Evaluates second derivatives at the point linearised last.</summary>
    void Update();

    /// <summary>Factors M; true when M is positive definite on the variables that may move.</summary>
    bool Factor(ReadOnlySpan<double> diagonal, double shift);

    /// <summary>Whether the last <see cref="Factor"/> was given up because a limit was reached: then no shift helps.</summary>
    bool WasInterrupted => false;

    /// <summary>Solves M·step = rhs (both N); the step of a held variable is 0.</summary>
    void Solve(ReadOnlySpan<double> rhs, Span<double> step);

    /// <summary>Told when the solver has moved by <paramref name="length"/> times the last step, so that estimates kept with
    /// the system (multipliers) may move along.</summary>
    void Moved(double length);
}
