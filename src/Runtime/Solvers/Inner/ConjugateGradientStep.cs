using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// Truncated Newton (Nash 2000; Nocedal, Wright 2006, Algorithm 7.1): conjugate gradients for H d = −g on the free variables, by products with H only,
/// until the residual is min(0.03, ‖g‖^½)·‖g‖ or a direction of negative curvature turns up; then a search along the projection. A first
/// direction of negative curvature is as long as the magnitude of its curvature says. With a degree τ the iteration is preconditioned by <see cref="PolynomialPreconditioner"/>.
/// </summary>
internal sealed class ConjugateGradientStep : IStepStrategy
{
    private const double LargestStep = 100.0;
    private const double LooseResidual = 0.03;

    private readonly double[] _residual;
    private readonly double[] _preconditioned;
    private readonly double[] _search;
    private readonly double[] _product;
    private readonly PolynomialPreconditioner? _preconditioner;
    private readonly int _mostIterations;

    public ConjugateGradientStep(int variableCount, int degree, int seed)
    {
        _residual = new double[variableCount];
        _preconditioned = degree > 0 ? new double[variableCount] : _residual;
        _search = new double[variableCount];
        _product = new double[variableCount];
        _preconditioner = degree > 0 ? new PolynomialPreconditioner(variableCount, degree, seed) : null;
        _mostIterations = Math.Clamp(2 * variableCount, 20, 2000);
    }

    /// <inheritdoc/>
    public void Reset()
    {
        // Nothing is learnt from step to step.
    }

    /// <inheritdoc/>
    public StepEnd Step(InnerPoint at)
    {
        at.Function.TakeHessianPoint(at.X);
        _preconditioner?.Prepare(at.Function, at.Held);
        Solve(at);
        at.AimHeldAtBounds();
        return at.SearchAlongProjection(1.0) ? StepEnd.Moved : StepEnd.Stuck;
    }

    /// <summary>The direction.</summary>
    private void Solve(InnerPoint at)
    {
        Span<double> d = at.Direction, r = _residual, p = _search;
        ReadOnlySpan<bool> held = at.Held;
        d.Clear();
        for (int j = 0; j < r.Length; j++) r[j] = held[j] ? 0.0 : -at.Gradient[j];
        double norm = VectorKernels.Norm2(r), target = Math.Min(LooseResidual, Math.Sqrt(norm)) * norm;
        if (norm == 0.0) return;
        bool isPreconditioned = Precondition(at);
        double rz = VectorKernels.Dot(r, _preconditioned);
        _preconditioned.CopyTo(p);
        for (int k = 0; k < _mostIterations; k++)
        {
            at.Function.Product(p, _product);
            Mask(held, _product);
            double curvature = VectorKernels.Dot(p, _product), square = VectorKernels.SumOfSquares(p);
            if (!(curvature > 1e-14 * square))
            {
                // What was found so far belongs to a convex model. The first direction goes as far as the magnitude of its curvature says.
                double length = Math.Min(rz / Math.Max(Math.Abs(curvature), 1e-300), LargestStep * (1.0 + VectorKernels.MaxAbs(at.X)) / VectorKernels.MaxAbs(p));
                if (k == 0) VectorKernels.Scale(length, p, d);
                return;
            }
            double alpha = rz / curvature;
            VectorKernels.AddScaled(alpha, p, d);
            VectorKernels.AddScaled(-alpha, _product, r);
            if (VectorKernels.Norm2(r) <= target) return;
            if (isPreconditioned) isPreconditioned = Precondition(at);
            else if (_preconditioner is not null) r.CopyTo(_preconditioned);
            double next = VectorKernels.Dot(r, _preconditioned);
            VectorKernels.Combine(1.0, _preconditioned, next / rz, p, p);
            rz = next;
        }
    }

    /// <summary>The preconditioned residual; the residual itself, and false, where the polynomial is not positive definite.</summary>
    private bool Precondition(InnerPoint at)
    {
        if (_preconditioner is null) return false;
        _preconditioner.Apply(at.Function, at.Held, _residual, _preconditioned);
        if (VectorKernels.Dot(_residual, _preconditioned) > 0.0) return true;
        _residual.CopyTo(_preconditioned, 0);
        return false;
    }

    private static void Mask(ReadOnlySpan<bool> held, Span<double> v)
    {
        for (int j = 0; j < v.Length; j++)
        {
            if (held[j]) v[j] = 0.0;
        }
    }
}
