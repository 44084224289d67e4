using Optc.Runtime.Problems;

namespace Optc.Runtime.Readers;

/// <summary>A linear or quadratic program as a file states it, with its names.</summary>
/// <param name="Name">After NAME; empty when there is none.</param>
/// <param name="ObjectiveName">Name of the first N row.</param>
/// <param name="IsMaximised">Whether OBJSENSE asks for a maximum. <paramref name="Program"/> is a minimisation all the same, with the objective negated.</param>
/// <param name="Program">Objective, rows (without N rows) and columns in the order of the file.</param>
/// <param name="VariableNames">Names of the columns.</param>
/// <param name="ConstraintNames">Names of the rows.</param>
/// <param name="Notes">What was left out or read by a convention.</param>
public sealed record MpsModel(
    string Name,
    string ObjectiveName,
    bool IsMaximised,
    QuadraticProgram Program,
    IReadOnlyList<string> VariableNames,
    IReadOnlyList<string> ConstraintNames,
    IReadOnlyList<string> Notes);
