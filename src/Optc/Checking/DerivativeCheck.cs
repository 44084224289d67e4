using Optc.Runtime.Problems;

namespace Optc.Cli.Checking;

/// <summary>
/// Compares the derivatives of a problem with central differences: the gradient with differences of f, the Jacobian with
/// differences of c, the Hessian of σf + wᵀc (σ = 1, random w) with differences of its gradient. Whole columns are
/// compared, so that an entry missing from a pattern is found too.
/// </summary>
internal sealed class DerivativeCheck
{
    /// <summary>Entries of work that a check may take before it samples columns.</summary>
    private const double WorkLimit = 2e8;

    private readonly INlpProblem _problem;
    private readonly Func<int, string> _variable;
    private readonly Func<int, string> _constraint;
    private readonly Random _random;
    private readonly double[] _x;
    private readonly double[] _weights;
    private readonly double[] _gradient;
    private readonly double[] _jacobian;
    private readonly double[] _hessian;
    private readonly double[] _lagrangianAbove;
    private readonly double[] _lagrangianBelow;
    private readonly double[] _valuesAbove;
    private readonly double[] _valuesBelow;
    private readonly double[] _column;
    private readonly DifferenceTable _valueTable;
    private readonly DifferenceTable _gradientTable;
    private readonly ColumnIndex _jacobianColumns;
    private readonly ColumnIndex _hessianRows;

    /// <summary>A check of a problem whose variables and constraints are named by functions.</summary>
    public DerivativeCheck(INlpProblem problem, Func<int, string> variable, Func<int, string> constraint, int seed)
    {
        _problem = problem;
        _variable = variable;
        _constraint = constraint;
        _random = new Random(seed);
        int n = problem.VariableCount, m = problem.ConstraintCount;
        _x = InteriorPoint(problem, _random);
        _weights = [.. Enumerable.Range(0, m).Select(_ => 0.5 + _random.NextDouble())];
        _gradient = new double[n];
        _jacobian = new double[problem.JacobianPattern.Count];
        _hessian = new double[problem.HessianPattern.Count];
        _lagrangianAbove = new double[n];
        _lagrangianBelow = new double[n];
        // f in the last place, c before it.
        _valuesAbove = new double[m + 1];
        _valuesBelow = new double[m + 1];
        _column = new double[Math.Max(n, m)];
        _valueTable = new DifferenceTable(m + 1);
        _gradientTable = new DifferenceTable(n);
        _jacobianColumns = new ColumnIndex(problem.JacobianPattern);
        _hessianRows = new ColumnIndex(problem.HessianPattern);
    }

    /// <summary>The point at which derivatives were compared: the start, moved slightly into the bounds.</summary>
    public ReadOnlySpan<double> Point => _x;

    /// <summary>Columns compared, of all columns.</summary>
    public int ColumnsChecked { get; private set; }

    /// <summary>The gradient.</summary>
    public DerivativeReport Gradient { get; } = new("gradient");

    /// <summary>The Jacobian.</summary>
    public DerivativeReport Jacobian { get; } = new("Jacobian");

    /// <summary>The Hessian of the Lagrangian.</summary>
    public DerivativeReport Hessian { get; } = new("Hessian");

    /// <summary>Compares all columns of a small problem, and a seeded sample of a large one.</summary>
    public void Run(CancellationToken cancellation)
    {
        int n = _problem.VariableCount;
        double perColumn = 6.0 * (n + _jacobian.Length + 2.0 * _problem.ConstraintCount + 100.0);
        int count = (int)Math.Min(n, Math.Max(5.0, WorkLimit / perColumn));
        int[] columns = [.. Enumerable.Range(0, n)];
        if (count < n)
        {
            _random.Shuffle(columns);
            columns = columns[..count];
            Array.Sort(columns);
        }
        EvaluateHere();
        double[] gradient = [.. _gradient], jacobian = [.. _jacobian];
        foreach (int j in columns)
        {
            if (cancellation.IsCancellationRequested) return;
            TakeDifferences(j);
            CompareColumn(j, gradient, jacobian);
            ColumnsChecked++;
        }
    }

    private void EvaluateHere()
    {
        _problem.Gradient(_x, _gradient);
        _problem.Jacobian(_x, _jacobian);
        _problem.Hessian(_x, 1.0, _weights, _hessian);
    }

    private void TakeDifferences(int j)
    {
        double here = _x[j];
        double step = Step(here, _problem.VariableLower[j], _problem.VariableUpper[j]);
        for (int level = 0; level < DifferenceTable.Levels; level++, step /= 2.0)
        {
            // The step that is really taken, after rounding.
            double above = here + step, below = here - step;
            Evaluate(j, above, _valuesAbove, _lagrangianAbove);
            Evaluate(j, below, _valuesBelow, _lagrangianBelow);
            double taken = (above - below) / 2.0;
            _valueTable.Enter(level, taken, _valuesAbove, _valuesBelow);
            _gradientTable.Enter(level, taken, _lagrangianAbove, _lagrangianBelow);
        }
        _x[j] = here;
    }

    /// <summary>c and f, and the gradient of f + wᵀc, with one coordinate changed.</summary>
    private void Evaluate(int j, double value, Span<double> values, Span<double> lagrangian)
    {
        int m = _problem.ConstraintCount;
        _x[j] = value;
        values[m] = _problem.Gradient(_x, lagrangian);
        _problem.Constraints(_x, values[..m]);
        _problem.Jacobian(_x, _jacobian);
        SparsePattern pattern = _problem.JacobianPattern;
        for (int i = 0; i < m; i++)
        {
            for (int k = pattern.Starts[i]; k < pattern.Starts[i + 1]; k++) lagrangian[pattern.Indices[k]] += _weights[i] * _jacobian[k];
        }
    }

    private void CompareColumn(int j, double[] gradient, double[] jacobian)
    {
        int n = _problem.VariableCount, m = _problem.ConstraintCount;
        Gradient.Compare(gradient[j], _valueTable.Derivative(m), () => $"d objective / d {_variable(j)}");

        Span<double> column = _column.AsSpan(0, m);
        column.Clear();
        foreach ((int i, int k) in _jacobianColumns.Of(j)) column[i] = jacobian[k];
        for (int i = 0; i < m; i++)
        {
            int row = i;
            Jacobian.Compare(_column[i], _valueTable.Derivative(i), () => $"d {_constraint(row)} / d {_variable(j)}");
        }

        column = _column.AsSpan(0, n);
        column.Clear();
        SparsePattern lower = _problem.HessianPattern;
        foreach ((int i, int k) in _hessianRows.Of(j)) column[i] = _hessian[k];
        for (int k = lower.Starts[j]; k < lower.Starts[j + 1]; k++) column[lower.Indices[k]] = _hessian[k];
        for (int i = 0; i < n; i++)
        {
            int row = i;
            Hessian.Compare(_column[i], _gradientTable.Derivative(i), () => $"d² Lagrangian / d {_variable(row)} d {_variable(j)}");
        }
    }

    /// <summary>The first step: a thousandth of the size of the variable, at most half the way to a bound.</summary>
    private static double Step(double x, double lower, double upper)
    {
        double room = Math.Min(x - lower, upper - x);
        double step = 1e-3 * Math.Max(1.0, Math.Abs(x));
        return room > 0.0 ? Math.Min(step, room / 2.0) : step;
    }

    /// <summary>
    /// The start, moved between the bounds by up to a hundredth, each coordinate by a random part of it: at a start of zeros or
    /// with equal entries a wrong derivative may look right.
    /// </summary>
    private static double[] InteriorPoint(INlpProblem problem, Random random)
    {
        double[] x = problem.Start.ToArray();
        for (int j = 0; j < x.Length; j++)
        {
            double lower = problem.VariableLower[j], upper = problem.VariableUpper[j];
            double room = Math.Min(1e-2 * Math.Max(1.0, Math.Abs(x[j])), 0.25 * (upper - lower));
            double part = room * (0.5 + 0.5 * random.NextDouble());
            x[j] = Math.Clamp(random.Next(2) == 0 ? x[j] - part : x[j] + part, lower + part, upper - part);
        }
        return x;
    }

    /// <summary>For a compressed pattern, the entries of each minor index: its column for CSR.</summary>
    private sealed class ColumnIndex
    {
        private readonly int[] _starts;
        private readonly (int Major, int Entry)[] _entries;

        public ColumnIndex(SparsePattern pattern)
        {
            _starts = new int[pattern.MinorCount + 1];
            _entries = new (int, int)[pattern.Count];
            for (int k = 0; k < pattern.Count; k++) _starts[pattern.Indices[k] + 1]++;
            for (int c = 0; c < pattern.MinorCount; c++) _starts[c + 1] += _starts[c];
            int[] next = [.. _starts];
            for (int major = 0; major < pattern.MajorCount; major++)
            {
                for (int k = pattern.Starts[major]; k < pattern.Starts[major + 1]; k++) _entries[next[pattern.Indices[k]]++] = (major, k);
            }
        }

        public ReadOnlySpan<(int Major, int Entry)> Of(int minor) => _entries.AsSpan(_starts[minor], _starts[minor + 1] - _starts[minor]);
    }
}
