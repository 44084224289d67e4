using System.Globalization;
using Optc.Bench.Nlp;
using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers;
using Optc.Runtime.Solvers.AugmentedLagrangian;
using Optc.Runtime.Solvers.Inner;

namespace Optc.Bench.Inner;

/// <summary>One method on one model.</summary>
internal static class Contest
{
    private const int Repeats = 7;
    private const double Budget = 0.3;

    /// <summary>A cell of the table; empty when the method is not for the problem.</summary>
    public static string Cell(INlpProblem problem, InnerMethod method, double timeLimit)
    {
        if (InnerMethods.Obstacle(method, problem) is not null) return "";
        var options = new AugmentedLagrangianOptions { Inner = method };
        var request = new SolveRequest { TimeLimit = timeLimit };
        var taken = new List<double>();
        SolveResult result = null!;
        // The first run makes code and is not counted unless it is the only one.
        for (int k = 0; k <= Repeats && (k < 2 || taken.Sum() < Budget); k++)
        {
            double start = ProcessorTime.Seconds();
            result = new AugmentedLagrangianSolver(options).Solve(problem, request);
            double seconds = ProcessorTime.Seconds() - start;
            if (k > 0 || seconds > timeLimit / 2.0) taken.Add(seconds);
            if (k == 0 && seconds > timeLimit / 2.0) break;
        }
        taken.Sort();
        EvaluationCounts e = result.Evaluations;
        string status = result.Status switch
        {
            SolveStatus.Solved => "",
            SolveStatus.SolvedToAcceptable => $"acceptable ({Short(result.Residuals.Largest)}): ",
            _ => $"**{result.Status}** ({Short(result.Residuals.Largest)}): ",
        };
        string milliseconds = (1e3 * taken[taken.Count / 2]).ToString("G3", CultureInfo.InvariantCulture);
        return $"{status}{result.InnerIterations}; {e.Objective}, {e.Gradient + e.Jacobian}, {e.Hessian}, {e.HessianVector}; {milliseconds}; f = {result.Objective.ToString("G6", CultureInfo.InvariantCulture)}";
    }

    private static string Short(double value) => value.ToString("E1", CultureInfo.InvariantCulture);
}
