using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Inner;

/// <summary>
/// A point within its bounds with φ and ∇φ, which variables are held (at or near a bound that the gradient pushes at: Bertsekas 1982, (32)), and
/// the searches along directions that methods share. Nothing allocates after construction.
/// </summary>
internal sealed class InnerPoint
{
    private const double ArmijoFraction = 1e-4;
    private const double LargestEpsilon = 1e-6;

    private double[] _x;
    private double[] _gradient;
    private double[] _trial;
    private double[] _trialGradient;
    private readonly double[] _step;
    private readonly bool[] _held;
    private readonly bool _hasBounds;

    public InnerPoint(PenaltyFunction function)
    {
        Function = function;
        int n = function.Count;
        _x = new double[n];
        _gradient = new double[n];
        _trial = new double[n];
        _trialGradient = new double[n];
        _step = new double[n];
        _held = new bool[n];
        for (int j = 0; j < n && !_hasBounds; j++) _hasBounds = !double.IsNegativeInfinity(function.Lower[j]) || !double.IsPositiveInfinity(function.Upper[j]);
    }

    /// <summary>φ.</summary>
    public PenaltyFunction Function { get; }

    /// <summary>Whether any variable has a bound.</summary>
    public bool HasBounds => _hasBounds;

    /// <summary>The point x (n).</summary>
    public Span<double> X => _x;

    /// <summary>∇φ(x).</summary>
    public Span<double> Gradient => _gradient;

    /// <summary>φ(x).</summary>
    public double Value { get; private set; }

    /// <summary>Variables that directions leave alone.</summary>
    public ReadOnlySpan<bool> Held => _held;

    /// <summary>Point and gradient of the last trial; after a step was taken, those before it.</summary>
    public Span<double> Other => _trial;

    /// <summary>See <see cref="Other"/>.</summary>
    public Span<double> OtherGradient => _trialGradient;

    /// <summary>φ of the last trial.</summary>
    public double TrialValue { get; private set; }

    /// <summary>The direction that a method works out.</summary>
    public Span<double> Direction => _step;

    /// <summary>‖x⁺ − x‖∞ of the last step.</summary>
    public double StepNorm { get; private set; }

    /// <summary>Largest |∂φ| over the variables that a bound does not stop, over max(1, ‖∇φ‖∞).</summary>
    public double Stationarity { get; private set; }

    /// <summary>Evaluates φ where X is; false when it is not finite.</summary>
    public bool Evaluate()
    {
        VectorKernels.Clamp(_x, Function.Lower, Function.Upper);
        Value = Function.Gradient(_x, _gradient);
        FindHeld();
        return double.IsFinite(Value) && VectorKernels.AllFinite(_gradient);
    }

    /// <summary>Evaluates φ at the projection of X + α·Direction, into the trial; false when it is not finite.</summary>
    public bool Try(double alpha)
    {
        VectorKernels.Combine(1.0, _x, alpha, _step, _trial);
        if (_hasBounds) VectorKernels.Clamp(_trial, Function.Lower, Function.Upper);
        TrialValue = Function.Gradient(_trial, _trialGradient);
        return double.IsFinite(TrialValue) && VectorKernels.AllFinite(_trialGradient);
    }

    /// <summary>The last trial becomes the point.</summary>
    public void Accept()
    {
        (_x, _trial) = (_trial, _x);
        (_gradient, _trialGradient) = (_trialGradient, _gradient);
        Value = TrialValue;
        StepNorm = VectorKernels.MaxAbsDifference(_x, _trial);
        FindHeld();
    }

    /// <summary>gᵀ(x⁺ − x) for a gradient g and the last trial x⁺.</summary>
    public double SlopeToTrial(ReadOnlySpan<double> gradient) => VectorKernels.Dot(gradient, _trial) - VectorKernels.Dot(gradient, _x);

    /// <summary>gᵀd for the free variables of the direction.</summary>
    public double Slope() => VectorKernels.Dot(_gradient, _step);

    /// <summary>
    /// Backtracks along the projection of X + α·Direction from α until Armijo's condition holds, or, where rounding hides the change of φ,
    /// its form by slopes (Hager, Zhang 2005, (T2)); the trial becomes the point. False when there is no such α.
    /// </summary>
    public bool SearchAlongProjection(double alpha)
    {
        for (int k = 0; k < 60; k++)
        {
            double shrink = 0.5;
            if (Try(alpha))
            {
                double slope = Difference(_gradient);
                if (IsDecrease(slope))
                {
                    Accept();
                    return true;
                }
                double curvature = TrialValue - Value - slope;
                if (curvature > 0.0 && slope < 0.0) shrink = Math.Clamp(-0.5 * slope / curvature, 0.1, 0.5);
            }
            alpha *= shrink;
        }
        return false;
    }

    /// <summary>Whether the last trial is good enough for a slope gᵀ(x⁺ − x).</summary>
    public bool IsDecrease(double slope)
    {
        if (!(slope < 0.0)) return false;
        if (TrialValue <= Value + ArmijoFraction * slope) return true;
        return Math.Abs(TrialValue - Value) <= RoundingSlack && Difference(_trialGradient) <= (2.0 * ArmijoFraction - 1.0) * slope;
    }

    /// <summary>Changes of φ up to this are rounding.</summary>
    public double RoundingSlack => 1e-13 * Math.Abs(Value);

    /// <summary>gᵀ(x⁺ − x), summed by differences.</summary>
    public double Difference(ReadOnlySpan<double> gradient)
    {
        double sum = 0.0;
        for (int j = 0; j < _x.Length; j++) sum += gradient[j] * (_trial[j] - _x[j]);
        return sum;
    }

    /// <summary>Sets the direction's held entries so that they go to their bounds.</summary>
    public void AimHeldAtBounds()
    {
        if (!_hasBounds) return;
        ReadOnlySpan<double> lower = Function.Lower, upper = Function.Upper;
        for (int j = 0; j < _x.Length; j++)
        {
            if (_held[j]) _step[j] = (_gradient[j] > 0.0 ? lower[j] : upper[j]) - _x[j];
        }
    }

    private void FindHeld()
    {
        if (!_hasBounds)
        {
            double largest = VectorKernels.MaxAbs(_gradient);
            Stationarity = largest / Math.Max(1.0, largest);
            return;
        }
        ReadOnlySpan<double> lower = Function.Lower, upper = Function.Upper;
        double free = 0.0, all = 0.0, move = 0.0;
        for (int j = 0; j < _x.Length; j++)
        {
            double g = _gradient[j];
            if (lower[j] == upper[j]) continue;
            all = Math.Max(all, Math.Abs(g));
            bool stopped = (_x[j] <= lower[j] && g > 0.0) || (_x[j] >= upper[j] && g < 0.0);
            if (stopped) continue;
            free = Math.Max(free, Math.Abs(g));
            move = Math.Max(move, Math.Abs(Math.Clamp(_x[j] - g, lower[j], upper[j]) - _x[j]));
        }
        Stationarity = free / Math.Max(1.0, all);
        double epsilon = Math.Min(LargestEpsilon, move);
        for (int j = 0; j < _x.Length; j++)
        {
            double g = _gradient[j];
            _held[j] = lower[j] == upper[j] || (_x[j] <= lower[j] + epsilon && g > 0.0) || (_x[j] >= upper[j] - epsilon && g < 0.0);
        }
    }
}
