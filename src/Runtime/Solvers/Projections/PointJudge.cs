using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Projections;

/// <summary>Measures points on the problem itself and keeps the best.</summary>
internal sealed class PointJudge(INlpProblem problem)
{
    private readonly double[] _best = problem.Start.ToArray();
    private readonly double[] _bestRows = new double[problem.ConstraintCount];
    private readonly double[] _rows = new double[problem.ConstraintCount];
    private int _evaluations;

    /// <summary>Largest violation of a row or bound at the best point, relative to the side.</summary>
    public double Violation { get; private set; } = double.PositiveInfinity;

    /// <summary>Measures a point.</summary>
    public void Consider(ReadOnlySpan<double> x)
    {
        problem.Constraints(x, _rows);
        _evaluations++;
        double largest = 0.0;
        for (int i = 0; i < _rows.Length; i++) largest = Larger(largest, KktResiduals.Violation(_rows[i], problem.ConstraintLower[i], problem.ConstraintUpper[i]));
        for (int j = 0; j < x.Length; j++) largest = Larger(largest, KktResiduals.Violation(x[j], problem.VariableLower[j], problem.VariableUpper[j]));
        if (!(largest < Violation)) return;
        Violation = largest;
        x.CopyTo(_best);
        _rows.CopyTo(_bestRows, 0);
    }

    /// <summary>The best point as an answer. There is nothing to be stationary: the multipliers are zero.</summary>
    public SolveResult Result(SolveStatus status, string message, int iterations, double seconds) => new()
    {
        Status = status,
        Message = message,
        Point = _best,
        Objective = problem.Objective(_best),
        ConstraintValues = _bestRows,
        ConstraintMultipliers = new double[_rows.Length],
        BoundMultipliers = new double[_best.Length],
        Residuals = new Residuals(0.0, Violation, 0.0),
        WorstConstraints =
        [
            .. Enumerable.Range(0, _rows.Length)
                .Select(i => (Row: i, By: KktResiduals.Violation(_bestRows[i], problem.ConstraintLower[i], problem.ConstraintUpper[i])))
                .Where(v => !(v.By <= 1e-8)).OrderByDescending(v => v.By).Take(10).Select(v => v.Row),
        ],
        OuterIterations = iterations,
        InnerIterations = iterations,
        Evaluations = new EvaluationCounts(1, 0, _evaluations, 0, 0),
        Seconds = seconds,
    };

    /// <summary>A NaN is the worst of all.</summary>
    private static double Larger(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);
}
