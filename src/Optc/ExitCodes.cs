using Optc.Runtime.Solution;

namespace Optc.Cli;

/// <summary>What the process says to the shell.</summary>
public static class ExitCodes
{
    /// <summary>Solved, also to acceptable; everything asked for was done.</summary>
    public const int Done = 0;

    /// <summary>The model or its data are wrong, a file cannot be read, or an expectation is not met.</summary>
    public const int ModelWrong = 1;

    /// <summary>The command line is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The model is infeasible.</summary>
    public const int Infeasible = 3;

    /// <summary>The model is unbounded.</summary>
    public const int Unbounded = 4;

    /// <summary>A limit was reached or the solve was interrupted; the best point is printed.</summary>
    public const int Limit = 5;

    /// <summary>Numerical failure, a function that cannot be evaluated, or wrong derivatives.</summary>
    public const int Failure = 6;

    /// <summary>The exit code for the end of a solve.</summary>
    public static int Of(SolveStatus status) => status switch
    {
        SolveStatus.Solved or SolveStatus.SolvedToAcceptable => Done,
        SolveStatus.Infeasible => Infeasible,
        SolveStatus.Unbounded => Unbounded,
        SolveStatus.IterationLimit or SolveStatus.TimeLimit or SolveStatus.Interrupted => Limit,
        _ => Failure,
    };
}
