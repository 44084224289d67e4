using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// The alternating direction method of multipliers for cone programs (Garstka, Cannon, Goulart, COSMO, 2021, algorithm 1; the
/// splitting of OSQP with cones in place of the box): s is a copy of b − Ax in the cones. One quasi-definite system,
/// <code>[P + σI, Aᵀ; A, −1/ρ] [x̃; ν] = [σx − q; b − 2s + t],</code>
/// factored once for each ρ; t before its projection holds both s = Π(t) and z = −ρ(t − s). Anderson's acceleration acts on (x, t).
/// </summary>
internal sealed class ConeSplitting
{
    private const double Sigma = 1e-6;

    private readonly ConeData _data;
    private readonly QpData _d;
    private readonly AdmmOptions _options;
    private readonly QpKkt _kkt;
    private readonly Acceleration _acceleration;
    private readonly double[] _rho;
    private readonly double[] _u;
    private readonly double[] _image;
    private readonly double[] _previous;
    private readonly double[] _rhs;
    private readonly double[] _top;
    private readonly double[] _bottom;
    private readonly double[] _s;
    private readonly double[] _before;
    private readonly double[] _gradient;

    /// <summary>A splitting of the scaled program; <paramref name="interrupt"/> is asked within factorisations.</summary>
    public ConeSplitting(ConeData data, AdmmOptions options, Func<bool>? interrupt)
    {
        (_data, _d, _options) = (data, data.Qp, options);
        _kkt = new QpKkt(_d, new SymmetricFactorizationOptions { PivotThreshold = 1e-8, SmallFront = 32 }, interrupt);
        int n = _d.N, m = _d.M;
        _acceleration = new Acceleration(n + m, options.AndersonMemory);
        _rho = new double[m];
        _u = new double[n + m];
        _image = new double[n + m];
        _previous = new double[n + m];
        _rhs = new double[n + m];
        _top = new double[n];
        _bottom = new double[m];
        _s = new double[m];
        _before = new double[m];
        _gradient = new double[n];
        Rho = options.InitialPenalty;
    }

    /// <summary>ρ of inequalities and cones.</summary>
    public double Rho { get; private set; }

    /// <summary>Factorisations so far.</summary>
    public int Factorizations => _kkt.Factorizations;

    /// <summary>Whether iterations are plain for now, so that differences can converge to a certificate.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Factors for the present ρ.</summary>
    public bool Prepare()
    {
        Array.Fill(_top, Sigma);
        for (int i = 0; i < _rho.Length; i++)
        {
            _rho[i] = i < _data.Zeros ? Penalties.OfEquation(Rho) : Rho;
            _bottom[i] = 1.0 / _rho[i];
        }
        _acceleration.Reset();
        return _kkt.Factor(_top, _bottom);
    }

    /// <summary>Begins at x with multipliers z of the scaled program.</summary>
    public void Start(ReadOnlySpan<double> x, ReadOnlySpan<double> z)
    {
        Span<double> t = _u.AsSpan(_d.N);
        x.CopyTo(_u);
        _d.TimesA(x, t);
        for (int i = 0; i < t.Length; i++) t[i] = _d.L[i] - t[i];
        _data.Project(t, _s);
        for (int i = 0; i < t.Length; i++) t[i] = _s[i] - (z[i] / _rho[i]);
        _acceleration.Reset();
    }

    /// <summary>One iteration.</summary>
    public void Iterate()
    {
        Map();
        _u.CopyTo(_previous, 0);
        _acceleration.Advance(_u, _image, IsPlain);
    }

    /// <summary>x and z after one plain iteration from the present point.</summary>
    public void Read(Span<double> x, Span<double> z)
    {
        _image.AsSpan(0, _d.N).CopyTo(x);
        Dual(_image, z);
    }

    /// <summary>Differences of the last iteration; they tend to certificates when there is no solution.</summary>
    public void Differences(Span<double> dx, Span<double> dz)
    {
        for (int j = 0; j < dx.Length; j++) dx[j] = _image[j] - _previous[j];
        Dual(_image, dz);
        Dual(_previous, _before);
        for (int i = 0; i < dz.Length; i++) dz[i] -= _before[i];
    }

    /// <summary>Changes ρ where the residuals are far from balance; true when <see cref="Prepare"/> is due.</summary>
    public bool Adapt()
    {
        Span<double> x = _image.AsSpan(0, _d.N), t = _image.AsSpan(_d.N);
        _data.Project(t, _s);
        _d.TimesA(x, _before);
        double primal = 0.0, size = 0.0;
        for (int i = 0; i < _s.Length; i++)
        {
            primal = Math.Max(primal, Math.Abs(_before[i] + _s[i] - _d.L[i]));
            size = Math.Max(size, Math.Max(Math.Abs(_before[i]), Math.Max(Math.Abs(_s[i]), Math.Abs(_d.L[i]))));
        }
        Dual(_image, _bottom);
        Array.Clear(_top);
        _d.AddTransposed(1.0, _bottom, _top);
        _d.TimesP(x, _gradient);
        double dualSize = Math.Max(VectorKernels.MaxAbs(_gradient), Math.Max(VectorKernels.MaxAbs(_top), VectorKernels.MaxAbs(_d.Q))), dual = 0.0;
        for (int j = 0; j < _gradient.Length; j++) dual = Math.Max(dual, Math.Abs(_gradient[j] + _d.Q[j] + _top[j]));
        if (Penalties.Balanced(Rho, primal, size, dual, dualSize) is not { } rho) return false;
        // z stays.
        for (int i = 0; i < _s.Length; i++) _u[_d.N + i] = _s[i] + ((t[i] - _s[i]) * Rho / rho);
        x.CopyTo(_u);
        Rho = rho;
        return true;
    }

    private void Dual(double[] u, Span<double> z)
    {
        ReadOnlySpan<double> t = u.AsSpan(_d.N);
        _data.Project(t, _s);
        for (int i = 0; i < z.Length; i++) z[i] = -_rho[i] * (t[i] - _s[i]);
    }

    /// <summary>image ← F(u).</summary>
    private void Map()
    {
        int n = _d.N;
        double alpha = _options.Relaxation;
        ReadOnlySpan<double> t = _u.AsSpan(n);
        _data.Project(t, _s);
        for (int j = 0; j < n; j++) _rhs[j] = (Sigma * _u[j]) - _d.Q[j];
        for (int i = 0; i < _s.Length; i++) _rhs[n + i] = _d.L[i] - (2.0 * _s[i]) + t[i];
        _kkt.Solve(_rhs);
        for (int j = 0; j < n; j++) _image[j] = (alpha * _rhs[j]) + ((1.0 - alpha) * _u[j]);
        for (int i = 0; i < _s.Length; i++)
        {
            // s̃ = s − (ν + y)/ρ with y/ρ = t − s.
            double solved = (2.0 * _s[i]) - t[i] - (_rhs[n + i] / _rho[i]);
            _image[n + i] = (alpha * (solved - _s[i])) + t[i];
        }
    }
}
