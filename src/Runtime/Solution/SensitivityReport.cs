namespace Optc.Runtime.Solution;

/// <summary>A derivative by name.</summary>
/// <param name="Name">Of a variable or constraint, as the user would write it.</param>
/// <param name="Value">Derivative of the value of the variable; NaN for a constraint.</param>
/// <param name="Dual">Derivative of the reduced cost or multiplier, in the user's sense.</param>
public readonly record struct DerivativeEntry(string Name, double Value, double Dual);

/// <summary>Derivatives of an answer with respect to one parameter, in the user's sense: of a maximised objective as it is written.</summary>
public sealed record ParameterSensitivity
{
    /// <summary>The parameter as the user would write it: <c>p</c>, <c>demand[north]</c>.</summary>
    public required string Parameter { get; init; }

    /// <summary>Its value.</summary>
    public required double Value { get; init; }

    /// <summary><c>regular</c>, <c>weaklyActive</c>, <c>dependent</c>, <c>secondOrder</c>, <c>inaccurate</c> or <c>notSolved</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why derivatives are missing, with the constraints that are to blame; null when none is.</summary>
    public string? Reason { get; init; }

    /// <summary>Derivative of the optimal objective; NaN when it has none.</summary>
    public double Objective { get; init; } = double.NaN;

    /// <summary>Least value of the parameter to which the active set is predicted to stay; −∞ when nothing ends it, NaN when unknown.</summary>
    public double RangeLower { get; init; } = double.NaN;

    /// <summary>Greatest such value.</summary>
    public double RangeUpper { get; init; } = double.NaN;

    /// <summary>What happens at the lower end; null for nothing.</summary>
    public string? LowerLimit { get; init; }

    /// <summary>What happens at the upper end; null for nothing.</summary>
    public string? UpperLimit { get; init; }

    /// <summary>Derivatives of the variables and their reduced costs, fixed ones left out; empty unless <c>regular</c>.</summary>
    public IReadOnlyList<DerivativeEntry> Variables { get; init; } = [];

    /// <summary>Derivatives of the constraints' multipliers; empty unless <c>regular</c>.</summary>
    public IReadOnlyList<DerivativeEntry> Constraints { get; init; } = [];
}

/// <summary>The derivatives that were asked for.</summary>
public sealed record SensitivityReport
{
    /// <summary>In the order asked for, entries of a family in its own order.</summary>
    public required IReadOnlyList<ParameterSensitivity> Parameters { get; init; }

    /// <summary>Entries of families that occur in the problem and were left out because there are too many.</summary>
    public int Omitted { get; init; }

    /// <summary>The parameter of this name.</summary>
    /// <exception cref="KeyNotFoundException">It was not asked for, or does not occur in the problem.</exception>
    public ParameterSensitivity this[string parameter] =>
        Parameters.FirstOrDefault(p => p.Parameter == parameter) ?? throw new KeyNotFoundException($"there are no derivatives with respect to {parameter}");
}
