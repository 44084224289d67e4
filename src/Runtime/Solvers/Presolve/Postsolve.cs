using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.Presolve;

/// <summary>
/// Undoes a presolve, the last reduction first: values of fixed variables, multipliers of rows that are gone. A multiplier at a bound or
/// side that came from such a row is that row's; a forcing row gets the least multiplier that gives its variables' bounds multipliers of
/// the right sign (Andersen and Andersen 1995, §4). Rows that hold wherever the bounds do have multiplier 0. Signs: docs/conventions.md.
/// </summary>
internal sealed class Postsolve(INlpProblem problem, Presolver presolver)
{
    private readonly double[] _reducedCosts = new double[problem.VariableCount];
    private readonly double[] _jacobian = new double[problem.JacobianPattern.Count];

    /// <summary>From the multipliers of the problem's rows that stay and of the bounds in force to those of all rows and of the problem's own bounds.</summary>
    /// <param name="x">The point (n), fixed variables included.</param>
    /// <param name="y">In: multipliers of the rows that stay, 0 for the others. Out: all (m).</param>
    /// <param name="z">In: multipliers of the variables that stay. Out: all (n).</param>
    public void Restore(ReadOnlySpan<double> x, Span<double> y, Span<double> z)
    {
        SparsePattern pattern = problem.JacobianPattern;
        problem.Gradient(x, _reducedCosts);
        if (y.Length > 0) problem.Jacobian(x, _jacobian);
        for (int i = 0; i < y.Length; i++) Charge(i, y[i]);
        for (int r = presolver.Stack.Count - 1; r >= 0; r--)
        {
            Reduction reduction = presolver.Stack[r];
            switch (reduction.Kind)
            {
                case ReductionKind.FixedVariable:
                    z[reduction.Other] = _reducedCosts[reduction.Other];
                    break;
                case ReductionKind.SingletonRow:
                    double bound = z[reduction.Other];
                    if (!(bound > 0.0 ? reduction.Lower : reduction.Upper) || bound == 0.0) break;
                    y[reduction.Row] = bound / reduction.Factor;
                    Charge(reduction.Row, y[reduction.Row]);
                    z[reduction.Other] = 0.0;
                    break;
                case ReductionKind.ParallelRow:
                    double side = y[reduction.Other];
                    if (!(side > 0.0 ? reduction.Lower : reduction.Upper) || side == 0.0) break;
                    y[reduction.Row] = side / reduction.Factor;
                    y[reduction.Other] = 0.0;
                    Charge(reduction.Row, y[reduction.Row]);
                    Charge(reduction.Other, -side);
                    break;
                default:
                    y[reduction.Row] = ForcingMultiplier(reduction, r);
                    Charge(reduction.Row, y[reduction.Row]);
                    for (int k = pattern.Starts[reduction.Row]; k < pattern.Starts[reduction.Row + 1]; k++)
                    {
                        int j = pattern.Indices[k];
                        if (presolver.FixedAt[j] == r) z[j] = _reducedCosts[j];
                    }
                    break;
            }
        }
    }

    /// <summary>From multipliers of all rows and bounds to those of the reduced problem, in place: what rows that are gone had goes to where their sides went.</summary>
    public void Reduce(Span<double> y, Span<double> z)
    {
        foreach (Reduction reduction in presolver.Stack)
        {
            if (reduction.Kind == ReductionKind.SingletonRow) z[reduction.Other] += reduction.Factor * y[reduction.Row];
            if (reduction.Kind == ReductionKind.ParallelRow) y[reduction.Other] += reduction.Factor * y[reduction.Row];
        }
    }

    /// <summary>With y its multiplier, z_j = r_j − a_j y has to be ≤ 0 at upper bounds, ≥ 0 at lower ones: r_j/a_j bounds y on the same side for all j.</summary>
    private double ForcingMultiplier(in Reduction reduction, int index)
    {
        SparsePattern pattern = problem.JacobianPattern;
        double y = 0.0;
        for (int k = pattern.Starts[reduction.Row]; k < pattern.Starts[reduction.Row + 1]; k++)
        {
            int j = pattern.Indices[k];
            if (presolver.FixedAt[j] != index || _jacobian[k] == 0.0) continue;
            double ratio = _reducedCosts[j] / _jacobian[k];
            y = reduction.Lower ? Math.Max(y, ratio) : Math.Min(y, ratio);
        }
        return y;
    }

    /// <summary>r ← r − y_i ∇c_i.</summary>
    private void Charge(int i, double y)
    {
        if (y == 0.0) return;
        SparsePattern pattern = problem.JacobianPattern;
        for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) _reducedCosts[pattern.Indices[k]] -= y * _jacobian[k];
    }
}
