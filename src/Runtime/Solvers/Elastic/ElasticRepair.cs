using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.Elastic;

/// <summary>A point and the amounts by which it misses sides and bounds; amounts that count as zero are zero.</summary>
public sealed class Relaxation
{
    /// <summary>How the elastic problem was solved: <see cref="SolveStatus.Infeasible"/> when what is kept cannot hold.</summary>
    public required SolveStatus Status { get; init; }

    /// <summary>What the solver says.</summary>
    public required string Message { get; init; }

    /// <summary>x (n).</summary>
    public required double[] Point { get; init; }

    /// <summary>c at x (m).</summary>
    public required double[] Bodies { get; init; }

    /// <summary>By how much each constraint misses its side (m): below the lower one positive, above the upper one negative.</summary>
    public required double[] RowAmounts { get; init; }

    /// <summary>The same for the bounds (n).</summary>
    public required double[] BoundAmounts { get; init; }

    /// <summary>Multipliers of the elastic rows (m): rows with a multiplier prevent a cheaper relaxation.</summary>
    public required double[] Multipliers { get; init; }

    /// <summary>Newton steps.</summary>
    public int Iterations { get; init; }

    /// <summary>An amount is needed at all.</summary>
    public bool IsNeeded => RowAmounts.Any(a => a != 0.0) || BoundAmounts.Any(a => a != 0.0);

    /// <summary>The elastic problem was solved.</summary>
    public bool IsSolved => Status is SolveStatus.Solved or SolveStatus.SolvedToAcceptable;
}

/// <summary>The cheapest relaxation of a problem that has no feasible point (docs/after.md).</summary>
public static class ElasticRepair
{
    /// <summary>Amounts up to this, relative to max(1, |side|), are none.</summary>
    public const double Tolerance = 1e-6;

    /// <summary>‖∇c_i‖₂ at the start: a unit of c_i / ‖∇c_i‖ is a unit of distance to the constraint. 1 where the gradient vanishes or is not finite.</summary>
    public static double[] RowSizes(INlpProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var x = new double[problem.VariableCount];
        for (int j = 0; j < x.Length; j++) x[j] = Math.Clamp(problem.Start[j], problem.VariableLower[j], problem.VariableUpper[j]);
        var jacobian = new double[problem.JacobianPattern.Count];
        if (problem.ConstraintCount > 0) problem.Jacobian(x, jacobian);
        var sizes = new double[problem.ConstraintCount];
        int[] starts = problem.JacobianPattern.Starts;
        for (int i = 0; i < sizes.Length; i++)
        {
            double sum = 0.0;
            for (int k = starts[i]; k < starts[i + 1]; k++) sum += jacobian[k] * jacobian[k];
            sizes[i] = sum > 0.0 && double.IsFinite(sum) ? Math.Sqrt(sum) : 1.0;
        }
        return sizes;
    }

    /// <summary>Solves the elastic problem.</summary>
    public static Relaxation Solve(INlpProblem problem, ElasticWeights weights, AugmentedLagrangianOptions options, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(request);
        var elastic = new ElasticProblem(problem, weights);
        if (request.Start is not null) elastic.SetStart(request.Start);
        var inner = new SolveRequest { TimeLimit = request.TimeLimit, Progress = request.Progress, Seed = request.Seed };
        SolveResult result = new AugmentedLagrangianSolver(options).Solve(elastic, inner, cancellation);
        double[] x = result.Point[..problem.VariableCount];
        var bodies = new double[problem.ConstraintCount];
        if (bodies.Length > 0) problem.Constraints(x, bodies);
        var (rows, bounds) = (new double[bodies.Length], new double[x.Length]);
        for (int i = 0; i < rows.Length; i++)
        {
            if (!double.IsNaN(weights.RowWeights[i])) rows[i] = Amount(bodies[i], problem.ConstraintLower[i], problem.ConstraintUpper[i]);
        }
        for (int j = 0; j < bounds.Length; j++) bounds[j] = Amount(x[j], problem.VariableLower[j], problem.VariableUpper[j]);
        return new Relaxation
        {
            Status = result.Status,
            Message = result.Message,
            Point = x,
            Bodies = bodies,
            RowAmounts = rows,
            BoundAmounts = bounds,
            Multipliers = result.ConstraintMultipliers[..bodies.Length],
            Iterations = result.InnerIterations,
        };
    }

    /// <summary>
    /// Optimises the problem's own objective with its sides moved by the amounts of a relaxation, and by <see cref="Tolerance"/> beyond, so
    /// that what the cheapest relaxation leaves has an interior.
    /// </summary>
    public static SolveResult Optimise(INlpProblem problem, Relaxation relaxation, AugmentedLagrangianOptions options, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(relaxation);
        (double[] rowLower, double[] rowUpper) = Moved(problem.ConstraintLower, problem.ConstraintUpper, relaxation.RowAmounts);
        (double[] lower, double[] upper) = Moved(problem.VariableLower, problem.VariableUpper, relaxation.BoundAmounts);
        var start = new SolveRequest { Start = relaxation.Point, TimeLimit = request.TimeLimit, Progress = request.Progress, Seed = request.Seed };
        return new AugmentedLagrangianSolver(options).Solve(new SidedProblem(problem, lower, upper, rowLower, rowUpper), start, cancellation);
    }

    private static double Amount(double value, double lower, double upper)
    {
        double amount = value < lower ? lower - value : value > upper ? upper - value : 0.0;
        double side = amount > 0.0 ? lower : upper;
        return Math.Abs(amount) <= Tolerance * Math.Max(1.0, Math.Abs(side)) ? 0.0 : amount;
    }

    private static (double[] Lower, double[] Upper) Moved(ReadOnlySpan<double> lower, ReadOnlySpan<double> upper, double[] amounts)
    {
        (double[] low, double[] high) = (lower.ToArray(), upper.ToArray());
        for (int i = 0; i < amounts.Length; i++)
        {
            if (amounts[i] > 0.0) low[i] -= amounts[i] + (Tolerance * Math.Max(1.0, Math.Abs(low[i])));
            if (amounts[i] < 0.0) high[i] += -amounts[i] + (Tolerance * Math.Max(1.0, Math.Abs(high[i])));
        }
        return (low, high);
    }
}
