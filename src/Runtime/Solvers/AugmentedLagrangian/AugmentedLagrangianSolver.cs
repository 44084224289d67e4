using Optc.Runtime.Problems;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.Inner;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The augmented Lagrangian method for nonlinear programs (docs/auglag.md). Holds the workspace of the last problem shape.
/// </summary>
public sealed class AugmentedLagrangianSolver : ISolver
{
    private readonly AugmentedLagrangianOptions _options;
    private readonly InnerAlternatives _alternatives;
    private AugmentedLagrangianState? _state;
    private AugmentedLagrangianRun? _run;

    /// <summary>A solver with these options (the defaults for null), which are validated here.</summary>
    public AugmentedLagrangianSolver(AugmentedLagrangianOptions? options = null)
    {
        _options = options ?? new AugmentedLagrangianOptions();
        _options.Validate();
        _alternatives = new InnerAlternatives(_options);
    }

    /// <inheritdoc/>
    public string Name => "auglag";

    /// <inheritdoc/>
    public SolveResult Solve(INlpProblem problem, SolveRequest request, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        var result = new SolveResult
        {
            Status = SolveStatus.NumericalFailure,
            Message = "",
            Point = new double[problem.VariableCount],
            Objective = double.NaN,
            ConstraintValues = new double[problem.ConstraintCount],
            ConstraintMultipliers = new double[problem.ConstraintCount],
            BoundMultipliers = new double[problem.VariableCount],
            Residuals = default,
        };
        SolveInto(problem, request, result, cancellation);
        return result;
    }

    /// <summary>
    /// Solves into an existing result, whose arrays are reused when their lengths fit. A second call for a problem with the
    /// same patterns allocates nothing when it ends as <see cref="SolveStatus.Solved"/>.
    /// </summary>
    public void SolveInto(INlpProblem problem, SolveRequest request, SolveResult result, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(result);
        long began = request.Clock.GetTimestamp();
        ProblemCheck.Bounds(problem);
        CheckLength("starting values", request.Start, problem.VariableCount);
        CheckLength("starting multipliers of constraints", request.ConstraintMultipliers, problem.ConstraintCount);
        CheckLength("starting multipliers of bounds", request.BoundMultipliers, problem.VariableCount);
        result.Note = "";
        if (problem.VariableCount == 0)
        {
            Judge(problem, request, result, began);
            return;
        }
        if (_alternatives.Solves(problem, ref request, result, out SolveEffort earlier, began, cancellation)) return;
        if (_state is null || _run is null || !_state.Fits(problem))
        {
            _state = new AugmentedLagrangianState(problem);
            _run = new AugmentedLagrangianRun(_state, _options);
        }
        if (_options.Inner == InnerMethod.Auto && _alternatives.IsTooLarge(_state.Model.FactorBytes, result))
            _alternatives.Solve(InnerMethod.Cg, problem, request, result, began, cancellation);
        else
            _run.Solve(problem, request, result, began, cancellation);
        result.CountToo(earlier);
    }

    /// <summary>Without variables the constraints hold or they do not: there is nothing to iterate.</summary>
    private void Judge(INlpProblem problem, SolveRequest request, SolveResult result, long began)
    {
        var measure = new KktResiduals(0, problem.ConstraintCount, problem.JacobianPattern.Count);
        result.ConstraintMultipliers = new double[problem.ConstraintCount];
        result.Residuals = measure.Measure(problem, [], result.ConstraintMultipliers, []);
        result.ConstraintValues = measure.Constraints.ToArray();
        bool isDefined = double.IsFinite(measure.Objective) && result.ConstraintValues.All(double.IsFinite), isFeasible = result.Residuals.Feasibility <= _options.Tolerance;
        result.Status = !isDefined ? SolveStatus.EvaluationError : isFeasible ? SolveStatus.Solved : SolveStatus.Infeasible;
        result.Message = result.Status switch
        {
            SolveStatus.Solved => "Solved: there are no variables, and the constraints hold.",
            SolveStatus.Infeasible => "There are no variables, and the constraints do not hold.",
            _ => "There are no variables, and a function is not finite.",
        };
        result.Point = [];
        result.BoundMultipliers = [];
        result.Objective = measure.Objective;
        result.WorstConstraints = AugmentedLagrangianRun.Worst(problem, measure.Constraints, _options.Tolerance);
        (result.Unboundedness, result.Diverging) = (null, null);
        (result.OuterIterations, result.InnerIterations) = (0, 0);
        bool hasRows = problem.ConstraintCount > 0;
        result.Evaluations = new EvaluationCounts(0, 1, hasRows ? 1 : 0, hasRows ? 1 : 0, 0);
        result.Seconds = request.Clock.GetElapsedTime(began).TotalSeconds;
    }

    private static void CheckLength(string what, double[]? values, int expected)
    {
        if (values is not null && values.Length != expected) throw new ArgumentException($"The request has {values.Length} {what}; the problem needs {expected}.");
    }
}
