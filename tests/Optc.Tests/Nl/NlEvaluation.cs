using System.Globalization;
using Optc.Compiler;
using Optc.Runtime.Problems;
using Xunit;

namespace Optc.Tests.Nl;

/// <summary>Values and derivatives of one problem at one point, by the names of the model.</summary>
internal sealed class NlEvaluation
{
    private readonly string[] _columns, _rows;
    private readonly HashSet<string> _free;

    /// <summary>What <c>nl_values</c> prints of an exported file.</summary>
    public NlEvaluation(string nl, double shift = 0.0, bool withHessian = true)
    {
        _columns = File.ReadAllLines(Path.ChangeExtension(nl, ".col"));
        _rows = File.ReadAllLines(Path.ChangeExtension(nl, ".row"));
        _free = [.. _columns];
        foreach (string line in NlPeers.Evaluate(nl, shift, withHessian)) Read(line.Split(' '));
    }

    /// <summary>What the compiled problem says at the point of another evaluation, with its weights; only what is not fixed.</summary>
    public NlEvaluation(CompiledModel compiled, NlEvaluation other)
    {
        (_columns, _rows) = (other._columns, other._rows);
        INlpProblem problem = compiled.Problem;
        Assert.Equal(0, compiled.AuxiliaryCount);
        int n = problem.VariableCount, m = problem.ConstraintCount;
        string[] all = [.. compiled.Model.Variables.SelectMany(v => Enumerable.Range(0, v.Domain!.Count).Select(v.QuotedName))];
        string[] columns = [.. Enumerable.Range(0, n).Select(k => all[compiled.FreePositions is { } free ? free[k] : k])];
        _free = [.. columns];
        string[] rows = [.. Enumerable.Range(0, m).Select(i => compiled.RowOwner[i]!.QuotedName(compiled.RowPosition[i]))];
        double[] x = [.. columns.Select(name => other.Point[name])], gradient = new double[n], c = new double[m];
        double[] jacobian = new double[problem.JacobianPattern.Count], hessian = new double[problem.HessianPattern.Count];
        double sense = compiled.Objective is { } objective && objective.Value.Item1.Sense.IsMaximize ? -1.0 : 1.0;
        if (compiled.Objective is not null)
        {
            Objective = sense * problem.Gradient(x, gradient);
            for (int k = 0; k < n; k++) Gradient[columns[k]] = sense * gradient[k];
        }
        problem.Constraints(x, c);
        problem.Jacobian(x, jacobian);
        var numbers = other._rows.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        double[] weights = [.. rows.Select(name => Weight(numbers[name]))];
        problem.Hessian(x, sense, weights, hessian);
        for (int i = 0; i < m; i++)
        {
            double lower = problem.ConstraintLower[i], upper = problem.ConstraintUpper[i];
            AddRow(rows[i], c[i], lower, upper);
            for (int e = problem.JacobianPattern.Starts[i]; e < problem.JacobianPattern.Starts[i + 1]; e++)
                Jacobian[(rows[i], columns[problem.JacobianPattern.Indices[e]])] = jacobian[e];
        }
        for (int k = 0; k < n; k++)
        {
            for (int e = problem.HessianPattern.Starts[k]; e < problem.HessianPattern.Starts[k + 1]; e++)
                Hessian[Pair(columns[problem.HessianPattern.Indices[e]], columns[k])] = hessian[e];
        }
    }

    public Dictionary<string, int> Sizes { get; } = [];

    /// <summary>The library could not evaluate a function at the point.</summary>
    public bool HasError { get; private set; }

    public Dictionary<string, double> Point { get; } = [];

    public Dictionary<string, (double Lower, double Upper)> Bounds { get; } = [];

    public Dictionary<string, (double Lower, double Upper)> Sides { get; } = [];

    public double Objective { get; private set; }

    public bool IsMaximised { get; private set; }

    public Dictionary<string, double> Gradient { get; } = [];

    /// <summary>By name: the distance to the sides, which does not depend on where constants stand.</summary>
    public Dictionary<string, double> Slacks { get; } = [];

    public Dictionary<string, double> Values { get; } = [];

    public Dictionary<(string, string), double> Jacobian { get; } = [];

    public Dictionary<(string, string), double> Hessian { get; } = [];

    /// <summary>Constraints and the variables they complement.</summary>
    public Dictionary<string, string> Complements { get; } = [];

    /// <summary>Forgets the derivatives by variables that the other evaluation leaves out, as compiled problems do with fixed ones.</summary>
    public NlEvaluation Within(NlEvaluation other)
    {
        foreach (string name in Gradient.Keys.Except(other._free).ToArray()) Gradient.Remove(name);
        foreach (var key in Jacobian.Keys.Where(k => !other._free.Contains(k.Item2)).ToArray()) Jacobian.Remove(key);
        foreach (var key in Hessian.Keys.Where(k => !other._free.Contains(k.Item1) || !other._free.Contains(k.Item2)).ToArray()) Hessian.Remove(key);
        return this;
    }

    /// <summary>Fails where values differ by more than <paramref name="tolerance"/> relative to the largest number of their kind.</summary>
    public static void AssertSameValues(NlEvaluation ours, NlEvaluation theirs, double tolerance, string what)
    {
        AssertClose(ours.Objective, theirs.Objective, Math.Max(1.0, Math.Abs(theirs.Objective)), tolerance, $"{what}: objective");
        AssertSame(ours.Slacks, theirs.Slacks, tolerance, $"{what}: constraint");
    }

    /// <summary>The same for first derivatives.</summary>
    public static void AssertSameGradients(NlEvaluation ours, NlEvaluation theirs, double tolerance, string what)
    {
        AssertSame(ours.Gradient, theirs.Gradient, tolerance, $"{what}: gradient");
        AssertSame(ours.Jacobian, theirs.Jacobian, tolerance, $"{what}: Jacobian");
    }

    /// <summary>The same for the Hessian of the Lagrangian.</summary>
    public static void AssertSameHessians(NlEvaluation ours, NlEvaluation theirs, double tolerance, string what) =>
        AssertSame(ours.Hessian, theirs.Hessian, tolerance, $"{what}: Hessian");

    private static void AssertSame<TKey>(Dictionary<TKey, double> ours, Dictionary<TKey, double> theirs, double tolerance, string what)
        where TKey : notnull
    {
        double scale = ours.Values.Concat(theirs.Values).Where(double.IsFinite).Select(Math.Abs).Append(1.0).Max();
        foreach (TKey key in ours.Keys.Union(theirs.Keys))
            AssertClose(ours.GetValueOrDefault(key), theirs.GetValueOrDefault(key), scale, tolerance, $"{what} {key}");
    }

    private static void AssertClose(double ours, double theirs, double scale, double tolerance, string what)
    {
        bool same = double.IsFinite(ours) ? Math.Abs(ours - theirs) <= tolerance * scale : !double.IsFinite(theirs);
        if (!same) Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"{what}: we say {ours:R}, the library says {theirs:R}"));
    }

    private static double Weight(int row) => 1.0 + ((row % 7) / 8.0);

    private static (string, string) Pair(string a, string b) => string.CompareOrdinal(a, b) <= 0 ? (a, b) : (b, a);

    private static double Number(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" or "-nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private void AddRow(string name, double value, double lower, double upper)
    {
        Values[name] = value;
        Sides[name] = (lower, upper);
        if (double.IsFinite(lower)) Slacks[name + " lower"] = value - lower;
        if (double.IsFinite(upper)) Slacks[name + " upper"] = value - upper;
    }

    private void Read(string[] item)
    {
        int At(int k) => int.Parse(item[k], CultureInfo.InvariantCulture);
        switch (item[0])
        {
            case "sizes": Sizes[item[1]] = At(2); break;
            case "error": HasError = true; break;
            case "x": Point[_columns[At(1)]] = Number(item[2]); break;
            case "b": Bounds[_columns[At(1)]] = (Number(item[2]), Number(item[3])); break;
            case "f" when At(1) == 0: (IsMaximised, Objective) = (At(2) == 1, Number(item[3])); break;
            case "g" when At(1) == 0: Gradient[_columns[At(2)]] = Number(item[3]); break;
            case "c": Values[_rows[At(1)]] = Number(item[2]); break;
            case "r": AddRow(_rows[At(1)], Values[_rows[At(1)]], Number(item[2]), Number(item[3])); break;
            case "v": Complements[_rows[At(1)]] = _columns[At(2)]; break;
            case "j": Jacobian[(_rows[At(1)], _columns[At(2)])] = Number(item[3]); break;
            case "h": Hessian[Pair(_columns[At(1)], _columns[At(2)])] = Number(item[3]); break;
        }
    }
}
