namespace Optc.Runtime.Solution;

/// <summary>What became of a repair.</summary>
public enum RepairOutcome
{
    /// <summary>The model has a feasible point as it is.</summary>
    Feasible,

    /// <summary>A relaxation was found.</summary>
    Repaired,

    /// <summary>What must be kept has no feasible point.</summary>
    Impossible,

    /// <summary>The elastic model was not solved; the message says why.</summary>
    Failed,
}

/// <summary>A side or bound that has to move.</summary>
/// <param name="Name">Of the constraint or variable, as the user would write it.</param>
/// <param name="IsUpper">Its upper side; else the lower one.</param>
/// <param name="Side">The side as the model has it.</param>
/// <param name="Amount">By how much it has to move outwards, positive.</param>
public readonly record struct RelaxedMember(string Name, bool IsUpper, double Side, double Amount)
{
    /// <summary>The side with which the repaired point is feasible.</summary>
    public double NewSide => IsUpper ? Side + Amount : Side - Amount;
}

/// <summary>A family of constraints, or of bounds, with its members that have to move, the largest amount first.</summary>
/// <param name="Family">Name of the constraint or variable.</param>
/// <param name="OfBounds">Bounds of a variable; else a constraint.</param>
/// <param name="Size">Members of the family.</param>
/// <param name="Members">Those that move.</param>
public sealed record RelaxedFamily(string Family, bool OfBounds, int Size, IReadOnlyList<RelaxedMember> Members)
{
    /// <summary>Sum of the amounts.</summary>
    public double Total => Members.Sum(m => m.Amount);
}

/// <summary>The cheapest relaxation of a model, in its own words.</summary>
public sealed record RepairReport
{
    /// <summary>Name of the model: the file without its extension.</summary>
    public required string Model { get; init; }

    /// <summary>What became of it.</summary>
    public required RepairOutcome Outcome { get; init; }

    /// <summary>How the solver ended on the elastic model.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>One line for a person.</summary>
    public required string Message { get; init; }

    /// <summary><c>1</c>, <c>inf</c> or <c>2</c>.</summary>
    public required string Norm { get; init; }

    /// <summary>The norm of the weighted amounts, each over the size of its row.</summary>
    public double Cost { get; init; }

    /// <summary>The families that move, the largest total first.</summary>
    public IReadOnlyList<RelaxedFamily> Families { get; init; } = [];

    /// <summary>Largest violation beyond the amounts, relative to max(1, |side|), as an evaluation of the model's text finds it.</summary>
    public double Verified { get; init; } = double.NaN;

    /// <summary>Name of the objective in use; null for none.</summary>
    public string? ObjectiveName { get; init; }

    /// <summary>The objective at the point of the report.</summary>
    public double Objective { get; init; } = double.NaN;

    /// <summary>How the second solve ended, that of the repaired model; null when none was asked for.</summary>
    public SolveStatus? Optimised { get; init; }

    /// <summary>The variables at the repaired point, or at the repaired model's optimum.</summary>
    public IReadOnlyList<SolutionEntry> Variables { get; init; } = [];

    /// <summary>Families that cannot hold together, none of which can be spared; null when they were not asked for, empty for none.</summary>
    public IReadOnlyList<string>? Conflict { get; init; }

    /// <summary>Seconds spent solving.</summary>
    public double Seconds { get; init; }
}
