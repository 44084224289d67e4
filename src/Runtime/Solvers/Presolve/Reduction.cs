namespace Optc.Runtime.Solvers.Presolve;

/// <summary>One step of presolve that has to be undone; the last one first.</summary>
internal enum ReductionKind
{
    /// <summary>A row of one variable became bounds of it.</summary>
    SingletonRow,

    /// <summary>A variable is where its bounds meet.</summary>
    FixedVariable,

    /// <summary>A row holds at one corner of the bounds only; its variables are fixed there.</summary>
    ForcingRow,

    /// <summary>A row parallel to another: its sides went to that one.</summary>
    ParallelRow,
}

/// <summary>What undoing needs to know.</summary>
/// <param name="Kind">What was done.</param>
/// <param name="Row">The row that is gone; −1 for a fixed variable.</param>
/// <param name="Other">The variable (singleton, fixed), or the row that stays (parallel).</param>
/// <param name="Factor">The singleton's coefficient; for a parallel row t, the row gone being t times the one that stays.</param>
/// <param name="Lower">Whether the lower bound or side in force comes from the row that is gone; of a forcing row, whether its lower side forces.</param>
/// <param name="Upper">The same for the upper one.</param>
internal readonly record struct Reduction(ReductionKind Kind, int Row, int Other, double Factor, bool Lower, bool Upper);
