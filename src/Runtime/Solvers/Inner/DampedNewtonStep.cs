using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// Damped Newton with the stepsize of Hanzely, Abdukhakimov, Takáč (arXiv:2405.18926) for functions with Lipschitz third derivatives (q = 4), where it
/// converges as O(k⁻³) globally and quadratically at last:
/// <code>x⁺ = x − α H⁻¹∇φ(x),   α = 1 / (1 + θ ‖∇φ(x)‖*^β),   ‖g‖*² = gᵀH⁻¹g,   β = (q − 2)/(q − 1) = 2/3.</code>
/// With λ = 1/α − 1 this is Newton's method regularised by λH; θ is searched for by backtracking: a trial counts when
/// ⟨∇φ(x⁺), x − x⁺⟩ ≥ ‖∇φ(x⁺)‖*²/(4λ) in the norm at x, then θ is halved, else doubled. Where φ is not convex, H is shifted, and φ must not rise.
/// </summary>
internal sealed class DampedNewtonStep(int variableCount) : IStepStrategy
{
    private const double Power = 2.0 / 3.0;
    private const double FirstTheta = 1.0;
    private const double LeastTheta = 1e-12;
    private const int MaxTrials = 80;

    private readonly double[] _newton = new double[variableCount];
    private readonly double[] _rhs = new double[variableCount];
    private readonly double[] _solved = new double[variableCount];
    private readonly ShiftedNewton _factor = new();
    private double _theta = FirstTheta;

    /// <inheritdoc/>
    public void Reset()
    {
        _theta = FirstTheta;
        _factor.Reset();
    }

    /// <inheritdoc/>
    public StepEnd Step(InnerPoint at)
    {
        at.Function.TakeHessianPoint(at.X);
        if (!_factor.Factor(at, 0.0)) return StepEnd.Stuck;
        for (int j = 0; j < _rhs.Length; j++) _rhs[j] = at.Held[j] ? 0.0 : -at.Gradient[j];
        at.Function.Solve(_rhs, _newton);
        double decrement = Math.Sqrt(Math.Max(0.0, VectorKernels.Dot(_rhs, _newton)));
        for (int k = 0; k < MaxTrials; k++)
        {
            double lambda = _theta * Math.Pow(decrement, Power);
            VectorKernels.Scale(1.0 / (1.0 + lambda), _newton, at.Direction);
            at.AimHeldAtBounds();
            if (at.Try(1.0) && IsGood(at, lambda))
            {
                at.Accept();
                _theta = Math.Max(LeastTheta, 0.5 * _theta);
                return StepEnd.Moved;
            }
            _theta *= 2.0;
        }
        return StepEnd.Stuck;
    }

    private bool IsGood(InnerPoint at, double lambda)
    {
        if (!(at.TrialValue <= at.Value + at.RoundingSlack)) return false;
        for (int j = 0; j < _rhs.Length; j++) _rhs[j] = at.Held[j] ? 0.0 : at.OtherGradient[j];
        at.Function.Solve(_rhs, _solved);
        double square = VectorKernels.Dot(_rhs, _solved);
        return -at.Difference(at.OtherGradient) >= square / (4.0 * lambda);
    }
}
