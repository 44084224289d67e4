#!/usr/bin/env python3
"""Minimax coefficients of src/Runtime.Native/VectorMath, by the Remez exchange in 60 digits (needs mpmath).

For each function g on [a, b] it finds the polynomial p of the given degree that minimises max |w (g - p)|, w being the weight
that turns the error of p into the relative error of the result. Coefficients are rounded to double one by one from the lowest
order, the rest being refitted after each, so that the printed error is that of the rounded polynomial.
"""
import sys
from mpmath import mp, mpf, matrix, lu_solve, findroot, cos, pi, log, exp, sin, asin, atan, sinh, cosh, sqrt, erfc, erf, atanh

mp.dps = 60


def remez(g, w, a, b, powers):
    """Coefficients of sum c_i z^powers_i and the levelled weighted error."""
    n = len(powers)
    points = [(a + b) / 2 + (b - a) / 2 * cos(pi * (n - i) / mpf(n)) * (1 - mpf(10) ** -9) for i in range(n + 1)]
    nudge = (b - a) / 1000
    for _ in range(30):
        points = [z + nudge if abs(w(z)) < mpf(10) ** -30 else z for z in points]
        m, rhs = matrix(n + 1, n + 1), matrix(n + 1, 1)
        for i, z in enumerate(points):
            for j, k in enumerate(powers):
                m[i, j] = w(z) * z ** k
            m[i, n] = (-1) ** i
            rhs[i] = w(z) * g(z)
        c = lu_solve(m, rhs)
        level = abs(c[n])
        error = lambda z: w(z) * (g(z) - sum(c[j] * z ** k for j, k in enumerate(powers)))
        new, worst = [], mpf(0)
        signs = [1 if error(z) > 0 else -1 for z in points]
        for i in range(n + 1):
            lo, hi = (points[i - 1] + points[i]) / 2 if i else a, (points[i] + points[i + 1]) / 2 if i < n else b
            grid = [lo + (hi - lo) * k / mpf(24) for k in range(25)]
            values = [signs[i] * error(z) for z in grid]
            k = max(range(25), key=lambda q: values[q])
            z = grid[k]
            if 0 < k < 24:
                y0, y1, y2 = values[k - 1], values[k], values[k + 1]
                d = y0 - 2 * y1 + y2
                if d != 0:
                    z += (y0 - y2) / (2 * d) * (hi - lo) / 24
            new.append(z)
            worst = max(worst, abs(error(z)))
        points = new
        if worst < level * (1 + mpf(10) ** -3):
            break
    return [c[j] for j in range(n)], worst


def fit(name, g, w, a, b, degree, exact=0, refit=True):
    """Prints the rounded coefficients c0..c_degree and the measured error; `exact` lowest ones are kept as pairs (hi, lo).

    Refitting needs an interval that does not have 0 inside, as the remaining powers are no Chebyshev system otherwise.
    """
    a, b = mpf(a), mpf(b)
    rounded = [] if refit else [mpf(float(c)) for c in remez(g, w, a, b, list(range(degree + 1)))[0]]
    for i in range(len(rounded), degree + 1):
        rest = lambda z: g(z) - sum(c * z ** k for k, c in enumerate(rounded))
        c, level = remez(rest, w, a, b, list(range(i, degree + 1)))
        if i < exact:
            hi = mpf(float(c[0]))
            lo = mpf(float(c[0] - hi))
            rounded.append(hi + lo)
        else:
            rounded.append(mpf(float(c[0])))
    step = (b - a) / 1000
    worst = max(abs(w(z) * (g(z) - sum(c * z ** k for k, c in enumerate(rounded)))) for z in [a + step * (i + mpf(1) / 2) for i in range(1000)])
    print(f"{name}: degree {degree}, weighted error {mp.nstr(worst, 3)} = 2^{mp.nstr(log(worst, 2), 4)}")
    for i, c in enumerate(rounded):
        hi = float(c)
        print(f"    c{i} = {hi!r}" + (f" + {float(c - mpf(hi))!r}" if i < exact else ""))
    sys.stdout.flush()


ln2 = log(mpf(2))
quarter = pi / 4
tiny = mpf(10) ** -12


def taylor(f, order, count):
    return mp.taylor(f, 0, count)


def series(coefficients, z):
    return sum(c * z ** k for k, c in enumerate(coefficients))


# All of these are analytic at 0 and evaluated by their series, which avoids the cancellation of the closed forms.
f = mp.factorial
EXP = [1 / f(k + 2) for k in range(40)]
SIN = [(-1) ** (k + 1) / f(2 * k + 3) for k in range(40)]
COS = [(-1) ** k / f(2 * k + 4) for k in range(40)]
SINH = [1 / f(2 * k + 3) for k in range(30)]
COSH = [1 / f(2 * k + 2) for k in range(30)]
ATANH = [mpf(1) / (2 * k + 3) for k in range(60)]
ATANH2 = [mpf(1) / (2 * k + 5) for k in range(60)]
ATAN = [(-1) ** (k + 1) * mpf(1) / (2 * k + 3) for k in range(100)]


def asin_rest(z):
    return (asin(sqrt(z)) / sqrt(z) - 1) / z if z > mpf(10) ** -20 else mpf(1) / 6 + z * 3 / 40


def interpolate(name, g, w, a, b, degree):
    """Prints the interpolant at Chebyshev points, which is near enough to minimax where an evaluation of g is dear."""
    a, b = mpf(a), mpf(b)
    nodes = [(a + b) / 2 + (b - a) / 2 * cos(pi * (2 * i + 1) / (2 * degree + 2)) for i in range(degree + 1)]
    m, rhs = matrix(degree + 1, degree + 1), matrix(degree + 1, 1)
    for i, z in enumerate(nodes):
        rhs[i] = g(z)
        for j in range(degree + 1):
            m[i, j] = z ** j
    c = [mpf(float(v)) for v in lu_solve(m, rhs)]
    worst = max(abs(w(z) * (g(z) - sum(v * z ** k for k, v in enumerate(c)))) for z in [a + (b - a) * i / 200 for i in range(201)])
    print(f"{name}: degree {degree}, weighted error {mp.nstr(worst, 3)} = 2^{mp.nstr(log(worst, 2), 4)}")
    for i, v in enumerate(c):
        print(f"    c{i} = {float(v)!r}")
    sys.stdout.flush()


def erfcx_in_t(k):
    """(1 + 2x) e^(x^2) erfc x over t = (x - k)/(x + k) (Shepherd and Laframboise, Mathematics of Computation 36, 1981)."""
    def value(t):
        x = k * (1 + t) / (1 - t)
        return (1 + 2 * x) * exp(x * x) * erfc(x)
    return value


ERF = [2 / sqrt(pi) * (-1) ** k / (f(k) * (2 * k + 1)) for k in range(60)]
ERF[0] -= 1
LGAMMA1 = [-mp.euler] + [(-1) ** k * mp.zeta(k) / k for k in range(2, 120)]
LGAMMA2 = [1 - mp.euler] + [(-1) ** k * (mp.zeta(k) - 1) / k for k in range(2, 120)]
ROOT = findroot(mp.digamma, mpf("1.4616321449683623"))
DIGAMMA = [mp.psi(k, ROOT) / f(k) for k in range(1, 50)]

FITS = {
    "exp": lambda: fit("(exp r - 1 - r)/r^2", lambda r: series(EXP, r), lambda r: mpf("0.12") / exp(r), -ln2 / 2 * mpf("1.001"), ln2 / 2 * mpf("1.001"), 10, refit=False),
    "log": lambda: fit("(2 atanh s/s - 2)/w, w = s^2", lambda w: 2 * series(ATANH, w), lambda w: w / 2, 0, mpf("0.02944"), 6),
    "atanh": lambda: fit("(atanh s/s - 1)/w", lambda w: series(ATANH, w), lambda w: w, 0, mpf("0.0402"), 7),
    "sin2": lambda: fit("(sin r/r - 1)/z on pi/2", lambda z: series(SIN, z), lambda z: z * sqrt(z) / sin(sqrt(z)) if z else mpf(0) + tiny, tiny, (pi / 2 * mpf("1.0001")) ** 2, 8),
    "sin4": lambda: fit("(sin r/r - 1)/z on pi/4", lambda z: series(SIN, z), lambda z: z * sqrt(z) / sin(sqrt(z)), tiny, (quarter * mpf("1.0001")) ** 2, 5),
    "cos4": lambda: fit("(cos r - 1 + z/2)/z^2 on pi/4", lambda z: series(COS, z), lambda z: z * z / cos(sqrt(z)), 0, (quarter * mpf("1.0001")) ** 2, 5),
    "sinh": lambda: fit("(sinh r/r - 1)/z", lambda z: series(SINH, z), lambda z: z, 0, (ln2 / 2 * mpf("1.001")) ** 2, 4),
    "cosh": lambda: fit("(cosh r - 1)/z", lambda z: series(COSH, z), lambda z: z, 0, (ln2 / 2 * mpf("1.001")) ** 2, 5),
    "asin": lambda: fit("(asin x/x - 1)/z", asin_rest, lambda z: z, 0, mpf("0.2501"), 12),
    "atan": lambda: fit("(atan t/t - 1)/z", lambda z: series(ATAN, z), lambda z: z, 0, mpf("0.17158"), 10),
    "pow": lambda: fit("(atanh s/s - 1 - w/3)/w^2", lambda w: series(ATANH2, w), lambda w: w * w, 0, mpf("0.02944"), 7),
    "erf": lambda: fit("erf(x)/x - 1", lambda z: series(ERF, z), lambda z: mpf(1), 0, mpf("0.5626"), 10),
    "erfcx": lambda: interpolate("(1 + 2x) e^(x^2) erfc x over (x - 3)/(x + 3)", erfcx_in_t(mpf(3)), lambda t: 1, mpf("-2.55") / mpf("3.45"), mpf(25) / 31, 22),
    "lgamma1": lambda: interpolate("lgamma(1 + t)/t", lambda t: series(LGAMMA1, t), lambda t: 2, mpf("-0.251"), mpf("0.251"), 18),
    "lgamma2": lambda: interpolate("lgamma(2 + t)/t", lambda t: series(LGAMMA2, t), lambda t: 2, mpf("-0.501"), mpf("0.501"), 18),
    "digamma": lambda: interpolate(f"psi(x0 + t)/t, x0 = {float(ROOT)!r} + {float(ROOT - mpf(float(ROOT)))!r}", lambda t: series(DIGAMMA, t), lambda t: 1, mpf("-0.251"), mpf("0.251"), 16),
}

for name in sys.argv[1:] or FITS:
    FITS[name]()
