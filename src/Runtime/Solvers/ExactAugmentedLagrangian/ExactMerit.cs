using Optc.Runtime.Native;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.ExactAugmentedLagrangian;

/// <summary>
/// The differentiable exact augmented Lagrangian of Di Pillo and Grippo (SIAM J. Control Optim. 17, 1979) for min f(x), c(x) = 0,
/// <code>L_η(x, λ) = f + λᵀc + η₁/2 ‖c‖² + η₂/2 ‖J ∇_x L‖²,     L = f + λᵀc,</code>
/// with everything that is known at a point (x, λ). λ is −y of docs/conventions.md.
/// </summary>
internal sealed class ExactMerit
{
    private readonly INlpProblem _problem;
    private readonly double[] _curvature;
    private readonly double[] _product;

    public ExactMerit(INlpProblem problem)
    {
        _problem = problem;
        int n = problem.VariableCount, m = problem.ConstraintCount;
        (Gradient, Lagrangian, _product) = (new double[n], new double[n], new double[n]);
        (Violation, Projected) = (new double[m], new double[m]);
        Jacobian = new double[problem.JacobianPattern.Count];
        Hessian = new double[problem.HessianPattern.Count];
        _curvature = new double[problem.HessianPattern.Count];
    }

    /// <summary>η₁.</summary>
    public double ViolationWeight { get; set; } = 1.0;

    /// <summary>η₂.</summary>
    public double ProjectedWeight { get; set; } = 0.1;

    /// <summary>f.</summary>
    public double Objective { get; private set; }

    /// <summary>∇f (n).</summary>
    public double[] Gradient { get; }

    /// <summary>∇_x L = ∇f + Jᵀλ (n).</summary>
    public double[] Lagrangian { get; }

    /// <summary>c less the sides (m).</summary>
    public double[] Violation { get; }

    /// <summary>w = J ∇_x L (m).</summary>
    public double[] Projected { get; }

    /// <summary>Values of J.</summary>
    public double[] Jacobian { get; }

    /// <summary>Values of ∇²_xx L, after <see cref="Slope"/> or <see cref="Curve"/>.</summary>
    public double[] Hessian { get; }

    /// <summary>‖∇L‖₂ = ‖(∇_x L; c)‖₂.</summary>
    public double Norm => Math.Sqrt(Square(Lagrangian) + Square(Violation));

    /// <summary>L_η at the point; NaN or infinite where the problem cannot be evaluated.</summary>
    public double Value(ReadOnlySpan<double> x, ReadOnlySpan<double> lambda)
    {
        Objective = _problem.Gradient(x, Gradient);
        if (Violation.Length > 0) _problem.ConstraintsAndJacobian(x, Violation, Jacobian);
        double value = Objective;
        for (int i = 0; i < Violation.Length; i++)
        {
            Violation[i] -= _problem.ConstraintLower[i];
            value += lambda[i] * Violation[i];
        }
        Gradient.CopyTo(Lagrangian, 0);
        AddTransposed(lambda, 1.0, Lagrangian);
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < Projected.Length; i++)
        {
            double sum = 0.0;
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) sum += Jacobian[k] * Lagrangian[pattern.Indices[k]];
            Projected[i] = sum;
        }
        return value + (0.5 * ViolationWeight * Square(Violation)) + (0.5 * ProjectedWeight * Square(Projected));
    }

    /// <summary>Evaluates ∇²_xx L at the point of the last value.</summary>
    public void Curve(ReadOnlySpan<double> x, ReadOnlySpan<double> lambda) => _problem.Hessian(x, 1.0, lambda, Hessian);

    /// <summary>
    /// The directional derivative of L_η at the point of the last value and Hessian:
    /// <c>∇_x L_η = ∇_x L + η₁ Jᵀc + η₂ (H Jᵀw + Σ wᵢ∇²cᵢ ∇_x L)</c>, <c>∇_λ L_η = c + η₂ J Jᵀ w</c>.
    /// </summary>
    public double Slope(ReadOnlySpan<double> x, ReadOnlySpan<double> dx, ReadOnlySpan<double> dlambda)
    {
        SparsePattern pattern = _problem.HessianPattern, jacobian = _problem.JacobianPattern;
        double slope = 0.0;
        for (int j = 0; j < dx.Length; j++) slope += Lagrangian[j] * dx[j];
        for (int i = 0; i < dlambda.Length; i++)
        {
            double along = 0.0;
            for (int k = jacobian.Starts[i]; k < jacobian.Starts[i + 1]; k++) along += Jacobian[k] * dx[jacobian.Indices[k]];
            slope += (dlambda[i] * Violation[i]) + (ViolationWeight * Violation[i] * along);
        }
        // H dx + Jᵀ dλ is the change of ∇_x L; that of J is in Σ wᵢ∇²cᵢ.
        Array.Clear(_product);
        SparseKernels.SymmetricLowerMultiplyAdd(pattern.Starts, pattern.Indices, Hessian, 1, dx, _product);
        AddTransposed(dlambda, 1.0, _product);
        double projected = 0.0;
        for (int i = 0; i < Projected.Length; i++)
        {
            double sum = 0.0;
            for (int k = jacobian.Starts[i]; k < jacobian.Starts[i + 1]; k++) sum += Jacobian[k] * _product[jacobian.Indices[k]];
            projected += Projected[i] * sum;
        }
        _problem.Hessian(x, 0.0, Projected, _curvature);
        Array.Clear(_product);
        SparseKernels.SymmetricLowerMultiplyAdd(pattern.Starts, pattern.Indices, _curvature, 1, dx, _product);
        for (int j = 0; j < dx.Length; j++) projected += _product[j] * Lagrangian[j];
        return slope + (ProjectedWeight * projected);
    }

    private static double Square(double[] values)
    {
        double sum = 0.0;
        foreach (double value in values) sum += value * value;
        return sum;
    }

    private void AddTransposed(ReadOnlySpan<double> y, double factor, double[] target)
    {
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < y.Length; i++)
        {
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) target[pattern.Indices[k]] += factor * y[i] * Jacobian[k];
        }
    }
}
