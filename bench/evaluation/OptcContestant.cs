using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>The compiled model through the interface that solvers use.</summary>
internal sealed class OptcContestant(INlpProblem problem, Points points, double sigma, NativeVector weights) : IContestant
{
    private readonly Outputs _outputs = new(problem.VariableCount, problem.ConstraintCount, problem.JacobianPattern.Count, problem.HessianPattern.Count);

    public string Name => "optc";

    /// <summary>Writes to all outputs.</summary>
    public void Touch()
    {
        foreach (Quantity quantity in Enum.GetValues<Quantity>().Where(q => q != Quantity.All)) _outputs[quantity].Span.Fill(1.0);
    }

    public void Run(Quantity quantity, long calls)
    {
        int point = 0;
        for (long k = 0; k < calls; k++)
        {
            Evaluate(quantity, point);
            if (++point == Points.Count) point = 0;
        }
    }

    public void Evaluate(Quantity quantity, int point)
    {
        ReadOnlySpan<double> x = points[point];
        if (quantity is Quantity.Objective or Quantity.All) _outputs.Objective.Span[0] = problem.Objective(x);
        if (quantity is Quantity.Gradient or Quantity.All) problem.GradientOnly(x, _outputs.Gradient.Span);
        if (quantity is Quantity.Constraints or Quantity.All) problem.Constraints(x, _outputs.Constraints.Span);
        if (quantity is Quantity.Jacobian or Quantity.All) problem.Jacobian(x, _outputs.Jacobian.Span);
        if (quantity is Quantity.Hessian or Quantity.All) problem.Hessian(x, sigma, weights.Span, _outputs.Hessian.Span);
    }

    public void CopyTo(Quantity quantity, Span<double> values)
    {
        _outputs[quantity].Span[..values.Length].CopyTo(values);
        // Bodies as values minus the side, which no constant that somebody moved to it can change.
        if (quantity == Quantity.Constraints) Sides.Subtract(values, problem.ConstraintLower, problem.ConstraintUpper);
    }

    public void Dispose() => _outputs.Dispose();
}
