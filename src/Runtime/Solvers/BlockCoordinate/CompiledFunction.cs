using Optc.Runtime.Problems;
using Optc.Runtime.Templates;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// The objective of a compiled model: a partial derivative costs the instances that touch its variable (and what these need where
/// there are nonlinear sums or defined variables), and so does the change of the objective by a step.
/// </summary>
public sealed class CompiledFunction : SmoothFunction
{
    /// <summary>Share of the variables from which a block's derivatives are taken from those of the whole model.</summary>
    private const double WholeShare = 0.25;

    private readonly TemplateProblem _problem;
    private readonly double[] _point, _trial;
    private readonly int[] _starts, _dependents, _one = new int[1], _place;
    private readonly double[] _none, _pair = new double[1];
    private readonly Dictionary<int, BlockDerivatives> _blocks = [];
    private double[] _whole = [], _values = [];
    private BlockDerivatives? _aimed;
    private int[] _block = [];
    private double[] _direction = [];
    private int _size;
    private double _base, _curvature;
    private int _curvatureOf = -1;

    /// <param name="problem">A problem without constraints; its bounds are not part of f.</param>
    public CompiledFunction(TemplateProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.ConstraintCount > 0) throw new ArgumentException($"Coordinate descent takes no constraints, and the model has {problem.ConstraintCount}.");
        _problem = problem;
        int n = problem.VariableCount;
        (_point, _trial, _place, _none) = (new double[n], new double[n], new int[n], []);
        // Both triangles of the Hessian's pattern without its diagonal.
        SparsePattern pattern = problem.HessianPattern;
        _starts = new int[n + 1];
        ForEachPair(pattern, (i, j) => { _starts[i + 1]++; _starts[j + 1]++; });
        for (int j = 0; j < n; j++) _starts[j + 1] += _starts[j];
        _dependents = new int[_starts[n]];
        int[] next = _starts[..n];
        ForEachPair(pattern, (i, j) => { _dependents[next[i]++] = j; _dependents[next[j]++] = i; });
    }

    /// <inheritdoc/>
    public override int VariableCount => _point.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Point => _point;

    /// <inheritdoc/>
    public override bool IsQuadratic => _problem.Structure.Class is ProblemClass.Linear or ProblemClass.Quadratic;

    /// <inheritdoc/>
    public override void MoveTo(ReadOnlySpan<double> x)
    {
        x.CopyTo(_point);
        x.CopyTo(_trial);
        _curvatureOf = -1;
    }

    /// <inheritdoc/>
    public override double Value() => _problem.Objective(_point);

    /// <inheritdoc/>
    public override double Partial(int j)
    {
        if (!_problem.HasStages) return _problem.PartialDerivative(_point, j);
        _one[0] = j;
        Block(_one).Gradient(_point, _pair);
        return _pair[0];
    }

    /// <inheritdoc/>
    public override double Curvature(int j)
    {
        if (_curvatureOf == j) return _curvature;
        if (_problem.HasStages)
        {
            _one[0] = j;
            Hessian(_one, _pair);
            _curvature = _pair[0];
        }
        else
        {
            _problem.PartialDerivative(_point, j, out _curvature);
        }
        _curvatureOf = j;
        return _curvature;
    }

    /// <inheritdoc/>
    public override void Gradient(Span<double> gradient) => _problem.GradientOnly(_point, gradient);

    /// <inheritdoc/>
    public override void Hessian(ReadOnlySpan<int> block, Span<double> values)
    {
        int b = block.Length;
        values[..(b * b)].Clear();
        SparsePattern pattern;
        double[] entries;
        for (int k = 0; k < b; k++) _place[block[k]] = k + 1;
        bool isWhole = IsWhole(block);
        if (isWhole)
        {
            pattern = _problem.HessianPattern;
            if (_whole.Length == 0) _whole = new double[pattern.Count];
            _problem.Hessian(_point, 1, _none, _whole);
            entries = _whole;
        }
        else
        {
            BlockDerivatives derivatives = Block(block);
            pattern = derivatives.HessianPattern;
            if (_values.Length < pattern.Count) _values = new double[2 * pattern.Count];
            derivatives.Hessian(_point, 1, _none, _values.AsSpan(0, pattern.Count));
            entries = _values;
        }
        // The whole pattern has the model's numbering, a block's its own.
        for (int k = 0; k < b; k++)
        {
            int column = isWhole ? block[k] : k;
            for (int p = pattern.Starts[column]; p < pattern.Starts[column + 1]; p++)
            {
                int place = isWhole ? _place[pattern.Indices[p]] - 1 : pattern.Indices[p];
                if (place >= 0) values[(k * b) + place] = values[(place * b) + k] = entries[p];
            }
        }
        foreach (int j in block) _place[j] = 0;
    }

    /// <summary>All second derivatives at the point, both triangles by rows.</summary>
    internal (SparsePattern Pattern, double[] Values) WholeHessian()
    {
        SparsePattern lower = _problem.HessianPattern;
        var entries = new double[lower.Count];
        _problem.Hessian(_point, 1, _none, entries);
        List<(int Row, int Column, double Value)> both = new(2 * lower.Count);
        for (int j = 0; j < lower.MajorCount; j++)
        {
            for (int p = lower.Starts[j]; p < lower.Starts[j + 1]; p++)
            {
                both.Add((lower.Indices[p], j, entries[p]));
                if (lower.Indices[p] != j) both.Add((j, lower.Indices[p], entries[p]));
            }
        }
        both.Sort((a, b) => (a.Row, a.Column).CompareTo((b.Row, b.Column)));
        var starts = new int[_point.Length + 1];
        foreach ((int row, _, _) in both) starts[row + 1]++;
        for (int i = 0; i < _point.Length; i++) starts[i + 1] += starts[i];
        return (new SparsePattern(_point.Length, _point.Length, starts, [.. both.Select(e => e.Column)]), [.. both.Select(e => e.Value)]);
    }

    /// <inheritdoc/>
    public override void Aim(ReadOnlySpan<int> block, ReadOnlySpan<double> direction)
    {
        _size = block.Length;
        if (_block.Length < _size) (_block, _direction) = (new int[2 * _size], new double[2 * _size]);
        block.CopyTo(_block);
        direction.CopyTo(_direction);
        _aimed = IsSingle || IsWhole(block) ? null : Block(block);
        _base = double.NaN;
    }

    /// <inheritdoc/>
    public override double Change(double t)
    {
        if (double.IsNaN(_base)) _base = At(0);
        return At(t) - _base;
    }

    /// <inheritdoc/>
    public override void Move(double t)
    {
        for (int k = 0; k < _size; k++) _trial[_block[k]] = _point[_block[k]] += t * _direction[k];
        _base = double.NaN;
        _curvatureOf = -1;
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Dependents(int j) => _dependents.AsSpan(_starts[j], _starts[j + 1] - _starts[j]);

    private bool IsSingle => _size == 1 && !_problem.HasStages;

    private bool IsWhole(ReadOnlySpan<int> block) => block.Length > 1 && block.Length >= WholeShare * _point.Length;

    /// <summary>What of the objective depends on the block, at a step.</summary>
    private double At(double t)
    {
        for (int k = 0; k < _size; k++) _trial[_block[k]] = _point[_block[k]] + (t * _direction[k]);
        double value = IsSingle ? _problem.PartialObjective(_trial, _block[0]) : _aimed?.Objective(_trial) ?? _problem.Objective(_trial);
        for (int k = 0; k < _size; k++) _trial[_block[k]] = _point[_block[k]];
        return value;
    }

    /// <summary>Derivatives of a block, made when it is met first or has other members than the one with the same first.</summary>
    private BlockDerivatives Block(ReadOnlySpan<int> block)
    {
        int key = block.Length == 1 ? block[0] : ~block[0];
        if (_blocks.TryGetValue(key, out BlockDerivatives? known) && known.Variables.SequenceEqual(block)) return known;
        return _blocks[key] = _problem.CreateBlock(block);
    }

    private static void ForEachPair(SparsePattern lower, Action<int, int> visit)
    {
        for (int j = 0; j < lower.MajorCount; j++)
        {
            for (int p = lower.Starts[j]; p < lower.Starts[j + 1]; p++)
            {
                if (lower.Indices[p] != j) visit(lower.Indices[p], j);
            }
        }
    }
}
