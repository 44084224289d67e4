using Optc.Compiler;
using Optc.Runtime.Solution;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Tests.After;

/// <summary>
/// The naive twin of derivatives of solutions: fourth-order differences of solves with the parameter changed, inside the range in which the
/// active set is said to stay.
/// </summary>
internal sealed class Differences
{
    private static readonly (double Offset, double Weight)[] Stencil = [(-2.0, 1.0 / 12.0), (-1.0, -8.0 / 12.0), (1.0, 8.0 / 12.0), (2.0, -1.0 / 12.0)];
    private const int Halvings = 7;
    private readonly OptcModel _model;
    private readonly OptcSession _session;
    private readonly VarEntity[] _variables;
    private readonly ConstraintEntity[] _constraints;

    public Differences(OptcModel model)
    {
        _model = model;
        _session = model.CreateSession(new AugmentedLagrangianOptions { Tolerance = 1e-11 });
        Model entities = model.Host.Model;
        _variables = entities.Variables;
        _constraints = entities.Constraints;
    }

    public OptcSession Session => _session;

    /// <summary>The numeric parameters without formulas, whose values a program would set.</summary>
    public static ParamEntity[] Parameters(OptcModel model) =>
        [.. model.Host.Model.Entities.OfType<ParamEntity>().Where(p => !p.IsSymbolic)];

    public static double[] Values(ParamEntity p) => [.. Enumerable.Range(0, p.Domain!.Count).Select(p.Number)];

    /// <summary>Objective, values, reduced costs and duals for changed values of a parameter.</summary>
    private double[]? Solve(string parameter, double[] values)
    {
        _model.SetParameter(parameter, values);
        try
        {
            if (_session.Solve() is not (SolveStatus.Solved or SolveStatus.SolvedToAcceptable)) return null;
        }
        catch (OptcException)
        {
            // Bounds that cross, for one.
            return null;
        }
        var all = new List<double> { _session.Objective };
        foreach (VarEntity v in _variables) all.AddRange(_session.Values(v.Name));
        foreach (VarEntity v in _variables) all.AddRange(_session.ReducedCosts(v.Name));
        foreach (ConstraintEntity c in _constraints) all.AddRange(_session.Duals(c.Name));
        return [.. all];
    }

    private double[]? Derivative(string parameter, double[] values, int position, double h)
    {
        double[]? derivative = null;
        foreach ((double offset, double weight) in Stencil)
        {
            double[] changed = [.. values];
            changed[position] += offset * h;
            if (Solve(parameter, changed) is not { } found) return null;
            derivative ??= new double[found.Length];
            for (int k = 0; k < found.Length; k++) derivative[k] += weight * found[k] / h;
        }
        return derivative;
    }

    /// <summary>
    /// The largest difference of the derivatives from those by differences, relative to the largest derivative of their kind and 1, with what the
    /// differences themselves still change when the step is halved, relative in the same way; null when a solve fails.
    /// </summary>
    public (double Error, double Uncertainty)? Largest(string parameter, double[] values, int position, ParameterSensitivity s)
    {
        double value = values[position];
        double room = Math.Min(value - s.RangeLower, s.RangeUpper - value);
        double h = Math.Min(3e-2 * (value == 0.0 ? 1.0 : Math.Abs(value)), 0.2 * room);
        // The step whose halving changes least: larger ones are cut off too early, smaller ones lose digits.
        double[]? derivative = null, last = null, other = null;
        double least = double.PositiveInfinity;
        for (int halving = 0; halving < Halvings; halving++, h *= 0.5)
        {
            if (Derivative(parameter, values, position, h) is not { } found) continue;
            double change = last is null ? double.MaxValue : found.Zip(last, (a, b) => Math.Abs(a - b)).Max();
            if (change < least) (least, derivative, other) = (change, found, last);
            last = found;
        }
        if (Solve(parameter, values) is null || derivative is null || other is null) return null;
        var variables = s.Variables.ToDictionary(e => e.Name);
        var constraints = s.Constraints.ToDictionary(e => e.Name);
        int n = _variables.Sum(v => v.Domain!.Count);
        double[] expected = new double[derivative.Length];
        expected[0] = s.Objective;
        int at = 1;
        foreach (VarEntity v in _variables)
        {
            for (int k = 0; k < v.Domain!.Count; k++, at++)
            {
                if (!variables.TryGetValue(v.PlainName(k), out DerivativeEntry e)) continue;
                (expected[at], expected[at + n]) = (e.Value, e.Dual);
            }
        }
        at = 1 + (2 * n);
        foreach (ConstraintEntity c in _constraints)
        {
            int rows = _session.Duals(c.Name).Length;
            for (int k = 0; k < rows; k++, at++) expected[at] = constraints.TryGetValue(c.PlainName(k), out DerivativeEntry e) ? e.Dual : double.NaN;
        }
        return (Distance(expected, derivative, n), Distance(other, derivative, n));
    }

    private static double Distance(double[] expected, double[] found, int n)
    {
        double largest = Math.Abs(expected[0] - found[0]) / Math.Max(1.0, Math.Abs(expected[0]));
        foreach ((int first, int end) in new[] { (1, 1 + n), (1 + n, expected.Length) })
        {
            double scale = 1.0;
            for (int k = first; k < end; k++) scale = Math.Max(scale, Math.Abs(expected[k]));
            for (int k = first; k < end; k++) largest = Math.Max(largest, Math.Abs(expected[k] - found[k]) / scale);
        }
        return largest;
    }
}
