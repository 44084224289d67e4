namespace Optc.Runtime.Problems;

/// <summary>Refuses problems that no solver should be given.</summary>
public static class ProblemCheck
{
    /// <summary>Throws an <see cref="ArgumentException"/> naming the first wrong length, NaN or crossing pair of bounds.</summary>
    public static void Bounds(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Length("variable lower bounds", problem.VariableLower.Length, problem.VariableCount);
        Length("variable upper bounds", problem.VariableUpper.Length, problem.VariableCount);
        Length("start values", problem.Start.Length, problem.VariableCount);
        Length("constraint lower sides", problem.ConstraintLower.Length, problem.ConstraintCount);
        Length("constraint upper sides", problem.ConstraintUpper.Length, problem.ConstraintCount);
        Pairs("variable", problem.VariableLower, problem.VariableUpper);
        Pairs("constraint", problem.ConstraintLower, problem.ConstraintUpper);
    }

    private static void Length(string what, int got, int expected)
    {
        if (got != expected) throw new ArgumentException($"The problem has {got} {what}; it needs {expected}.");
    }

    private static void Pairs(string what, ReadOnlySpan<double> lower, ReadOnlySpan<double> upper)
    {
        for (int i = 0; i < lower.Length; i++)
        {
            bool legal = lower[i] <= upper[i] && lower[i] < double.PositiveInfinity && upper[i] > double.NegativeInfinity;
            if (!legal) throw new ArgumentException($"The bounds of {what} {i} cross or are not numbers: lower {lower[i]:R}, upper {upper[i]:R}.");
        }
    }
}
