using Optc.Runtime.Native;

namespace Optc.Runtime.Solvers.Admm;

/// <summary>
/// b·exp(a/b) ≤ c. The dual cone is {(u, v, w): u &lt; 0, −u·exp(v/u) ≤ e·w} with the barrier
/// <code>f*(z) = −ln r − ln(−u) − ln w,   r = v − u − u·ln(−w/u),</code>
/// self-concordant with parameter 3. H is the primal-dual scaling of Tunçel (2001) as in Dahl, Andersen, A primal-dual interior-point
/// algorithm for nonsymmetric exponential-cone optimization, 2022, section 3: the update of μ∇²f*(z) for which Hz = s and Hz̃ = s̃ with the shadow points
/// z̃ = −∇f(s), s̃ = −∇f*(z); μ∇²f*(z) itself at the central path.
/// </summary>
internal sealed class ExponentialCone(int start) : InteriorCone(start, 3)
{
    /// <summary>How far from its own central path, by f(s) + f*(z) + 3 ln(sᵀz/3) + 3, a step may end, and how small its share of μ may become.</summary>
    private const double Neighbourhood = 1.0, LeastShare = 1e-3;

    private readonly double[] _h = new double[9];
    private readonly double[] _hessian = new double[9];
    private readonly double[] _gradient = new double[3];
    private readonly double[] _point = new double[3];
    private readonly double[] _other = new double[3];

    public override int Degree => 3;

    public override bool IsDense => true;

    public override void Centre(Span<double> s, Span<double> z)
    {
        // The fixed point of s = −∇f*(s) (Dahl, Andersen, section 5).
        (s[0], s[1], s[2]) = (-1.0513839453227142, 0.5564096194693702, 1.2589678847689482);
        s.CopyTo(z);
    }

    public override void Update(ReadOnlySpan<double> s, ReadOnlySpan<double> z, double mu)
    {
        DualDerivatives(z, _gradient, _hessian);
        VectorKernels.Scale(mu, _hessian, _h);
        Span<double> zt = _point, st = stackalloc double[3], ds = stackalloc double[3], dz = stackalloc double[3];
        if (!Shadow(s, zt)) return;
        double sz = VectorKernels.Dot(s, z), own = sz / 3.0;
        for (int k = 0; k < 3; k++)
        {
            st[k] = -_gradient[k];
            ds[k] = s[k] - (own * st[k]);
            dz[k] = z[k] - (own * zt[k]);
        }
        double shadow = VectorKernels.Dot(st, zt) / 3.0, dsdz = VectorKernels.Dot(ds, dz);
        // Near the central path, or where the shadow has lost its digits, the differences are rounding.
        double noise = 1e-14 / Math.Max(Math.Log(s[2] / s[1]) - (s[0] / s[1]), 1e-15);
        if (!(sz > 0.0) || !(dsdz > 0.0) || !((own * shadow) - 1.0 > Math.Max(1e-6, 1e2 * noise))) return;
        // The third term: along a, orthogonal to z and z̃, the size that brings H nearest to μ∇²f*(z).
        Span<double> hz = stackalloc double[3], a = stackalloc double[3], error = stackalloc double[9];
        for (int i = 0; i < 3; i++) hz[i] = VectorKernels.Dot(_hessian.AsSpan(3 * i, 3), zt);
        Span<double> zs = _other;
        for (int k = 0; k < 3; k++) zs[k] = hz[k] - (shadow * st[k]);
        double below = VectorKernels.Dot(zt, hz) - (3.0 * shadow * shadow);
        if (!(below > 0.0)) return;
        double square = 0.0;
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++)
            {
                error[(3 * i) + j] = _hessian[(3 * i) + j] - (st[i] * st[j] / 3.0) - (zs[i] * zs[j] / below);
                square += error[(3 * i) + j] * error[(3 * i) + j];
            }
        }
        double t = own * Math.Sqrt(square);
        a[0] = (z[1] * zt[2]) - (z[2] * zt[1]);
        a[1] = (z[2] * zt[0]) - (z[0] * zt[2]);
        a[2] = (z[0] * zt[1]) - (z[1] * zt[0]);
        double norm = VectorKernels.Norm2(a);
        if (!(norm > 0.0) || !double.IsFinite(t)) return;
        VectorKernels.Scale(1.0 / norm, a);
        for (int i = 0; i < 3; i++)
        {
            for (int j = 0; j < 3; j++) _h[(3 * i) + j] = (s[i] * s[j] / sz) + (ds[i] * ds[j] / dsdz) + (t * a[i] * a[j]);
        }
    }

    public override void Times(ReadOnlySpan<double> v, Span<double> target)
    {
        double a = v[0], b = v[1], c = v[2];
        for (int i = 0; i < 3; i++) target[i] = (_h[3 * i] * a) + (_h[(3 * i) + 1] * b) + (_h[(3 * i) + 2] * c);
    }

    public override void Fill(Span<double> diagonal, Span<double> below, Span<double> border)
    {
        for (int k = 0; k < 3; k++) diagonal[k] = _h[4 * k];
        (below[0], below[1], below[2]) = (_h[3], _h[6], _h[7]);
    }

    public override void Combine(ReadOnlySpan<double> s, ReadOnlySpan<double> z, ReadOnlySpan<double> ds, ReadOnlySpan<double> dz, double sigmaMu, Span<double> target)
    {
        DualDerivatives(z, _gradient, _hessian);
        ThirdOrder(z, ds, dz, target);
        for (int k = 0; k < 3; k++) target[k] += s[k] + (sigmaMu * _gradient[k]);
    }

    public override double Step(ReadOnlySpan<double> s, ReadOnlySpan<double> z, ReadOnlySpan<double> ds, ReadOnlySpan<double> dz, double most)
    {
        for (double step = most; step > 1e-12; step *= 0.8)
        {
            Along(s, ds, step, _point);
            Along(z, dz, step, _other);
            if (IsInside(_point) && IsInsideDual(_other)) return step;
        }
        return 0.0;
    }

    public override bool IsCentral(ReadOnlySpan<double> s, ReadOnlySpan<double> z, ReadOnlySpan<double> ds, ReadOnlySpan<double> dz, double step, double mu)
    {
        Along(z, dz, step, _other);
        if (!IsInsideDual(_other)) return false;
        double dual = DualBarrier(_other), own = 0.0;
        for (int k = 0; k < 3; k++) own += (s[k] + (step * ds[k])) * _other[k] / 3.0;
        Along(s, ds, step, _other);
        if (!(own > LeastShare * mu) || !IsInside(_other) || !Shadow(_other, _point)) return false;
        // f(s) = −3 − f*(z̃), as sᵀz̃ = 3.
        return dual - DualBarrier(_point) + (3.0 * Math.Log(own)) <= Neighbourhood;
    }

    /// <summary>Whether s is inside of the cone.</summary>
    public static bool IsInside(ReadOnlySpan<double> s) => s[1] > 0.0 && s[2] > 0.0 && s[1] * Math.Log(s[2] / s[1]) > s[0];

    /// <summary>Whether z is inside of the dual cone.</summary>
    private static bool IsInsideDual(ReadOnlySpan<double> z) => z[0] < 0.0 && z[2] > 0.0 && z[1] - z[0] - (z[0] * Math.Log(-z[2] / z[0])) > 0.0;

    /// <summary>f*(z).</summary>
    public static double DualBarrier(ReadOnlySpan<double> z) =>
        -Math.Log(z[1] - z[0] - (z[0] * Math.Log(-z[2] / z[0]))) - Math.Log(-z[0]) - Math.Log(z[2]);

    /// <summary>∇f* and ∇²f* (3 × 3) at z.</summary>
    public static void DualDerivatives(ReadOnlySpan<double> z, Span<double> gradient, Span<double> hessian)
    {
        double u = z[0], w = z[2], log = Math.Log(-w / u), r = z[1] - u - (u * log);
        Span<double> d = [-log, 1.0, -u / w];
        for (int i = 0; i < 3; i++)
        {
            gradient[i] = -d[i] / r;
            for (int j = 0; j < 3; j++) hessian[(3 * i) + j] = d[i] * d[j] / (r * r);
        }
        gradient[0] -= 1.0 / u;
        gradient[2] -= 1.0 / w;
        hessian[0] += (1.0 / (u * u)) - (1.0 / (r * u));
        hessian[2] += 1.0 / (r * w);
        hessian[6] = hessian[2];
        hessian[8] += (1.0 / (w * w)) - (u / (r * w * w));
    }

    /// <summary>
    /// z̃ = −∇f(s), the dual point with −∇f*(z̃) = s. With β = −1/(u b) the three equations become one, β + ln(1 + β) = ln(c/b) − a/b,
    /// whose left side is concave: Newton's method from β below the root increases to it.
    /// </summary>
    public static bool Shadow(ReadOnlySpan<double> s, Span<double> z)
    {
        double a = s[0], b = s[1], c = s[2], right = Math.Log(c / b) - (a / b);
        if (!(b > 0.0) || !(right > 0.0) || double.IsInfinity(right)) return false;
        double beta = 0.5 * right;
        for (int k = 0; k < 60; k++)
        {
            double step = (right - beta - Math.Log(1.0 + beta)) * (1.0 + beta) / (2.0 + beta);
            beta += step;
            if (!(Math.Abs(step) > 1e-16 * beta)) break;
        }
        double u = -1.0 / (b * beta), log = -beta - (a / b);
        (z[0], z[1], z[2]) = (u, (1.0 / b) + u + (u * log), (1.0 + (1.0 / beta)) / c);
        return double.IsFinite(z[0] + z[1] + z[2]);
    }

    /// <summary>∇³f*(z)[p, q].</summary>
    public static void ThirdDerivative(ReadOnlySpan<double> z, ReadOnlySpan<double> p, ReadOnlySpan<double> q, Span<double> target)
    {
        double u = z[0], w = z[2], log = Math.Log(-w / u), r = z[1] - u - (u * log);
        // ∇r along p and q; ∇²r p and ∇²r q, whose middle entries are zero; pᵀ∇²r q; ∇³r[p, q].
        double rp = (-log * p[0]) + p[1] - (u / w * p[2]), rq = (-log * q[0]) + q[1] - (u / w * q[2]);
        (double hp0, double hp2) = ((p[0] / u) - (p[2] / w), (-p[0] / w) + (u / (w * w) * p[2]));
        (double hq0, double hq2) = ((q[0] / u) - (q[2] / w), (-q[0] / w) + (u / (w * w) * q[2]));
        double rpq = (q[0] * hp0) + (q[2] * hp2);
        double t0 = (-p[0] * q[0] / (u * u)) + (p[2] * q[2] / (w * w));
        double t2 = (((p[0] * q[2]) + (p[2] * q[0])) / (w * w)) - (2.0 * u * p[2] * q[2] / (w * w * w));
        double outer = (-2.0 * rp * rq / (r * r * r)) + (rpq / (r * r));
        target[0] = (outer * -log) + (((rp * hq0) + (rq * hp0)) / (r * r)) - (t0 / r) - (2.0 * p[0] * q[0] / (u * u * u));
        target[1] = outer;
        target[2] = (outer * (-u / w)) + (((rp * hq2) + (rq * hp2)) / (r * r)) - (t2 / r) - (2.0 * p[2] * q[2] / (w * w * w));
    }

    /// <summary>
    /// η = −½ ∇³f*(z)[Δz, (∇²f*(z))⁻¹Δs], the third-order term of the path (Dahl, Andersen, section 3.3), with the Hessian at z; zero where it
    /// cannot be solved with.
    /// </summary>
    private void ThirdOrder(ReadOnlySpan<double> z, ReadOnlySpan<double> ds, ReadOnlySpan<double> dz, Span<double> target)
    {
        Span<double> v = stackalloc double[3];
        target.Clear();
        if (!Solve(_hessian, ds, v)) return;
        ThirdDerivative(z, dz, v, target);
        VectorKernels.Scale(-0.5, target);
        if (!VectorKernels.AllFinite(target)) target.Clear();
    }

    /// <summary>Solves with a 3 × 3 positive definite matrix by Cholesky's method.</summary>
    private static bool Solve(ReadOnlySpan<double> m, ReadOnlySpan<double> right, Span<double> v)
    {
        double l00 = Math.Sqrt(m[0]), l10 = m[3] / l00, l20 = m[6] / l00;
        double l11 = Math.Sqrt(m[4] - (l10 * l10)), l21 = (m[7] - (l20 * l10)) / l11;
        double l22 = Math.Sqrt(m[8] - (l20 * l20) - (l21 * l21));
        double a = right[0] / l00, b = (right[1] - (l10 * a)) / l11, c = (right[2] - (l20 * a) - (l21 * b)) / l22;
        v[2] = c / l22;
        v[1] = (b - (l21 * v[2])) / l11;
        v[0] = (a - (l10 * v[1]) - (l20 * v[2])) / l00;
        return double.IsFinite(v[0] + v[1] + v[2]);
    }

    private static void Along(ReadOnlySpan<double> from, ReadOnlySpan<double> direction, double step, Span<double> target)
    {
        for (int k = 0; k < 3; k++) target[k] = from[k] + (step * direction[k]);
    }
}
