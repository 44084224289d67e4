using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// The alternating direction method of multipliers for the scaled program with the splitting of OSQP (Stellato, Banjac,
/// Goulart, Bemporad, Boyd, 2020, algorithm 1): w = (x, Ax) is copied to t's projection onto the box. Bounds of variables are eliminated from the
/// linear system, so that it has the order N + M:
/// <code>[P + σI + diag(ρx), Aᵀ; A, −diag(1/ρ)] [x̃; ν] = [σx − q + ρx∘zx − yx; z − y/ρ].</code>
/// Anderson's acceleration acts on u = (x, t), where z = Π(t) and y = ρ(t − z), and is dropped where it makes the residual grow.
/// In phases that look for certificates the iteration is u ← T(u), or Halpern's,
/// <code>u ← u₀/(k + 2) + (k + 1)/(k + 2) T(u),</code>
/// whose residual tends to the infimal displacement vector v with ‖T(u) − u − v‖² = O(log k/k²) instead of O(1/k) (Park, Ryu, Accelerated
/// infeasibility detection of constrained optimization and fixed-point iterations, 2023).
/// Internally y has OSQP's sign, the opposite of docs/conventions.md.
/// </summary>
internal sealed class Splitting
{
    private const double Sigma = 1e-6;

    private readonly QpData _d;
    private readonly AdmmOptions _options;
    private readonly QpKkt _kkt;
    private readonly Acceleration _acceleration;
    private readonly double[] _lower;
    private readonly double[] _upper;
    private readonly double[] _rho;
    private readonly double[] _u;
    private readonly double[] _previous;
    private readonly double[] _image;
    private readonly double[] _rhs;
    private readonly double[] _top;
    private readonly double[] _bottom;
    private readonly double[] _work;
    private readonly double[] _gradient;
    private readonly double[] _anchor;
    private int _sinceAnchor;

    public Splitting(QpData data, AdmmOptions options, Func<bool>? interrupt)
    {
        _d = data;
        _options = options;
        _kkt = new QpKkt(data, new SymmetricFactorizationOptions { PivotThreshold = 1e-8, SmallFront = 32 }, interrupt);
        int n = data.N, m = data.M, length = n + n + m;
        _acceleration = new Acceleration(length, options.AndersonMemory);
        _lower = new double[n + m];
        _upper = new double[n + m];
        _rho = new double[n + m];
        _u = new double[length];
        _previous = new double[length];
        _image = new double[length];
        _anchor = new double[length];
        _rhs = new double[n + m];
        _top = new double[n];
        _bottom = new double[m];
        _work = new double[n + m];
        _gradient = new double[n];
        Rho = options.InitialPenalty;
        UpdateVectors();
    }

    /// <summary>ρ of inequalities.</summary>
    public double Rho { get; private set; }

    /// <summary>Whether iterations are plain for now: Anderson's acceleration keeps the differences of iterates from converging when there is no fixed point.</summary>
    public bool IsPlain { get; set; }

    /// <summary>Factorisations so far.</summary>
    public int Factorizations => _kkt.Factorizations;

    /// <summary>Multiply-adds of a factorisation.</summary>
    public long Flops => _kkt.Flops;

    /// <summary>Residual of the last iteration, √(Σ w (T(u) − u)²) with the weights σ of x and ρ of t, in which T is not expansive.</summary>
    public double Change { get; private set; }

    /// <summary>Reads the sides of the data again; they may have changed.</summary>
    public void UpdateVectors()
    {
        _d.Lx.CopyTo(_lower, 0);
        _d.L.CopyTo(_lower, _d.N);
        _d.Ux.CopyTo(_upper, 0);
        _d.U.CopyTo(_upper, _d.N);
    }

    /// <summary>Factors for the present ρ; needed once, and after <see cref="Adapt"/> has changed it.</summary>
    public bool Prepare()
    {
        for (int k = 0; k < _rho.Length; k++)
        {
            bool isFree = double.IsInfinity(_lower[k]) && double.IsInfinity(_upper[k]);
            double rho = _lower[k] == _upper[k] ? Penalties.OfEquation(Rho) : Rho;
            _rho[k] = isFree ? 0.0 : rho;
        }
        for (int j = 0; j < _d.N; j++) _top[j] = Sigma + _rho[j];
        for (int i = 0; i < _d.M; i++) _bottom[i] = 1.0 / _rho[_d.N + i];
        Restart();
        return _kkt.Factor(_top, _bottom);
    }

    /// <summary>Begins at a point with multipliers (signs of docs/conventions.md) of the scaled program.</summary>
    public void Start(ReadOnlySpan<double> x, ReadOnlySpan<double> y, ReadOnlySpan<double> z)
    {
        int n = _d.N;
        x.CopyTo(_u);
        x.CopyTo(_work);
        _d.TimesA(x, _work.AsSpan(n));
        for (int k = 0; k < _rho.Length; k++)
        {
            double multiplier = k < n ? z[k] : y[k - n], inside = Project(k, _work[k]);
            _u[n + k] = _rho[k] == 0.0 ? _work[k] : inside - (multiplier / _rho[k]);
        }
        Restart();
    }

    /// <summary>One iteration.</summary>
    public void Iterate()
    {
        Map(_u, _image);
        _u.CopyTo(_previous, 0);
        Change = 0.0;
        for (int k = 0; k < _u.Length; k++)
        {
            double r = _image[k] - _u[k];
            Change += Weight(k) * r * r;
        }
        Change = Math.Sqrt(Change);
        if (IsPlain && _options.Detection == InfeasibilityDetection.Halpern) Anchor();
        else if (!_acceleration.Advance(_u, _image, IsPlain)) _sinceAnchor = 0;
    }

    /// <summary>Halpern's step, from where the phase began.</summary>
    private void Anchor()
    {
        if (_sinceAnchor == 0) _u.CopyTo(_anchor, 0);
        double share = 1.0 / (_sinceAnchor + 2.0);
        for (int k = 0; k < _u.Length; k++) _u[k] = (share * _anchor[k]) + ((1.0 - share) * _image[k]);
        _sinceAnchor++;
    }

    /// <summary>The point and its multipliers as they stand after one plain iteration from here.</summary>
    public void Read(Span<double> x, Span<double> y, Span<double> z)
    {
        int n = _d.N;
        _image.AsSpan(0, n).CopyTo(x);
        for (int k = 0; k < _rho.Length; k++)
        {
            double t = _image[n + k], multiplier = -_rho[k] * (t - Project(k, t));
            if (k < n) z[k] = multiplier;
            else y[k - n] = multiplier;
        }
    }

    /// <summary>Weight of entry k of u = (x, t) in the norm in which T is not expansive: σ for x, ρ for t.</summary>
    public double Weight(int k) => k < _d.N ? Sigma : _rho[k - _d.N];

    /// <summary>T(u) − u of the last iteration.</summary>
    public void Residual(Span<double> residual)
    {
        for (int k = 0; k < _u.Length; k++) residual[k] = _image[k] - _previous[k];
    }

    /// <summary>Differences of multipliers and points between the last iterate and its image; they tend to certificates when there is no solution.</summary>
    public void Differences(Span<double> dx, Span<double> dy)
    {
        int n = _d.N;
        for (int j = 0; j < n; j++) dx[j] = _image[j] - _previous[j];
        for (int i = 0; i < _d.M; i++)
        {
            int k = n + i;
            double now = _image[n + k] - Project(k, _image[n + k]), before = _previous[n + k] - Project(k, _previous[n + k]);
            dy[i] = -_rho[k] * (now - before);
        }
    }

    /// <summary>Which side holds entry k of (x, Ax): −1 lower, 1 upper, 0 none.</summary>
    public int ActiveSide(int k)
    {
        double t = _image[_d.N + k];
        return _rho[k] == 0.0 ? 0 : t < _lower[k] ? -1 : t > _upper[k] ? 1 : 0;
    }

    /// <summary>
    /// Changes ρ where the residuals are far from balance; true when the system must be factored again by <see cref="Prepare"/>.
    /// </summary>
    public bool Adapt()
    {
        int n = _d.N;
        Span<double> x = _image.AsSpan(0, n);
        x.CopyTo(_work);
        _d.TimesA(x, _work.AsSpan(n));
        double primal = 0.0, size = 0.0;
        for (int k = 0; k < _rho.Length; k++)
        {
            if (_rho[k] == 0.0) continue;
            double z = Project(k, _image[n + k]);
            primal = Math.Max(primal, Math.Abs(_work[k] - z));
            size = Math.Max(size, Math.Max(Math.Abs(_work[k]), Math.Abs(z)));
        }
        _d.TimesP(x, _gradient);
        double dualSize = Math.Max(VectorKernels.MaxAbs(_gradient), VectorKernels.MaxAbs(_d.Q)), dual = 0.0;
        for (int i = 0; i < _d.M; i++) _bottom[i] = _rho[n + i] * (_image[n + n + i] - Project(n + i, _image[n + n + i]));
        for (int j = 0; j < n; j++) _gradient[j] += _d.Q[j] + (_rho[j] * (_image[n + j] - Project(j, _image[n + j])));
        _d.AddTransposed(1.0, _bottom, _gradient);
        dual = VectorKernels.MaxAbs(_gradient);
        if (Penalties.Balanced(Rho, primal, size, dual, dualSize) is not { } rho) return false;
        // y stays: t − z shrinks as ρ grows.
        for (int k = 0; k < _rho.Length; k++)
        {
            double z = Project(k, _image[n + k]);
            _u[n + k] = z + ((_image[n + k] - z) * Rho / rho);
        }
        x.CopyTo(_u);
        Rho = rho;
        return true;
    }

    /// <summary>Forgets what the acceleration knows; Halpern's iteration begins here.</summary>
    public void Restart()
    {
        _acceleration.Reset();
        _sinceAnchor = 0;
    }

    /// <summary>Begins at zero again where extrapolation has thrown the iterates so far away that their differences have no digits left.</summary>
    public void ReturnFromAfar()
    {
        if (!(VectorKernels.MaxAbs(_u) <= 1e6)) Array.Clear(_u);
    }

    private double Project(int k, double t) => Math.Min(Math.Max(t, _lower[k]), _upper[k]);

    /// <summary>image ← F(u).</summary>
    private void Map(double[] u, double[] image)
    {
        int n = _d.N;
        double alpha = _options.Relaxation;
        for (int j = 0; j < n; j++)
        {
            double z = Project(j, u[n + j]);
            // ρ z − y = ρ (2z − t).
            _rhs[j] = (Sigma * u[j]) - _d.Q[j] + (_rho[j] * ((2.0 * z) - u[n + j]));
        }
        for (int k = n; k < _rho.Length; k++) _rhs[k] = (2.0 * Project(k, u[n + k])) - u[n + k];
        _kkt.Solve(_rhs);
        for (int j = 0; j < n; j++) image[j] = (alpha * _rhs[j]) + ((1.0 - alpha) * u[j]);
        for (int k = 0; k < _rho.Length; k++)
        {
            double t = u[n + k], z = Project(k, t);
            // z̃ is x̃ for bounds and z + (ν − y)/ρ for rows, with y/ρ = t − z.
            double solved = k < n ? _rhs[k] : (2.0 * z) - t + (_rhs[k] / _rho[k]);
            image[n + k] = _rho[k] == 0.0 ? solved : (alpha * solved) + ((1.0 - alpha) * z) + t - z;
        }
    }
}
