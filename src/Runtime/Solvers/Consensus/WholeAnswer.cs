using Optc.Runtime.Problems;
using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.Consensus;

/// <summary>Puts the blocks' answers together: point and multipliers of the whole problem, and their residuals.</summary>
internal sealed class WholeAnswer
{
    private readonly ConsensusProblem _problem;
    private readonly KktResiduals _measure;

    public WholeAnswer(ConsensusProblem problem)
    {
        _problem = problem;
        INlpProblem whole = problem.Whole;
        _measure = new KktResiduals(whole.VariableCount, whole.ConstraintCount, whole.JacobianPattern.Count);
        Point = whole.Start.ToArray();
        ConstraintMultipliers = new double[whole.ConstraintCount];
        BoundMultipliers = new double[whole.VariableCount];
    }

    public double[] Point { get; }

    public double[] ConstraintMultipliers { get; }

    public double[] BoundMultipliers { get; }

    public Residuals Residuals { get; private set; }

    public double Objective => _measure.Objective;

    public ReadOnlySpan<double> ConstraintValues => _measure.Constraints;

    /// <summary>The largest residual.</summary>
    public double Largest => double.IsNaN(Residuals.Stationarity + Residuals.Feasibility + Residuals.Complementarity)
        ? double.NaN
        : Math.Max(Residuals.Stationarity, Math.Max(Residuals.Feasibility, Residuals.Complementarity));

    /// <summary>
    /// Own variables are the blocks', shared ones the coordinator's, and so are the rows' multipliers; those of copy rows take up what is left of
    /// the stationarity of the block's variable, those of bounds what is left of theirs.
    /// </summary>
    public void Measure(IReadOnlyList<BlockState> blocks, IProximalBlock coordinator)
    {
        Gather(blocks, coordinator);
        Judge();
    }

    /// <summary>Takes the parts' points and multipliers.</summary>
    public void Gather(IReadOnlyList<BlockState> blocks, IProximalBlock coordinator)
    {
        for (int k = 0; k < blocks.Count; k++) Scatter(_problem.Blocks[k], blocks[k].Point, blocks[k].Multipliers);
        Scatter(_problem.Coordinator, coordinator.Point, coordinator.ConstraintMultipliers);
    }

    /// <summary>Completes what was gathered, and measures it.</summary>
    public void Judge()
    {
        INlpProblem whole = _problem.Whole;
        foreach (CopyRow copy in _problem.Copies)
        {
            Point[copy.Variable] = Point[copy.Shared];
            ConstraintMultipliers[copy.Row] = 0.0;
        }
        SetCopyMultipliers(whole);
        _measure.ReducedCosts(whole, Point, ConstraintMultipliers, BoundMultipliers);
        for (int j = 0; j < Point.Length; j++)
        {
            double side = BoundMultipliers[j] > 0.0 ? whole.VariableLower[j] : whole.VariableUpper[j];
            if (BoundMultipliers[j] != 0.0 && Math.Abs(Point[j] - side) > 1e-6 * Math.Max(1.0, Math.Abs(side))) BoundMultipliers[j] = 0.0;
        }
        Residuals = _measure.Measure(whole, Point, ConstraintMultipliers, BoundMultipliers);
    }

    private void Scatter(BlockDefinition part, ReadOnlySpan<double> point, ReadOnlySpan<double> multipliers)
    {
        for (int j = 0; j < part.Variables.Length; j++) Point[part.Variables[j]] = point[j];
        for (int i = 0; i < part.Rows.Length; i++) ConstraintMultipliers[part.Rows[i]] = multipliers[i];
    }

    private void SetCopyMultipliers(INlpProblem whole)
    {
        if (_problem.Copies.Count == 0) return;
        _measure.Measure(whole, Point, ConstraintMultipliers, BoundMultipliers);
        // What Measure leaves in the gradient is ∇f − Jᵀy, before any copy row.
        ReadOnlySpan<double> gradient = _measure.ObjectiveGradient, jacobian = _measure.Jacobian;
        SparsePattern pattern = whole.JacobianPattern;
        foreach (CopyRow copy in _problem.Copies)
        {
            for (int k = pattern.Starts[copy.Row]; k < pattern.Starts[copy.Row + 1]; k++)
            {
                if (pattern.Indices[k] == copy.Variable) ConstraintMultipliers[copy.Row] = gradient[copy.Variable] / jacobian[k];
            }
        }
    }
}
