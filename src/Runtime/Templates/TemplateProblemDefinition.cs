using Optc.Runtime.Problems;

namespace Optc.Runtime.Templates;

/// <summary>
/// All a <see cref="TemplateProblem"/> is built from. The extended point is u = [declared variables (N); stage values (Z)],
/// and slots of templates are positions in it. A problem has the n ≤ N variables that are not fixed and m constraints.
/// </summary>
public sealed record TemplateProblemDefinition
{
    /// <summary>Declared variables N, fixed ones included.</summary>
    public required int DeclaredCount { get; init; }

    /// <summary>Stage values Z.</summary>
    public int StageCount { get; init; }

    /// <summary>Constraints m.</summary>
    public required int ConstraintCount { get; init; }

    /// <summary>The templates, in any order.</summary>
    public required IReadOnlyList<Template> Templates { get; init; }

    /// <summary>Every instance of every stage template once, in the order in which stage values must be computed.</summary>
    public IReadOnlyList<StageRun> Schedule { get; init; } = [];

    /// <summary>Position in u of each problem variable (n), ascending; null when nothing is fixed, so that n = N.</summary>
    public int[]? FreePositions { get; init; }

    /// <summary>Values of the declared variables (N), of which those of fixed ones count; null when nothing is fixed.</summary>
    public double[]? DeclaredValues { get; init; }

    /// <summary>Lower bounds (n), −∞ where there is none.</summary>
    public required double[] VariableLower { get; init; }

    /// <summary>Upper bounds (n), +∞ where there is none.</summary>
    public required double[] VariableUpper { get; init; }

    /// <summary>Lower sides of the constraints (m).</summary>
    public required double[] ConstraintLower { get; init; }

    /// <summary>Upper sides of the constraints (m).</summary>
    public required double[] ConstraintUpper { get; init; }

    /// <summary>Starting point (n).</summary>
    public required double[] Start { get; init; }

    /// <summary>Added to the sum of the objective templates, before the sign.</summary>
    public double ObjectiveOffset { get; init; }

    /// <summary>+1 for a minimised objective; −1 for a maximised one, whose negative the problem minimises.</summary>
    public int ObjectiveSign { get; init; } = 1;

    /// <summary>What the compiler knows of the structure.</summary>
    public ProblemStructure Structure { get; init; } = ProblemStructure.General;

    /// <summary>Most multiplications that eliminating the stage values may take in one Jacobian or Hessian; each costs four
    /// bytes. A model beyond it is refused (<see cref="EliminationTooLargeException"/>), since its matrices in the variables
    /// alone are practically dense.</summary>
    public long EliminationLimit { get; init; } = 1L << 26;

    /// <summary>Number of problem variables n.</summary>
    public int FreeCount => FreePositions?.Length ?? DeclaredCount;
}
