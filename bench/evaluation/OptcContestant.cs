using Optc.Runtime.Problems;

namespace Optc.Bench.Evaluation;

/// <summary>The compiled model through the interface that solvers use.</summary>
internal sealed class OptcContestant(INlpProblem problem, Points points, double sigma, NativeVector weights, Outputs outputs) : IContestant
{
    public string Name => "optc";

    /// <summary>Writes to all outputs.</summary>
    public void Touch()
    {
        foreach (Quantity quantity in Enum.GetValues<Quantity>().Where(q => q != Quantity.All)) outputs[quantity].Span.Fill(1.0);
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
        if (quantity is Quantity.Objective or Quantity.All) outputs.Objective.Span[0] = problem.Objective(x);
        if (quantity is Quantity.Gradient or Quantity.All) problem.GradientOnly(x, outputs.Gradient.Span);
        if (quantity is Quantity.Constraints or Quantity.All) problem.Constraints(x, outputs.Constraints.Span);
        if (quantity is Quantity.Jacobian or Quantity.All) problem.Jacobian(x, outputs.Jacobian.Span);
        if (quantity is Quantity.Hessian or Quantity.All) problem.Hessian(x, sigma, weights.Span, outputs.Hessian.Span);
    }

    public void CopyTo(Quantity quantity, Span<double> values)
    {
        outputs[quantity].Span[..values.Length].CopyTo(values);
        // Bodies as values minus the side, which no constant that somebody moved to it can change.
        if (quantity == Quantity.Constraints) Sides.Subtract(values, problem.ConstraintLower, problem.ConstraintUpper);
    }

    public void Dispose()
    {
    }
}
