using Optc.Runtime.Solution;

namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// When no multipliers exist at the solution, iterates are nearly feasible and nearly stationary relative to multipliers that grow
/// without limit: divided by their size they satisfy Fritz John's condition with a weight of the objective that goes to zero
/// (approximate KKT points; Andreani, Haeser, Martínez, Optimization 60, 2011). That is noted, and ends the search when it lasts.
/// </summary>
internal sealed partial class AugmentedLagrangianRun
{
    /// <summary>Multipliers, times the size of their gradients, this much larger than the objective's gradient are suspect.</summary>
    private const double SuspectMultiplier = 1e4;
    private const double DivergingGrowth = 1.5;
    private const double NamedShare = 1e-3;
    private const int DivergingSteps = 200;
    private const int LeastDivergingSteps = 20;

    private int _divergingSteps;
    private int _allDivergingSteps;
    private double _firstDivergence;
    private double _largestDivergence;

    private void ResetDivergence()
    {
        _divergingSteps = _allDivergingSteps = 0;
        _firstDivergence = double.PositiveInfinity;
        _largestDivergence = 0.0;
    }

    /// <summary>Looks at the iterate in X, Y, Z, whose scaled residual is small though it is no solution; keeps the one with the least residual.</summary>
    private void NoteDivergence()
    {
        double size = MultiplierSize();
        if (!(size >= SuspectMultiplier)) return;
        Residuals at = state.Residuals.Measure(_problem.Original, state.X, state.Y, state.Z);
        if (at.Feasibility <= Math.Max(options.Tolerance, _bestViolation)) KeepFinish(at.Largest);
        if (double.IsPositiveInfinity(_firstDivergence)) _firstDivergence = size;
        _largestDivergence = Math.Max(_largestDivergence, size);
        _divergingSteps++;
        _allDivergingSteps++;
    }

    /// <summary>Whether multipliers have grown for long in this phase.</summary>
    private bool MultipliersDiverge => _divergingSteps >= DivergingSteps && _largestDivergence >= DivergingGrowth * _firstDivergence;

    /// <summary>Whether they have grown at all, for a report at the end.</summary>
    private bool MultipliersHaveDiverged => _allDivergingSteps >= LeastDivergingSteps && _largestDivergence >= DivergingGrowth * _firstDivergence;

    /// <summary>The largest |multiplier|·‖its gradient‖∞ (at the start, if it has shrunk since), relative to max(1, ‖∇f‖∞), unscaled.</summary>
    private double MultiplierSize()
    {
        double sigma = _problem.ObjectiveFactor, gradient = 1.0, largest = 0.0;
        foreach (double g in _model.ObjectiveGradient) gradient = Math.Max(gradient, Math.Abs(g) / sigma);
        foreach (double z in state.Z) largest = Math.Max(largest, Math.Abs(z));
        ReadOnlySpan<double> y = _model.Multipliers, jacobian = _model.Jacobian;
        for (int i = 0; i < y.Length; i++)
        {
            if (y[i] == 0.0) continue;
            double row = _problem.RowSize[i];
            for (int k = _problem.JacobianPattern.Starts[i]; k < _problem.JacobianPattern.Starts[i + 1]; k++) row = Math.Max(row, Math.Abs(jacobian[k]));
            largest = Math.Max(largest, Math.Abs(y[i]) * row / sigma);
        }
        return largest / gradient;
    }

    /// <summary>Ends with the point of least residual on the way to where no multipliers exist.</summary>
    private bool EndDiverging()
    {
        if (!double.IsFinite(_finishResidual)) return Stop(SolveStatus.NumericalFailure, "No multipliers exist at the limit of the iterates.");
        SolveStatus status = _finishResidual <= options.AcceptableTolerance ? SolveStatus.SolvedToAcceptable : SolveStatus.NumericalFailure;
        string message = status == SolveStatus.SolvedToAcceptable
            ? "Solved to the acceptable tolerance"
            : $"No multipliers exist at the limit of the iterates, so that no residual can vanish; the least is {Text(_finishResidual)}";
        return Finish(status, message + ".", state.FinishX, state.FinishY, state.FinishZ);
    }

    /// <summary>What diverges, from multipliers at a point that <see cref="SolveResult"/> returns and whose residuals were measured last; null when nothing does.</summary>
    private DivergingMultipliers? Divergence(SolveStatus status, double[] y, double[] z)
    {
        if (status is not (SolveStatus.SolvedToAcceptable or SolveStatus.NumericalFailure or SolveStatus.IterationLimit) || !MultipliersHaveDiverged) return null;
        return Divergence(y, z);
    }

    private DivergingMultipliers? Divergence(double[] y, double[] z)
    {
        ReadOnlySpan<double> jacobian = state.Residuals.Jacobian;
        int[] starts = _problem.JacobianPattern.Starts, columns = _problem.JacobianPattern.Indices;
        var size = new double[y.Length];
        var sum = (double[])z.Clone();
        double largest = 0.0;
        for (int i = 0; i < y.Length; i++)
        {
            double row = _problem.RowSize[i] / _problem.RowFactor[i];
            for (int k = starts[i]; k < starts[i + 1]; k++)
            {
                row = Math.Max(row, Math.Abs(jacobian[k]));
                sum[columns[k]] += y[i] * jacobian[k];
            }
            size[i] = Math.Abs(y[i]) * row;
            largest = Math.Max(largest, size[i]);
        }
        foreach (double v in z) largest = Math.Max(largest, Math.Abs(v));
        if (!(largest >= SuspectMultiplier)) return null;
        double residual = 0.0;
        foreach (double v in sum) residual = Math.Max(residual, Math.Abs(v) / largest);
        int[] constraints = [.. Enumerable.Range(0, y.Length).Where(i => size[i] >= NamedShare * largest).OrderByDescending(i => size[i]).ThenBy(i => i).Take(LongestReport)];
        int[] variables = [.. Enumerable.Range(0, z.Length).Where(j => Math.Abs(z[j]) >= NamedShare * largest).OrderByDescending(j => Math.Abs(z[j])).ThenBy(j => j).Take(LongestReport)];
        return new DivergingMultipliers(constraints, variables, 1.0 / largest, residual);
    }
}
