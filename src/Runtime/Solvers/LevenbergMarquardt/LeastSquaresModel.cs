using Optc.Runtime.Native;
using Optc.Runtime.Problems;
using Optc.Runtime.Solvers.AugmentedLagrangian;

namespace Optc.Runtime.Solvers.LevenbergMarquardt;

/// <summary>
/// F(x) = ½ Σ ωᵢ rᵢ(x)² with ω = 2w at a point: residuals, Jacobian J, gradient Jᵀ(ω∘r) in twice the working precision, and the
/// curvature S = Σ ωᵢrᵢ∇²rᵢ that Gauss and Newton leave out. The step for a damping λD² and a choice of S or none solves
/// <code>[S + λD², Jᵀ; J, −Ω⁻¹] (d, u) = (0, −r),   u = Ω(Jd + r),</code>
/// so that neither JᵀJ nor the gradient is formed. Variables may be held at a given displacement.
/// </summary>
internal sealed class LeastSquaresModel
{
    private readonly ILeastSquaresProblem _problem;
    private readonly SparsePattern _pattern;
    private readonly KktMatrix _matrix;
    private readonly int _n;
    private readonly int _m;
    private readonly double[] _omega;
    private readonly double[] _inverse;
    private readonly double[] _residual;
    private readonly double[] _jacobian;
    private readonly double[] _curvature;
    private readonly double[] _noCurvature;
    private readonly double[] _gradient;
    private readonly double[] _low;
    private readonly double[] _scale;
    private readonly double[] _diagonal;
    private readonly double[] _weighted;
    private readonly double[] _solution;
    private readonly double[] _linear;
    private readonly double[] _product;

    public LeastSquaresModel(ILeastSquaresProblem problem)
    {
        _problem = problem;
        _pattern = problem.JacobianPattern;
        _n = problem.VariableCount;
        _m = problem.ResidualCount;
        _matrix = new KktMatrix(problem.CurvaturePattern, _pattern);
        _omega = new double[_m];
        _inverse = new double[_m];
        for (int i = 0; i < _m; i++)
        {
            _omega[i] = 2.0 * problem.Weights[i];
            _inverse[i] = 1.0 / _omega[i];
        }
        _residual = new double[_m];
        _weighted = new double[_m];
        _linear = new double[_m];
        _jacobian = new double[_pattern.Count];
        _curvature = new double[problem.CurvaturePattern.Count];
        _noCurvature = new double[_curvature.Length];
        _gradient = new double[_n];
        _low = new double[_n];
        _scale = new double[_n];
        _diagonal = new double[_n];
        _product = new double[_n];
        _solution = new double[_n + _m];
    }

    /// <summary>Number of residuals.</summary>
    public int ResidualCount => _m;

    /// <summary>F at the point linearised last.</summary>
    public double Value { get; private set; }

    /// <summary>∇F (n) there.</summary>
    public ReadOnlySpan<double> Gradient => _gradient;

    /// <summary>r there.</summary>
    public ReadOnlySpan<double> Residual => _residual;

    /// <summary>Evaluations of residuals, of Jacobians and of curvatures.</summary>
    public (int Residuals, int Jacobians, int Curvatures) Counts { get; private set; }

    /// <summary>Scale D of the variables (n): the largest norm so far of the columns of Ω^½J (Moré 1978).</summary>
    public ReadOnlySpan<double> Scale => _scale;

    /// <summary>F at a point; its residuals into <paramref name="residual"/>.</summary>
    public double Evaluate(ReadOnlySpan<double> x, Span<double> residual)
    {
        Counts = Counts with { Residuals = Counts.Residuals + 1 };
        _problem.Residuals(x, residual);
        return CompensatedSums.HalfWeightedSquares(_omega, residual);
    }

    /// <summary>Residuals, Jacobian and gradient at a point; false when one is not finite.</summary>
    public bool Linearise(ReadOnlySpan<double> x)
    {
        Counts = Counts with { Residuals = Counts.Residuals + 1, Jacobians = Counts.Jacobians + 1 };
        _problem.ResidualsAndJacobian(x, _residual, _jacobian);
        Value = CompensatedSums.HalfWeightedSquares(_omega, _residual);
        Array.Clear(_gradient);
        Array.Clear(_low);
        for (int i = 0; i < _m; i++)
        {
            double weighted = _weighted[i] = _omega[i] * _residual[i];
            for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++)
            {
                int j = _pattern.Indices[k];
                CompensatedSums.Add(ref _gradient[j], ref _low[j], weighted, _jacobian[k]);
            }
        }
        for (int j = 0; j < _n; j++) _gradient[j] += _low[j];
        return double.IsFinite(Value) && VectorKernels.AllFinite(_gradient) && VectorKernels.AllFinite(_jacobian);
    }

    /// <summary>D from the Jacobian linearised last: forgotten first, or raised.</summary>
    public void UpdateScale(bool first)
    {
        if (first) Array.Clear(_scale);
        Span<double> norms = _product;
        norms.Clear();
        for (int i = 0; i < _m; i++)
        {
            for (int k = _pattern.Starts[i]; k < _pattern.Starts[i + 1]; k++) norms[_pattern.Indices[k]] += _omega[i] * _jacobian[k] * _jacobian[k];
        }
        for (int j = 0; j < _n; j++)
        {
            _scale[j] = Math.Max(_scale[j], Math.Sqrt(norms[j]));
            if (_scale[j] == 0.0) _scale[j] = 1.0;
        }
    }

    /// <summary>S at the point linearised last.</summary>
    public void UpdateCurvature(ReadOnlySpan<double> x)
    {
        Counts = Counts with { Curvatures = Counts.Curvatures + 1 };
        _problem.Curvature(x, _weighted, _curvature);
    }

    /// <summary>Factors for damping λ; true when the matrix of the step is positive definite. Held variables are left out.</summary>
    public bool Factor(double lambda, bool withCurvature, ReadOnlySpan<bool> held)
    {
        for (int j = 0; j < _n; j++) _diagonal[j] = held[j] ? double.PositiveInfinity : lambda * _scale[j] * _scale[j];
        return _matrix.Factor(withCurvature ? _curvature : _noCurvature, _jacobian, _diagonal, _inverse, 0.0);
    }

    /// <summary>The step for the factors; held variables keep the displacement that <paramref name="step"/> has for them.</summary>
    public void Solve(bool withCurvature, ReadOnlySpan<bool> held, Span<double> step)
    {
        for (int j = 0; j < _n; j++)
        {
            if (!held[j]) step[j] = 0.0;
        }
        MultiplyJacobian(step, _linear);
        Span<double> solution = _solution;
        solution[.._n].Clear();
        if (withCurvature) AddCurvature(-1.0, step, solution[.._n]);
        for (int i = 0; i < _m; i++) solution[_n + i] = -_residual[i] - _linear[i];
        _matrix.Solve(solution);
        for (int j = 0; j < _n; j++)
        {
            if (!held[j]) step[j] = solution[j];
        }
    }

    /// <summary>With the same factors, the correction a of a step d for the curvature of its path: (JᵀΩJ + λD²) a = −JᵀΩ r″/2 with
    /// r″ the second derivative of r along d (Transtrum, Sethna 2012, (10), (11)), given.</summary>
    public void SolveAcceleration(ReadOnlySpan<double> second, Span<double> correction)
    {
        Span<double> solution = _solution;
        solution[.._n].Clear();
        for (int i = 0; i < _m; i++) solution[_n + i] = -0.5 * second[i];
        _matrix.Solve(solution);
        solution[.._n].CopyTo(correction);
    }

    /// <summary>Jd into <paramref name="product"/> (one value for each residual).</summary>
    public void MultiplyJacobian(ReadOnlySpan<double> d, Span<double> product)
    {
        product.Clear();
        SparseKernels.MultiplyAdd(_pattern.Starts, _pattern.Indices, _jacobian, 1.0, d, product);
    }

    /// <summary>What the two models predict for F(x + d) − F(x): Gauss-Newton's, and ½dᵀSd, which Newton's has more.</summary>
    public (double GaussNewton, double Curvature) Predict(ReadOnlySpan<double> d, bool withCurvature)
    {
        MultiplyJacobian(d, _linear);
        double change = 0.0, low = 0.0;
        for (int i = 0; i < _m; i++) CompensatedSums.Add(ref change, ref low, _omega[i] * _linear[i], _residual[i] + 0.5 * _linear[i]);
        if (!withCurvature) return (change + low, 0.0);
        _product.AsSpan().Clear();
        AddCurvature(1.0, d, _product);
        return (change + low, 0.5 * VectorKernels.Dot(d, _product));
    }

    /// <summary>
    /// Looks for a direction with dᵀ(JᵀΩJ + S)d &lt; 0 by power iterations on a shifted D⁻¹(JᵀΩJ + S)D⁻¹, from the direction given; held
    /// variables stay. False when none is found.
    /// </summary>
    public bool FindNegativeCurvature(ReadOnlySpan<bool> held, Span<double> direction)
    {
        const int Iterations = 200;
        const double Noise = 1e-10;
        Span<double> v = _solution.AsSpan(0, _n);
        double shift = 0.0;
        direction.CopyTo(v);
        for (int k = 0; k < Iterations; k++)
        {
            double norm = 0.0;
            for (int j = 0; j < _n; j++)
            {
                if (held[j]) v[j] = 0.0;
                norm = Math.Max(norm, Math.Abs(v[j]));
            }
            if (norm == 0.0) return false;
            VectorKernels.Scale(1.0 / norm, v);
            for (int j = 0; j < _n; j++) direction[j] = v[j] / _scale[j];
            MultiplyHessian(direction, _product);
            double square = VectorKernels.SumOfSquares(v), quotient = VectorKernels.Dot(direction, _product) / square;
            for (int j = 0; j < _n; j++) _product[j] /= _scale[j];
            shift = Math.Max(shift, Math.Sqrt(VectorKernels.SumOfSquares(_product) / square));
            if (quotient < -Noise * shift) return true;
            for (int j = 0; j < _n; j++) v[j] = shift * v[j] - _product[j];
        }
        return false;
    }

    /// <summary>(JᵀΩJ + S) v into <paramref name="product"/> (n).</summary>
    public void MultiplyHessian(ReadOnlySpan<double> v, Span<double> product)
    {
        MultiplyJacobian(v, _linear);
        VectorKernels.Multiply(_linear, _omega, _linear);
        product.Clear();
        SparseKernels.TransposeMultiplyAdd(_pattern.Starts, _pattern.Indices, _jacobian, 1.0, _linear, product);
        AddCurvature(1.0, v, product);
    }

    private void AddCurvature(double factor, ReadOnlySpan<double> d, Span<double> target)
    {
        SparsePattern pattern = _problem.CurvaturePattern;
        SparseKernels.SymmetricLowerMultiplyAdd(pattern.Starts, pattern.Indices, _curvature, factor, d, target);
    }
}
