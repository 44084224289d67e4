using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.CoordinateDescent;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// f(x) = Σᵢ wᵢ ℓ(yᵢ, oᵢ + (X x)ᵢ): losses of linear forms. The forms and the slopes of the losses are kept up to date, so that a
/// partial derivative costs one column of X and a step the rows that the column touches.
/// </summary>
public sealed class LossFunction : SmoothFunction
{
    /// <summary>Pairs of entries in a row, over entries, up to which products of columns are sparse.</summary>
    private const int MostPairs = 8;

    private readonly DesignMatrix _matrix;
    private readonly SparseColumns? _sparse;
    private readonly Loss _loss;
    private readonly double[] _labels, _weights, _offsets, _point, _forms, _slopes, _curvatures, _bounds, _along, _scratch;
    private readonly int[] _rows;
    private readonly bool[] _isTouched;
    private readonly RowIndex? _index;
    private bool _curvaturesKnown;
    private int[] _block = [];
    private double[] _direction = [];
    private int _size, _rowCount;
    private double _base;

    /// <param name="problem">Matrix, loss, labels, weights and offsets; its penalty and constant are not part of f.</param>
    public LossFunction(CompositeProblem problem)
    {
        ArgumentNullException.ThrowIfNull(problem);
        if (problem.Refuse() is { } refusal) throw new ArgumentException(refusal);
        Problem = problem;
        (_matrix, _sparse, _loss, _labels, _weights) = (problem.Matrix, problem.Matrix as SparseColumns, problem.Loss, problem.Labels, problem.Weights);
        int n = _matrix.RowCount, p = _matrix.ColumnCount;
        _offsets = problem.Offset ?? new double[n];
        (_point, _bounds) = (new double[p], new double[p]);
        (_forms, _slopes, _curvatures, _along, _scratch) = (new double[n], new double[n], new double[n], new double[n], new double[n]);
        (_rows, _isTouched) = (new int[n], new bool[n]);
        if (_sparse is not null) _index = new RowIndex(_sparse);
        for (int j = 0; j < p; j++) _bounds[j] = _matrix.Entries(j) == 0 ? 0 : _loss.Smoothness * _matrix.WeightedSquares(j, _weights);
        MoveTo(_point);
    }

    /// <summary>What it was made of.</summary>
    internal CompositeProblem Problem { get; }

    /// <inheritdoc/>
    public override int VariableCount => _matrix.ColumnCount;

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Point => _point;

    /// <inheritdoc/>
    public override bool IsQuadratic => _loss.IsQuadratic;

    /// <inheritdoc/>
    public override void MoveTo(ReadOnlySpan<double> x)
    {
        x.CopyTo(_point);
        _matrix.Multiply(_point, _offsets, _forms);
        _loss.Gradient(_labels, _weights, _forms, _slopes);
        _curvaturesKnown = false;
    }

    /// <inheritdoc/>
    public override double Value() => _loss.Value(_labels, _weights, _forms);

    /// <inheritdoc/>
    public override double Partial(int j) => _matrix.Dot(j, _slopes);

    /// <inheritdoc/>
    public override double Curvature(int j)
    {
        if (_loss.IsQuadratic) return _bounds[j];
        if (_sparse is null || _curvaturesKnown)
        {
            KnowCurvatures();
            return _matrix.WeightedSquares(j, _curvatures);
        }
        double sum = 0;
        ReadOnlySpan<int> rows = _sparse.Rows(j);
        ReadOnlySpan<double> values = _sparse.Values(j);
        for (int k = 0; k < rows.Length; k++)
        {
            int i = rows[k];
            _loss.Curvature(_labels.AsSpan(i, 1), _weights.AsSpan(i, 1), _forms.AsSpan(i, 1), _curvatures.AsSpan(i, 1));
            sum += values[k] * values[k] * _curvatures[i];
        }
        return sum;
    }

    /// <inheritdoc/>
    public override double CurvatureBound(int j) => _bounds[j];

    /// <inheritdoc/>
    public override void Hessian(ReadOnlySpan<int> block, Span<double> values)
    {
        KnowCurvatures();
        int b = block.Length;
        for (int k = 0; k < b; k++) _matrix.GramRow(block[k], block, _curvatures, _scratch, values.Slice(k * b, b));
    }

    /// <inheritdoc/>
    public override void Mixed(ReadOnlySpan<int> first, ReadOnlySpan<int> second, Span<double> values)
    {
        if (_sparse is null)
        {
            base.Mixed(first, second, values);
            return;
        }
        KnowCurvatures();
        for (int k = 0; k < first.Length; k++) values[k] = WeightedProduct(_sparse, first[k], second[k]);
    }

    /// <inheritdoc/>
    public override void Aim(ReadOnlySpan<int> block, ReadOnlySpan<double> direction)
    {
        // What the last direction touched is zero again.
        if (_sparse is null) Array.Clear(_along);
        else Forget();
        _size = block.Length;
        if (_block.Length < _size) (_block, _direction) = (new int[2 * _size], new double[2 * _size]);
        block.CopyTo(_block);
        direction.CopyTo(_direction);
        for (int k = 0; k < _size; k++)
        {
            if (direction[k] == 0) continue;
            _matrix.AddScaled(block[k], direction[k], _along);
            if (_sparse is not null) Touch(_sparse.Rows(block[k]));
        }
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
        for (int k = 0; k < _size; k++) _point[_block[k]] += t * _direction[k];
        _curvaturesKnown &= _loss.IsQuadratic;
        _base = double.NaN;
        if (_sparse is null)
        {
            for (int i = 0; i < _forms.Length; i++) _forms[i] += t * _along[i];
            _loss.Gradient(_labels, _weights, _forms, _slopes);
            return;
        }
        foreach (int i in _rows.AsSpan(0, _rowCount))
        {
            _forms[i] += t * _along[i];
            _loss.Gradient(_labels.AsSpan(i, 1), _weights.AsSpan(i, 1), _forms.AsSpan(i, 1), _slopes.AsSpan(i, 1));
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Dependents(int j) => _index is null ? RowIndex.AllBut(j, VariableCount, ref _others) : _index.Sharing(j);

    /// <summary>w ∘ ℓ'(y, o + X x) at the point (n rows): ∇f is Xᵀ times these.</summary>
    internal ReadOnlySpan<double> Slopes => _slopes;

    /// <summary>Whether f is quadratic, and the products of columns fill little more than the columns do: rows with few entries.</summary>
    internal bool IsSparseQuadratic => IsQuadratic && _sparse is not null && _index!.Pairs <= MostPairs * _sparse.EntryCount;

    /// <summary>A quadratic f by its second derivatives, and its gradient and value at zero; that is the point after.</summary>
    internal QuadraticFunction ToQuadratic()
    {
        int n = VariableCount;
        double[] linear = new double[n];
        MoveTo(linear);
        double constant = Value();
        Gradient(linear);
        for (int j = 0; j < n; j++) linear[j] = -linear[j];
        KnowCurvatures();
        int[] starts = new int[n + 1];
        var (indices, values) = (new List<int>(), new List<double>());
        for (int j = 0; j < n; j++)
        {
            int[] row = [.. Dependents(j), j];
            Array.Sort(row);
            foreach (int k in row)
            {
                indices.Add(k);
                values.Add(WeightedProduct(_sparse!, j, k));
            }
            starts[j + 1] = indices.Count;
        }
        return new QuadraticFunction(new SparsePattern(n, n, starts, [.. indices]), [.. values], linear, constant);
    }

    /// <summary>The same function as a mean of observations.</summary>
    internal Observations ByObservation() => new(_matrix, _loss, _labels, _weights, _offsets);

    private int[] _others = [];

    /// <summary>The loss of the touched rows at a step.</summary>
    private double At(double t)
    {
        if (_sparse is null)
        {
            for (int i = 0; i < _forms.Length; i++) _scratch[i] = _forms[i] + (t * _along[i]);
            double value = _loss.Value(_labels, _weights, _scratch);
            Array.Clear(_scratch);
            return value;
        }
        double sum = 0;
        Span<double> form = stackalloc double[1];
        foreach (int i in _rows.AsSpan(0, _rowCount))
        {
            form[0] = _forms[i] + (t * _along[i]);
            sum += _loss.Value(_labels.AsSpan(i, 1), _weights.AsSpan(i, 1), form);
        }
        return sum;
    }

    private void Touch(ReadOnlySpan<int> rows)
    {
        foreach (int i in rows)
        {
            if (_isTouched[i]) continue;
            _isTouched[i] = true;
            _rows[_rowCount++] = i;
        }
    }

    private void Forget()
    {
        foreach (int i in _rows.AsSpan(0, _rowCount)) (_isTouched[i], _along[i]) = (false, 0);
        _rowCount = 0;
    }

    /// <summary>Σ ℓ″ X_i X_j over the rows that two columns share.</summary>
    private double WeightedProduct(SparseColumns matrix, int i, int j)
    {
        ReadOnlySpan<int> left = matrix.Rows(i), right = matrix.Rows(j);
        ReadOnlySpan<double> leftValues = matrix.Values(i), rightValues = matrix.Values(j);
        double sum = 0;
        for (int p = 0, q = 0; p < left.Length && q < right.Length;)
        {
            if (left[p] == right[q]) sum += _curvatures[left[p]] * leftValues[p++] * rightValues[q++];
            else if (left[p] < right[q]) p++;
            else q++;
        }
        return sum;
    }

    private void KnowCurvatures()
    {
        if (_curvaturesKnown) return;
        _loss.Curvature(_labels, _weights, _forms, _curvatures);
        _curvaturesKnown = true;
    }
}
