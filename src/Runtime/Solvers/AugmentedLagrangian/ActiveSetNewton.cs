namespace Optc.Runtime.Solvers.AugmentedLagrangian;

/// <summary>
/// The fast finish: Newton's method on the KKT system of an identified active set, as in ALGENCAN's acceleration
/// (Birgin and Martínez 2008). Active bounds are held, active rows are equations with a penalty so large that 1/ρ only
/// stabilises the factorisation (Wright's stabilised SQP), inactive rows drop out. A free variable that would leave its
/// bounds becomes active, an active one whose multiplier has the wrong sign is let go (primal-dual active set strategy).
/// The inertia must be right.
/// </summary>
internal sealed class ActiveSetNewton(AugmentedLagrangianModel model, int capacity)
{
    private const double StabilisingPenalty = 1e10;

    private readonly double[] _point = new double[capacity];
    private readonly double[] _gradient = new double[capacity];
    private readonly double[] _diagonal = new double[capacity];
    private readonly double[] _step = new double[capacity];
    private readonly double[] _z = new double[capacity];
    private readonly bool[] _held = new bool[capacity];

    private int Count => model.VariableCount;

    /// <summary>The point v.</summary>
    public Span<double> Point => _point.AsSpan(0, Count);

    /// <summary>Multipliers z of the bounds of v; ≥ 0 at lower bounds.</summary>
    public Span<double> BoundMultipliers => _z.AsSpan(0, Count);

    /// <summary>
    /// Takes a point with bound multipliers z: a bound is active when its multiplier is larger than the distance to it.
    /// The multipliers of rows are the model's. Active variables are put onto their bounds.
    /// </summary>
    public void Begin(ReadOnlySpan<double> point, ReadOnlySpan<double> boundMultipliers)
    {
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        for (int j = 0; j < Count; j++)
        {
            double v = Math.Clamp(point[j], lower[j], upper[j]), z = boundMultipliers[j];
            bool atLower = z > 0.0 && z > v - lower[j], atUpper = z < 0.0 && -z > upper[j] - v;
            _held[j] = atLower || atUpper || lower[j] == upper[j];
            _point[j] = atLower ? lower[j] : atUpper ? upper[j] : v;
            _z[j] = z;
        }
        Linearise();
    }

    /// <summary>One Newton step; false when the matrix is not that of a strict minimiser on this active
    /// set, or the step is longer than <paramref name="reach"/>·(1 + |x|) in a variable of the problem: then it is not the end yet.</summary>
    public bool Step(double reach)
    {
        model.Update();
        for (int j = 0; j < Count; j++) _diagonal[j] = _held[j] ? double.PositiveInfinity : 0.0;
        if (!model.Factor(_diagonal.AsSpan(0, Count), 0.0)) return false;
        for (int j = 0; j < Count; j++) _step[j] = _held[j] ? 0.0 : -_gradient[j];
        model.Solve(_step.AsSpan(0, Count), _step.AsSpan(0, Count));
        ReadOnlySpan<double> lower = model.Lower, upper = model.Upper;
        for (int j = 0; j < Count; j++)
        {
            bool far = j < model.SearchedCount && Math.Abs(_step[j]) > reach * (1.0 + Math.Abs(_point[j]));
            if (far || !double.IsFinite(_step[j])) return false;
        }
        for (int j = 0; j < Count; j++)
        {
            double v = _point[j] + _step[j];
            if (_held[j]) continue;
            _point[j] = Math.Clamp(v, lower[j], upper[j]);
            _held[j] = v < lower[j] || v > upper[j];
        }
        model.Moved(1.0);
        Linearise();
        for (int j = 0; j < Count; j++)
        {
            if (!_held[j] || lower[j] == upper[j]) continue;
            bool wrong = _z[j] < 0.0 ? _point[j] == lower[j] : _z[j] > 0.0 && _point[j] == upper[j];
            if (wrong) _held[j] = false;
        }
        return true;
    }

    private void Linearise()
    {
        Span<double> gradient = _gradient.AsSpan(0, Count);
        model.Penalty = StabilisingPenalty;
        model.Multipliers.CopyTo(model.Shifted);
        model.Linearise(Point, gradient);
        model.SettleSlacks(Point, _held);
        model.Combine(gradient);
        model.LagrangianGradient(_z.AsSpan(0, Count));
        for (int j = 0; j < Count; j++)
        {
            if (!_held[j]) _z[j] = 0.0;
        }
    }
}
