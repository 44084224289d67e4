namespace Optc.Runtime.Solvers.Sensitivity;

/// <summary>How far the conditions go under which derivatives of a solution exist (Fiacco 1983, Theorem 3.2.2).</summary>
public enum Regularity
{
    /// <summary>Independent active gradients, strict complementarity and the second-order condition: x, y, z are differentiable.</summary>
    Regular,

    /// <summary>Only strict complementarity fails: the objective is differentiable, x, y and z have one-sided derivatives at best.</summary>
    WeaklyActive,

    /// <summary>Active gradients are dependent: multipliers are not unique.</summary>
    Dependent,

    /// <summary>The reduced Hessian is not positive definite: the solution is not isolated, or no strict minimiser.</summary>
    SecondOrder,

    /// <summary>No active set was found on which the first-order conditions hold to high accuracy.</summary>
    Inaccurate,
}

/// <summary>What becomes zero where the active set changes.</summary>
public enum LimitKind
{
    /// <summary>Nothing does, to first order.</summary>
    None,

    /// <summary>A constraint reaches its lower side.</summary>
    LowerSide,

    /// <summary>A constraint reaches its upper side.</summary>
    UpperSide,

    /// <summary>The multiplier of an active constraint.</summary>
    Multiplier,

    /// <summary>A variable reaches its lower bound.</summary>
    LowerBound,

    /// <summary>A variable reaches its upper bound.</summary>
    UpperBound,

    /// <summary>The multiplier of an active bound.</summary>
    ReducedCost,
}

/// <summary>An end of the range of a parameter.</summary>
/// <param name="Change">From the parameter's value; ±∞ where nothing limits it.</param>
/// <param name="Kind">What happens there.</param>
/// <param name="Index">Row or column of the problem; −1 for <see cref="LimitKind.None"/>.</param>
public readonly record struct RangeLimit(double Change, LimitKind Kind, int Index);

/// <summary>Derivatives with respect to one parameter, of the internal minimisation, in the columns and rows of the parametric problem.</summary>
public sealed class ParameterDerivative
{
    /// <summary>dF/dp of the optimal objective F.</summary>
    public required double Objective { get; init; }

    /// <summary>dx/dp (n), 1 at the parameter itself; null unless the solution is regular.</summary>
    public double[]? Point { get; init; }

    /// <summary>dy/dp (m).</summary>
    public double[]? Multipliers { get; init; }

    /// <summary>dz/dp (n).</summary>
    public double[]? BoundMultipliers { get; init; }

    /// <summary>Decrease of p to which the active set is predicted to stay.</summary>
    public RangeLimit Below { get; init; }

    /// <summary>Increase of p to which the active set is predicted to stay.</summary>
    public RangeLimit Above { get; init; }
}
