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

    /// <summary>Dependents of a coordinate in the mean up to which a quadratic is sparse.</summary>
    private const int MostNeighbours = 64;

    private readonly TemplateProblem _problem;
    private readonly double[] _point, _trial;
    private readonly int[] _starts, _dependents, _one = new int[1], _place;
    private readonly double[] _none, _pair = new double[1];
    private readonly Dictionary<long, BlockDerivatives> _blocks = [];
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
            ReadWhole();
            (pattern, entries) = (_problem.HessianPattern, _whole);
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

    /// <inheritdoc/>
    public override void Mixed(ReadOnlySpan<int> first, ReadOnlySpan<int> second, Span<double> values)
    {
        if (first.Length < WholeShare * _point.Length)
        {
            base.Mixed(first, second, values);
            return;
        }
        ReadWhole();
        SparsePattern lower = _problem.HessianPattern;
        for (int k = 0; k < first.Length; k++)
        {
            (int column, int row) = (Math.Min(first[k], second[k]), Math.Max(first[k], second[k]));
            int start = lower.Starts[column], place = lower.Indices.AsSpan(start, lower.Starts[column + 1] - start).BinarySearch(row);
            values[k] = place < 0 ? 0 : _whole[start + place];
        }
    }

    /// <summary>Whether f is quadratic, and a coordinate depends on few others.</summary>
    internal bool IsSparseQuadratic => IsQuadratic && _dependents.Length <= MostNeighbours * _point.Length;

    /// <summary>A quadratic objective by its second derivatives, and its gradient and value at zero.</summary>
    internal QuadraticFunction ToQuadratic()
    {
        int n = _point.Length;
        double[] zero = new double[n], linear = new double[n];
        MoveTo(zero);
        Gradient(linear);
        for (int j = 0; j < n; j++) linear[j] = -linear[j];
        (SparsePattern pattern, double[] values) = WholeHessian();
        return new QuadraticFunction(pattern, values, linear, Value());
    }

    /// <summary>All second derivatives at the point, both triangles by rows.</summary>
    private (SparsePattern Pattern, double[] Values) WholeHessian()
    {
        ReadWhole();
        SparsePattern lower = _problem.HessianPattern;
        int n = _point.Length;
        int[] starts = new int[n + 1];
        for (int j = 0; j < n; j++)
        {
            foreach (int i in lower.Indices.AsSpan(lower.Starts[j], lower.Starts[j + 1] - lower.Starts[j]))
            {
                starts[j + 1]++;
                if (i != j) starts[i + 1]++;
            }
        }
        for (int j = 0; j < n; j++) starts[j + 1] += starts[j];
        int[] indices = new int[starts[n]], next = starts[..n];
        double[] values = new double[starts[n]];
        for (int j = 0; j < n; j++)
        {
            for (int p = lower.Starts[j]; p < lower.Starts[j + 1]; p++)
            {
                int i = lower.Indices[p];
                Put(j, i, _whole[p]);
                if (i != j) Put(i, j, _whole[p]);
            }
        }
        return (new SparsePattern(n, n, starts, indices), values);

        void Put(int row, int column, double value) => (indices[next[row]], values[next[row]++]) = (column, value);
    }

    /// <summary>The second derivatives of the whole model at the point.</summary>
    private void ReadWhole()
    {
        if (_whole.Length == 0) _whole = new double[_problem.HessianPattern.Count];
        _problem.Hessian(_point, 1, _none, _whole);
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

    /// <summary>Derivatives of a block, made when it is met first, or has other members than the last of three or more with the same first.</summary>
    private BlockDerivatives Block(ReadOnlySpan<int> block)
    {
        long key = block.Length switch
        {
            1 => block[0],
            2 => ((long)(block[0] + 1) << 32) | (uint)block[1],
            _ => ~block[0],
        };
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
