namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>A point v strictly between its bounds with duals of the bounds, as the stopping tests see it.</summary>
internal interface IInteriorIterate
{
    /// <summary>The point v.</summary>
    Span<double> Point { get; }

    /// <summary>Duals z_L ≥ 0 of the lower bounds.</summary>
    Span<double> LowerDual { get; }

    /// <summary>Duals z_U ≥ 0 of the upper bounds.</summary>
    Span<double> UpperDual { get; }

    /// <summary>Length ‖·‖∞ of the last step.</summary>
    double StepNorm { get; }

    /// <summary>Shift δ of the last factorisation.</summary>
    double Shift { get; }

    /// <summary>Largest |(v − L) z_L − μ| and its twin.</summary>
    double Complementarity(double barrier);

    /// <summary>Evaluates everything at the point again, after somebody else used the model.</summary>
    void Relinearise(double barrier);
}
