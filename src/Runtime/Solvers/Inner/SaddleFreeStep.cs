using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// Saddle-free Newton (Dauphin et al. 2014, Algorithm 1): d = −V|T|⁻¹Vᵀ∇φ in a Krylov space of H from ∇φ, T = VᵀHV with its eigenvalues replaced by their
/// magnitudes, then a search along the projection. In full dimension this is −|H|⁻¹∇φ, which saddles repel. Where the gradient vanishes, a Krylov space from a
/// random start tells a saddle from a minimum, and the eigenvector of the most negative curvature leads away.
/// </summary>
internal sealed class SaddleFreeStep(int variableCount, int dimensions, int seed) : IStepStrategy
{
    private const double LeastMagnitude = 1e-10;
    private const double LargestStep = 100.0;
    private const double NegativeCurvature = 1e-6;

    private readonly Lanczos _space = new(variableCount, dimensions);
    private readonly double[] _start = new double[variableCount];
    private readonly double[] _coefficients = new double[Math.Min(variableCount, dimensions)];
    private Random _random = new(seed);

    /// <inheritdoc/>
    public void Reset() => _random = new Random(seed);

    /// <inheritdoc/>
    public StepEnd Step(InnerPoint at)
    {
        at.Function.TakeHessianPoint(at.X);
        for (int j = 0; j < _start.Length; j++) _start[j] = at.Held[j] ? 0.0 : -at.Gradient[j];
        at.Direction.Clear();
        if (_space.Build(at.Function, at.Held, _start))
        {
            int count = _space.Count;
            double norm = VectorKernels.Norm2(_start), floor = LeastMagnitude * Largest();
            Span<double> coefficients = _coefficients.AsSpan(0, count);
            coefficients.Clear();
            for (int k = 0; k < count; k++)
            {
                double weight = norm * _space.Component(0, k) / Math.Max(Math.Abs(_space.Eigenvalues[k]), Math.Max(floor, 1e-300));
                for (int i = 0; i < count; i++) coefficients[i] += weight * _space.Component(i, k);
            }
            for (int i = 0; i < count; i++) VectorKernels.AddScaled(coefficients[i], _space.Basis(i), at.Direction);
        }
        double length = VectorKernels.MaxAbs(at.Direction), most = LargestStep * (1.0 + VectorKernels.MaxAbs(at.X));
        if (length > most) VectorKernels.Scale(most / length, at.Direction);
        at.AimHeldAtBounds();
        return at.SearchAlongProjection(1.0) ? StepEnd.Moved : StepEnd.Stuck;
    }

    /// <inheritdoc/>
    public bool LeavesSaddle(InnerPoint at)
    {
        at.Function.TakeHessianPoint(at.X);
        for (int j = 0; j < _start.Length; j++) _start[j] = at.Held[j] ? 0.0 : 2.0 * _random.NextDouble() - 1.0;
        if (!_space.Build(at.Function, at.Held, _start)) return false;
        int least = 0;
        for (int k = 1; k < _space.Count; k++)
        {
            if (_space.Eigenvalues[k] < _space.Eigenvalues[least]) least = k;
        }
        if (!(_space.Eigenvalues[least] < -NegativeCurvature * Math.Max(1.0, Largest()))) return false;
        at.Direction.Clear();
        for (int i = 0; i < _space.Count; i++) VectorKernels.AddScaled(_space.Component(i, least), _space.Basis(i), at.Direction);
        if (at.Slope() > 0.0) VectorKernels.Scale(-1.0, at.Direction);
        for (double length = 1.0 + VectorKernels.MaxAbs(at.X); length > 1e-8; length *= 0.25)
        {
            if (!at.Try(length) || !(at.TrialValue < at.Value)) continue;
            at.Accept();
            return true;
        }
        return false;
    }

    private double Largest()
    {
        double largest = 0.0;
        foreach (double value in _space.Eigenvalues) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }
}
