using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.MultiStart;

/// <summary>What solving from several points found.</summary>
/// <param name="Best">The best answer.</param>
/// <param name="BestStart">The start it came from; 0 is the model's own.</param>
/// <param name="Statuses">How each start ended.</param>
/// <param name="Optima">Distinct solutions by objective (internal form: minimised), best first.</param>
public sealed record MultiStartResult(SolveResult Best, int BestStart, IReadOnlyList<SolveStatus> Statuses, IReadOnlyList<Optimum> Optima);

/// <summary>One of the distinct solutions.</summary>
/// <param name="Objective">f (internal form: minimised).</param>
/// <param name="Start">The first start that led to it.</param>
/// <param name="Hits">How many starts did.</param>
public readonly record struct Optimum(double Objective, int Start, int Hits);

/// <summary>What is said of several starts in a model's answer.</summary>
/// <param name="Count">Starts.</param>
/// <param name="Solved">Starts that ended at a solution.</param>
/// <param name="Best">The start of the answer; 0 is the model's own.</param>
/// <param name="Optima">Distinct solutions, best first, with objectives as the model has them.</param>
public sealed record StartsSummary(int Count, int Solved, int Best, IReadOnlyList<Optimum> Optima);
