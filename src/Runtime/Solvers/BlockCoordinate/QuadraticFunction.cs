using Optc.Runtime.Problems;

namespace Optc.Runtime.Solvers.BlockCoordinate;

/// <summary>
/// f(x) = ½ xᵀA x − bᵀx + c with a sparse symmetric A: least squares, label propagation, graph Laplacians. The gradient is kept up to
/// date, so that a step costs the entries of one row of A.
/// </summary>
public sealed class QuadraticFunction : SmoothFunction
{
    private readonly SparsePattern _pattern;
    private readonly double[] _values, _linear, _diagonal, _point, _gradient, _along;
    private readonly int[] _neighbours, _starts, _place;
    private int[] _block = [];
    private double[] _direction = [];
    private int _size;
    private readonly double _constant;
    private double _slope, _curve;

    /// <param name="pattern">Pattern of A, both triangles, by rows.</param>
    /// <param name="values">A's entries in its order.</param>
    /// <param name="linear">b (n).</param>
    /// <param name="constant">What is added.</param>
    public QuadraticFunction(SparsePattern pattern, double[] values, double[] linear, double constant = 0)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(linear);
        int n = pattern.MajorCount;
        if (pattern.MinorCount != n || linear.Length != n || values.Length < pattern.Count)
            throw new ArgumentException($"A {n} x {pattern.MinorCount} matrix with {values.Length} values and {linear.Length} linear terms is not a quadratic form.");
        (_pattern, _values, _linear, _constant) = (pattern, values, linear, constant);
        (_diagonal, _point, _gradient, _along) = (new double[n], new double[n], new double[n], new double[n]);
        _starts = new int[n + 1];
        _place = new int[n];
        _neighbours = new int[pattern.Count];
        int count = 0;
        for (int i = 0; i < n; i++)
        {
            for (int p = pattern.Starts[i]; p < pattern.Starts[i + 1]; p++)
            {
                if (pattern.Indices[p] == i) _diagonal[i] = values[p];
                else _neighbours[count++] = pattern.Indices[p];
            }
            _starts[i + 1] = count;
        }
        MoveTo(_point);
    }

    /// <summary>Pattern of A, both triangles, by rows.</summary>
    internal SparsePattern Pattern => _pattern;

    /// <summary>A's entries in its order.</summary>
    internal double[] Values => _values;

    /// <summary>b (n).</summary>
    internal double[] Linear => _linear;

    /// <summary>c.</summary>
    internal double Constant => _constant;

    /// <inheritdoc/>
    public override int VariableCount => _linear.Length;

    /// <inheritdoc/>
    public override ReadOnlySpan<double> Point => _point;

    /// <inheritdoc/>
    public override bool IsQuadratic => true;

    /// <inheritdoc/>
    public override void MoveTo(ReadOnlySpan<double> x)
    {
        x.CopyTo(_point);
        Renew();
    }

    private void Renew()
    {
        for (int i = 0; i < _point.Length; i++)
        {
            double sum = -_linear[i];
            for (int p = _pattern.Starts[i]; p < _pattern.Starts[i + 1]; p++) sum += _values[p] * _point[_pattern.Indices[p]];
            _gradient[i] = sum;
        }
    }

    /// <inheritdoc/>
    public override double Value()
    {
        // xᵀA x = xᵀ(∇f + b).
        double sum = _constant;
        for (int i = 0; i < _point.Length; i++) sum += 0.5 * _point[i] * (_gradient[i] - _linear[i]);
        return sum;
    }

    /// <inheritdoc/>
    public override double Partial(int j) => _gradient[j];

    /// <inheritdoc/>
    public override double Curvature(int j) => _diagonal[j];

    /// <inheritdoc/>
    public override double CurvatureBound(int j) => _diagonal[j];

    /// <summary>∇f at the point into <paramref name="gradient"/> (n), computed anew: what steps have rounded is forgotten.</summary>
    public override void Gradient(Span<double> gradient)
    {
        Renew();
        _gradient.CopyTo(gradient);
    }

    /// <inheritdoc/>
    public override void Hessian(ReadOnlySpan<int> block, Span<double> values)
    {
        int b = block.Length;
        values[..(b * b)].Clear();
        // Places of the block's members while their rows are read; 0 elsewhere.
        for (int k = 0; k < b; k++) _place[block[k]] = k + 1;
        for (int k = 0; k < b; k++)
        {
            for (int p = _pattern.Starts[block[k]]; p < _pattern.Starts[block[k] + 1]; p++)
            {
                int place = _place[_pattern.Indices[p]];
                if (place > 0) values[(k * b) + place - 1] = _values[p];
            }
        }
        foreach (int j in block) _place[j] = 0;
    }

    /// <inheritdoc/>
    public override void Mixed(ReadOnlySpan<int> first, ReadOnlySpan<int> second, Span<double> values)
    {
        for (int k = 0; k < first.Length; k++)
        {
            int start = _pattern.Starts[first[k]];
            int place = _pattern.Indices.AsSpan(start, _pattern.Starts[first[k] + 1] - start).BinarySearch(second[k]);
            values[k] = place < 0 ? 0 : _values[start + place];
        }
    }

    /// <inheritdoc/>
    public override void Aim(ReadOnlySpan<int> block, ReadOnlySpan<double> direction)
    {
        _size = block.Length;
        if (_block.Length < _size) (_block, _direction) = (new int[2 * _size], new double[2 * _size]);
        block.CopyTo(_block);
        direction.CopyTo(_direction);
        (_slope, _curve) = (0, double.NaN);
        for (int k = 0; k < _size; k++) _slope += _gradient[block[k]] * direction[k];
    }

    /// <inheritdoc/>
    public override double Change(double t)
    {
        if (double.IsNaN(_curve)) _curve = CurveAlong();
        return t * (_slope + (0.5 * t * _curve));
    }

    /// <inheritdoc/>
    public override void Move(double t)
    {
        for (int k = 0; k < _size; k++)
        {
            double step = t * _direction[k];
            int j = _block[k];
            if (step == 0) continue;
            _point[j] += step;
            for (int p = _pattern.Starts[j]; p < _pattern.Starts[j + 1]; p++) _gradient[_pattern.Indices[p]] += step * _values[p];
        }
    }

    /// <inheritdoc/>
    public override ReadOnlySpan<int> Dependents(int j) => _neighbours.AsSpan(_starts[j], _starts[j + 1] - _starts[j]);

    private double CurveAlong()
    {
        double curve = 0;
        for (int k = 0; k < _size; k++) _along[_block[k]] = _direction[k];
        for (int k = 0; k < _size; k++)
        {
            int j = _block[k];
            if (_direction[k] == 0) continue;
            double product = 0;
            for (int p = _pattern.Starts[j]; p < _pattern.Starts[j + 1]; p++) product += _values[p] * _along[_pattern.Indices[p]];
            curve += _direction[k] * product;
        }
        for (int k = 0; k < _size; k++) _along[_block[k]] = 0;
        return curve;
    }
}
