namespace Optc.Runtime.Templates;

/// <summary>
/// One step of the schedule that computes stage values: the instances [Start, End) of a stage template. Runs are done in
/// order; a run may read only stage values that no later run, and not the run itself, still adds to.
/// </summary>
/// <param name="Template">Number of the template in the definition's list.</param>
/// <param name="Start">First instance.</param>
/// <param name="End">One past the last instance.</param>
public readonly record struct StageRun(int Template, int Start, int End);
