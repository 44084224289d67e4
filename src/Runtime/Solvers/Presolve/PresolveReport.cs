namespace Optc.Runtime.Solvers.Presolve;

/// <summary>What presolve took out of a problem, or why the problem has no feasible point.</summary>
public sealed class PresolveReport
{
    /// <summary>Rows without variables that may still move.</summary>
    public int EmptyRows { get; internal set; }

    /// <summary>Linear rows of one variable, which became bounds.</summary>
    public int SingletonRows { get; internal set; }

    /// <summary>Linear rows that hold wherever the bounds do.</summary>
    public int RedundantRows { get; internal set; }

    /// <summary>Linear rows that hold at one corner of the bounds only, and fix their variables there.</summary>
    public int ForcingRows { get; internal set; }

    /// <summary>Linear rows parallel to another one.</summary>
    public int ParallelRows { get; internal set; }

    /// <summary>Sides of two-sided rows that hold wherever the bounds do; the rows stay.</summary>
    public int RedundantSides { get; internal set; }

    /// <summary>Variables that are fixed, by their own bounds or by a row.</summary>
    public int FixedVariables { get; internal set; }

    /// <summary>Rows that are gone.</summary>
    public int RemovedRows => EmptyRows + SingletonRows + RedundantRows + ForcingRows + ParallelRows;

    /// <summary>Constraints that together with the bounds contradict each other, by index, the one that cannot hold first; empty unless the problem was proved infeasible.</summary>
    public int[] Contradicting { get; internal set; } = [];

    /// <summary>What the contradiction is, to go after the names of the constraints, about the first of them; empty unless there is one.</summary>
    public string Reason { get; internal set; } = "";

    /// <summary>Whether the problem was proved infeasible.</summary>
    public bool IsInfeasible => Contradicting.Length > 0;

    /// <summary>Rows, sides and variables that are gone.</summary>
    public int Reductions => RemovedRows + RedundantSides + FixedVariables;

    /// <summary>Whether anything is gone.</summary>
    public bool HasReduced => Reductions > 0;

    /// <summary>One line: <c>3 of 10 constraints (2 of one variable, 1 redundant) and 1 variable</c>.</summary>
    /// <param name="constraintCount">Constraints of the problem.</param>
    public string Describe(int constraintCount)
    {
        (int Count, string Kind)[] kinds =
        [
            (EmptyRows, "without variables"), (SingletonRows, "of one variable"), (RedundantRows, "redundant"), (ForcingRows, "forcing variables to their bounds"),
            (ParallelRows, "parallel to another"),
        ];
        var parts = new List<string>();
        if (RemovedRows > 0)
            parts.Add($"{RemovedRows} of {constraintCount} constraints ({string.Join(", ", kinds.Where(k => k.Count > 0).Select(k => $"{k.Count} {k.Kind}"))})");
        if (RedundantSides > 0) parts.Add($"{RedundantSides} redundant side{(RedundantSides == 1 ? "" : "s")} of constraints");
        if (FixedVariables > 0) parts.Add($"{FixedVariables} fixed variable{(FixedVariables == 1 ? "" : "s")}");
        return string.Join(" and ", parts);
    }
}
