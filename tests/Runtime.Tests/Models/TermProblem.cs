using System.Runtime.InteropServices;
using Optc.Runtime.Problems;

namespace Optc.Runtime.Tests.Models;

/// <summary>
/// A problem written as sums of terms, each a function of a few variables: f = Σ terms, c_i = Σ terms. Derivatives are
/// exact (<see cref="Taylor"/>), patterns are those of the terms.
/// </summary>
internal sealed class TermProblem : INlpProblem
{
    private readonly List<List<Term>> _functions = [[]];
    private readonly double[] _start;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly List<double> _sideLower = [];
    private readonly List<double> _sideUpper = [];
    private SparsePattern? _jacobian;
    private SparsePattern? _hessian;
    private Dictionary<(int Row, int Column), int> _hessianPosition = [];

    public TermProblem(params double[] start)
    {
        _start = start;
        _lower = [.. start.Select(_ => double.NegativeInfinity)];
        _upper = [.. start.Select(_ => double.PositiveInfinity)];
    }

    public int VariableCount => _start.Length;

    public int ConstraintCount => _sideLower.Count;

    public ReadOnlySpan<double> VariableLower => _lower;

    public ReadOnlySpan<double> VariableUpper => _upper;

    public ReadOnlySpan<double> ConstraintLower => CollectionsMarshal.AsSpan(_sideLower);

    public ReadOnlySpan<double> ConstraintUpper => CollectionsMarshal.AsSpan(_sideUpper);

    public ReadOnlySpan<double> Start => _start;

    public ProblemStructure Structure { get; init; } = ProblemStructure.General;

    public SparsePattern JacobianPattern
    {
        get
        {
            Analyse();
            return _jacobian!;
        }
    }

    public SparsePattern HessianPattern
    {
        get
        {
            Analyse();
            return _hessian!;
        }
    }

    /// <summary>A term of all variables in the objective.</summary>
    public TermProblem Minimise(Func<Taylor[], Taylor> f) => Minimise([.. Enumerable.Range(0, VariableCount)], f);

    /// <summary>A term of some variables in the objective.</summary>
    public TermProblem Minimise(int[] variables, Func<Taylor[], Taylor> f)
    {
        _functions[0].Add(new Term(variables, f));
        return this;
    }

    /// <summary>lower ≤ f(all variables) ≤ upper.</summary>
    public TermProblem Subject(double lower, Func<Taylor[], Taylor> f, double upper) =>
        Subject(lower, [.. Enumerable.Range(0, VariableCount)], f, upper);

    /// <summary>lower ≤ f(some variables) ≤ upper.</summary>
    public TermProblem Subject(double lower, int[] variables, Func<Taylor[], Taylor> f, double upper)
    {
        _functions.Add([new Term(variables, f)]);
        _sideLower.Add(lower);
        _sideUpper.Add(upper);
        return this;
    }

    /// <summary>Bounds of one variable.</summary>
    public TermProblem Bound(int variable, double lower, double upper)
    {
        _lower[variable] = lower;
        _upper[variable] = upper;
        return this;
    }

    /// <summary>The same bounds for all variables.</summary>
    public TermProblem Box(double lower, double upper)
    {
        Array.Fill(_lower, lower);
        Array.Fill(_upper, upper);
        return this;
    }

    public double Objective(ReadOnlySpan<double> x) => Sum(0, x);

    public double Gradient(ReadOnlySpan<double> x, Span<double> gradient)
    {
        gradient.Clear();
        double f = 0.0;
        foreach (Term term in _functions[0])
        {
            Taylor t = term.At(x);
            f += t.Value;
            for (int k = 0; k < term.Variables.Length; k++) gradient[term.Variables[k]] += t.Gradient[k];
        }
        return f;
    }

    public void Constraints(ReadOnlySpan<double> x, Span<double> values)
    {
        for (int i = 0; i < values.Length; i++) values[i] = Sum(i + 1, x);
    }

    public void Jacobian(ReadOnlySpan<double> x, Span<double> values)
    {
        SparsePattern pattern = JacobianPattern;
        values.Clear();
        for (int i = 0; i < ConstraintCount; i++)
        {
            foreach (Term term in _functions[i + 1])
            {
                Taylor t = term.At(x);
                for (int k = 0; k < term.Variables.Length; k++)
                {
                    int position = Array.BinarySearch(pattern.Indices, pattern.Starts[i], pattern.Starts[i + 1] - pattern.Starts[i], term.Variables[k]);
                    values[position] += t.Gradient[k];
                }
            }
        }
    }

    public void Hessian(ReadOnlySpan<double> x, double objectiveWeight, ReadOnlySpan<double> constraintWeights, Span<double> values)
    {
        values.Clear();
        for (int f = 0; f < _functions.Count; f++)
        {
            double weight = f == 0 ? objectiveWeight : constraintWeights[f - 1];
            foreach (Term term in _functions[f])
            {
                Taylor t = term.At(x);
                for (int a = 0; a < term.Variables.Length; a++)
                {
                    for (int b = 0; b < term.Variables.Length; b++)
                    {
                        if (term.Variables[a] >= term.Variables[b])
                            values[_hessianPosition[(term.Variables[a], term.Variables[b])]] += weight * t.Hessian[a, b];
                    }
                }
            }
        }
    }

    private double Sum(int function, ReadOnlySpan<double> x)
    {
        double sum = 0.0;
        foreach (Term term in _functions[function]) sum += term.At(x).Value;
        return sum;
    }

    private void Analyse()
    {
        if (_jacobian is not null) return;
        int n = VariableCount, m = ConstraintCount;
        var starts = new int[m + 1];
        var indices = new List<int>();
        for (int i = 0; i < m; i++)
        {
            indices.AddRange(_functions[i + 1].SelectMany(t => t.Variables).Distinct().Order());
            starts[i + 1] = indices.Count;
        }
        _jacobian = new SparsePattern(m, n, starts, [.. indices]);
        var pairs = new SortedSet<(int Column, int Row)>();
        foreach (Term term in _functions.SelectMany(f => f))
        {
            foreach (int a in term.Variables)
            {
                foreach (int b in term.Variables) pairs.Add((Math.Min(a, b), Math.Max(a, b)));
            }
        }
        var columns = new int[n + 1];
        int next = 0;
        foreach ((int column, int row) in pairs)
        {
            columns[column + 1]++;
            _hessianPosition[(row, column)] = next++;
        }
        for (int j = 0; j < n; j++) columns[j + 1] += columns[j];
        _hessian = new SparsePattern(n, n, columns, [.. pairs.Select(p => p.Row)]);
    }

    private sealed record Term(int[] Variables, Func<Taylor[], Taylor> Function)
    {
        public Taylor At(ReadOnlySpan<double> x)
        {
            var local = new double[Variables.Length];
            for (int k = 0; k < local.Length; k++) local[k] = x[Variables[k]];
            return Function(Taylor.Variables(local));
        }
    }
}
