/* Loops over the C library's functions. Built twice by Program.cs: with -O3 -march=native -ffast-math, where gcc calls glibc's
   vector functions (libmvec), and with -O2 -fno-tree-vectorize, where it calls the scalar ones. */
#include <math.h>

#define UNARY(f) void loop_##f(const double *x, double *y, int n) { for (int i = 0; i < n; i++) y[i] = f(x[i]); }
#define BINARY(f) void loop_##f(const double *x, const double *p, double *y, int n) { for (int i = 0; i < n; i++) y[i] = f(x[i], p[i]); }

UNARY(exp)
UNARY(log)
UNARY(log10)
UNARY(sin)
UNARY(cos)
UNARY(tan)
UNARY(asin)
UNARY(acos)
UNARY(atan)
UNARY(sinh)
UNARY(cosh)
UNARY(tanh)
UNARY(asinh)
UNARY(acosh)
UNARY(atanh)
UNARY(erf)
UNARY(erfc)
UNARY(tgamma)
UNARY(lgamma)
BINARY(atan2)
BINARY(pow)

void loop_powu(const double *x, const double *p, double *y, int n)
{
    double e = p[0];
    for (int i = 0; i < n; i++) y[i] = pow(x[i], e);
}

void loop_sincos(const double *x, double *s, double *c, int n)
{
    for (int i = 0; i < n; i++)
    {
        s[i] = sin(x[i]);
        c[i] = cos(x[i]);
    }
}
