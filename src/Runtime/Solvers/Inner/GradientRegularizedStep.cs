using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// Gradient-regularised Newton by gradient-normalised smoothness (Semenov, Jaggi, Doikov, arXiv:2506.13710, Algorithm 1):
/// <code>x⁺ = x − (H + (‖∇φ(x)‖/γ) I)⁻¹ ∇φ(x)</code>
/// with γ, the radius on which the gradient is nearly linear, searched for: a trial counts when φ(x) − φ(x⁺) ≥ γ‖∇φ(x⁺)‖²/(8‖∇φ(x)‖); then γ
/// doubles, else it is halved. Universal in the smoothness of φ. Where φ is not convex, H is shifted besides.
/// </summary>
internal sealed class GradientRegularizedStep(int variableCount) : IStepStrategy
{
    private const int MaxTrials = 80;
    private const double LargestRadius = 1e20;

    private readonly double[] _rhs = new double[variableCount];
    private readonly ShiftedNewton _factor = new();
    private double _radius = 1.0;

    /// <inheritdoc/>
    public void Reset()
    {
        _radius = 1.0;
        _factor.Reset();
    }

    /// <inheritdoc/>
    public StepEnd Step(InnerPoint at)
    {
        at.Function.TakeHessianPoint(at.X);
        for (int j = 0; j < _rhs.Length; j++) _rhs[j] = at.Held[j] ? 0.0 : -at.Gradient[j];
        double norm = VectorKernels.Norm2(_rhs);
        for (int k = 0; k < MaxTrials; k++)
        {
            double lambda = norm / _radius;
            if (!_factor.Factor(at, lambda)) return StepEnd.Stuck;
            at.Function.Solve(_rhs, at.Direction);
            at.AimHeldAtBounds();
            if (at.Try(1.0) && IsGood(at, lambda))
            {
                at.Accept();
                _radius = Math.Min(LargestRadius, 2.0 * _radius);
                return StepEnd.Moved;
            }
            _radius *= 0.5;
        }
        return StepEnd.Stuck;
    }

    private static bool IsGood(InnerPoint at, double lambda)
    {
        double square = 0.0, before = 0.0;
        for (int j = 0; j < at.Held.Length; j++)
        {
            if (at.Held[j]) continue;
            square += at.OtherGradient[j] * at.OtherGradient[j];
            before += at.Gradient[j] * at.Gradient[j];
        }
        if (at.Value - at.TrialValue >= square / (8.0 * lambda)) return true;
        // Where rounding hides the change of φ, the gradient must fall.
        return Math.Abs(at.Value - at.TrialValue) <= at.RoundingSlack && square <= 0.25 * before;
    }
}
