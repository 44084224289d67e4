using Optc.Runtime.Solution;

namespace Optc.Runtime.Problems;

/// <summary>
/// First-order residuals of a problem at a point with multipliers, by the definitions of docs/conventions.md. Evaluates the
/// problem itself and shares no code with the solvers that it judges. Holds its work arrays; for one thread.
/// </summary>
public sealed class KktResiduals
{
    /// <summary>Mean multipliers up to this size do not loosen the stationarity test (s_max of Wächter and Biegler 2006, (5)).</summary>
    public const double LargestUnscaledMultiplier = 100.0;

    private readonly double[] _gradient;
    private readonly double[] _constraints;
    private readonly double[] _jacobian;

    /// <summary>For problems with these numbers of variables, constraints and Jacobian entries.</summary>
    public KktResiduals(int variableCount, int constraintCount, int jacobianCount)
    {
        _gradient = new double[variableCount];
        _constraints = new double[constraintCount];
        _jacobian = new double[jacobianCount];
    }

    /// <summary>f at the point measured last.</summary>
    public double Objective { get; private set; }

    /// <summary>c (m) at the point measured last.</summary>
    public ReadOnlySpan<double> Constraints => _constraints;

    /// <summary>∇f (n) at the point measured last.</summary>
    public ReadOnlySpan<double> ObjectiveGradient => _gradient;

    /// <summary>The Jacobian's values at the point measured last.</summary>
    public ReadOnlySpan<double> Jacobian => _jacobian;

    /// <summary>Residuals of one problem, once.</summary>
    public static Residuals Of(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        ArgumentNullException.ThrowIfNull(problem);
        return new KktResiduals(problem.VariableCount, problem.ConstraintCount, problem.JacobianPattern.Count).Measure(problem, x, y, z);
    }

    /// <summary>Residuals at x with multipliers y (constraints) and z (bounds).</summary>
    public Residuals Measure(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Evaluate(problem, x);
        return new Residuals(
            Stationarity(problem, y, z),
            Feasibility(problem, x),
            Complementarity(problem, x, y, z));
    }

    /// <summary>The multipliers z = ∇f − Jᵀy that make x stationary, zero where no bound of that sign exists.</summary>
    public void ReducedCosts(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, Span<double> z)
    {
        ArgumentNullException.ThrowIfNull(problem);
        Evaluate(problem, x);
        _gradient.CopyTo(z);
        SubtractTransposed(problem.JacobianPattern, y, z);
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        for (int j = 0; j < z.Length; j++)
        {
            if (z[j] > 0.0 && double.IsNegativeInfinity(lower[j])) z[j] = 0.0;
            if (z[j] < 0.0 && double.IsPositiveInfinity(upper[j])) z[j] = 0.0;
        }
    }

    /// <summary>Distance from <paramref name="value"/> to [lower, upper], relative to max(1, |side|) of the side it violates.</summary>
    public static double Violation(double value, double lower, double upper)
    {
        if (double.IsNaN(value)) return double.NaN;
        if (value < lower) return (lower - value) / Math.Max(1.0, Math.Abs(lower));
        return value > upper ? (value - upper) / Math.Max(1.0, Math.Abs(upper)) : 0.0;
    }

    /// <summary>|multiplier|·|distance to the side it belongs to|; the multiplier alone where there is no such side.</summary>
    public static double Gap(double multiplier, double value, double lower, double upper)
    {
        if (multiplier == 0.0 || lower == upper) return 0.0;
        double side = multiplier > 0.0 ? lower : upper;
        return double.IsInfinity(side) ? Math.Abs(multiplier) : Math.Abs(multiplier * (value - side));
    }

    private void Evaluate(INlpProblem problem, ReadOnlySpan<double> x)
    {
        Objective = problem.Gradient(x, _gradient);
        if (_constraints.Length == 0) return;
        problem.Constraints(x, _constraints);
        problem.Jacobian(x, _jacobian);
    }

    private double Stationarity(INlpProblem problem, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        double scale = 1.0, sum = 0.0, largest = 0.0;
        foreach (double g in _gradient) scale = Math.Max(scale, Math.Abs(g));
        foreach (double value in y) sum += Math.Abs(value);
        foreach (double value in z) sum += Math.Abs(value);
        scale = Math.Max(scale, sum / (Math.Max(1, y.Length + z.Length) * LargestUnscaledMultiplier));
        SubtractTransposed(problem.JacobianPattern, y, _gradient);
        for (int j = 0; j < _gradient.Length; j++)
        {
            double value = Math.Abs(_gradient[j] - z[j]);
            if (double.IsNaN(value)) return double.NaN;
            largest = Math.Max(largest, value);
        }
        return largest / scale;
    }

    private double Feasibility(INlpProblem problem, ReadOnlySpan<double> x)
    {
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        double largest = 0.0;
        for (int j = 0; j < x.Length; j++) largest = Worse(largest, Violation(x[j], lower[j], upper[j]));
        lower = problem.ConstraintLower;
        upper = problem.ConstraintUpper;
        for (int i = 0; i < _constraints.Length; i++) largest = Worse(largest, Violation(_constraints[i], lower[i], upper[i]));
        return largest;
    }

    private double Complementarity(INlpProblem problem, ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        ReadOnlySpan<double> lower = problem.VariableLower, upper = problem.VariableUpper;
        double largest = 0.0;
        for (int j = 0; j < x.Length; j++) largest = Worse(largest, Gap(z[j], x[j], lower[j], upper[j]));
        lower = problem.ConstraintLower;
        upper = problem.ConstraintUpper;
        for (int i = 0; i < y.Length; i++) largest = Worse(largest, Gap(y[i], _constraints[i], lower[i], upper[i]));
        return largest / Math.Max(1.0, Math.Abs(Objective));
    }

    private void SubtractTransposed(SparsePattern pattern, ReadOnlySpan<double> y, Span<double> target)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (y[i] == 0.0) continue;
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) target[pattern.Indices[k]] -= y[i] * _jacobian[k];
        }
    }

    private static double Worse(double a, double b) => double.IsNaN(a) || double.IsNaN(b) ? double.NaN : Math.Max(a, b);
}
