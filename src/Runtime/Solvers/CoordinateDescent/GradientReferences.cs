using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.CoordinateDescent;

/// <summary>
/// Products Xᵀg of earlier gradients, from which those of a new one are told within a bound: with g ≈ Σ αᵢ gᵢ by least squares and the
/// rest δ = g − Σ αᵢ gᵢ,  |x_jᵀg − Σ αᵢ x_jᵀgᵢ| ≤ ‖x_j‖ min(‖δ‖₂, √(entries of x_j) ‖δ‖∞). A coordinate at zero whose condition holds
/// for all values within the bound needs no product. Along a path g is nearly linear in the penalty, and two references tell nearly all.
/// </summary>
/// <param name="rows">n.</param>
/// <param name="columns">p.</param>
internal sealed class GradientReferences(int rows, int columns)
{
    private readonly double[] _rest = new double[rows];
    private Reference? _last, _before;
    private double _single, _a, _b, _rest1, _peak1, _rest2, _peak2;
    private int _count;

    /// <summary>Combines the references for a new gradient.</summary>
    public void Fit(double[] g)
    {
        _count = 0;
        if (_last is null) return;
        double aa = VectorKernels.SumOfSquares(_last.Gradient), ag = VectorKernels.Dot(_last.Gradient, g);
        if (!(aa > 0)) return;
        _count = 1;
        _single = ag / aa;
        VectorKernels.Combine(1, g, -_single, _last.Gradient, _rest);
        (_rest1, _peak1) = (VectorKernels.Norm2(_rest), VectorKernels.MaxAbs(_rest));
        if (_before is null) return;
        double ab = VectorKernels.Dot(_last.Gradient, _before.Gradient), bb = VectorKernels.SumOfSquares(_before.Gradient), bg = VectorKernels.Dot(_before.Gradient, g);
        double determinant = (aa * bb) - (ab * ab);
        if (!(determinant > 1e-12 * aa * bb)) return;
        (_a, _b) = (((ag * bb) - (bg * ab)) / determinant, ((aa * bg) - (ab * ag)) / determinant);
        VectorKernels.AddScaled(_single - _a, _last.Gradient, _rest);
        VectorKernels.AddScaled(-_b, _before.Gradient, _rest);
        (_rest2, _peak2) = (VectorKernels.Norm2(_rest), VectorKernels.MaxAbs(_rest));
        _count = 2;
    }

    /// <summary>Whether |x_jᵀg| is certainly at most the limit; an estimate of the product and a bound of its error.</summary>
    /// <param name="j">The column.</param>
    /// <param name="norm">‖x_j‖.</param>
    /// <param name="entries">Entries of x_j.</param>
    /// <param name="limit">The limit.</param>
    /// <param name="estimate">The estimate.</param>
    /// <param name="error">The bound.</param>
    public bool IsWithin(int j, double norm, int entries, double limit, out double estimate, out double error)
    {
        (estimate, error) = (0, double.PositiveInfinity);
        if (_count == 0) return false;
        // The rounding of the products themselves is far below the margin.
        limit *= 1 - 1e-9;
        double root = Math.Sqrt(entries);
        estimate = _single * _last!.Product[j];
        error = (Math.Abs(_single) * _last.ErrorOf(j)) + (norm * Math.Min(_rest1, root * _peak1));
        if (_count == 1) return Math.Abs(estimate) + error <= limit;
        // Two references are nearer to g, but their errors add up: the less certain of the two is no worse for having been asked.
        double other = (_a * _last.Product[j]) + (_b * _before!.Product[j]);
        double bound = (Math.Abs(_a) * _last.ErrorOf(j)) + (Math.Abs(_b) * _before.ErrorOf(j)) + (norm * Math.Min(_rest2, root * _peak2));
        bool isWithin = Math.Abs(estimate) + error <= limit, isOther = Math.Abs(other) + bound <= limit;
        if (isOther && (!isWithin || bound < error)) (estimate, error) = (other, bound);
        return isWithin || isOther;
    }

    /// <summary>The product of column j by all references.</summary>
    public double Estimate(int j) => _count == 2 ? (_a * _last!.Product[j]) + (_b * _before!.Product[j]) : _count == 1 ? _single * _last!.Product[j] : 0;

    /// <summary>Keeps the products with g and the bounds of their errors, none where all are exact, as the last reference.</summary>
    public void Keep(double[] g, double[] product, ReadOnlySpan<double> error)
    {
        // Points of one solve that are close tell less than the last one and one before: these are replaced.
        bool isNear = _before is not null && _count > 0 && _rest1 < 0.2 * Distance(_last!.Gradient, _before.Gradient);
        if (!isNear) (_last, _before) = (_before, _last);
        _last ??= new Reference(rows, columns);
        g.CopyTo(_last.Gradient, 0);
        product.CopyTo(_last.Product, 0);
        _last.Accept(error);
    }

    private double Distance(double[] x, double[] y)
    {
        VectorKernels.Combine(1, x, -1, y, _rest);
        return VectorKernels.Norm2(_rest);
    }

    private sealed class Reference(int rows, int columns)
    {
        public double[] Gradient { get; } = new double[rows];

        public double[] Product { get; } = new double[columns];

        private double[] _error = [];
        private bool _isExact = true;

        public double ErrorOf(int j) => _isExact ? 0 : _error[j];

        public void Accept(ReadOnlySpan<double> error)
        {
            _isExact = error.IsEmpty;
            if (_isExact) return;
            if (_error.Length == 0) _error = new double[columns];
            error.CopyTo(_error);
        }
    }
}
