/* The chained Rosenbrock objective in pull form, shared by two models: with t_i = x_{i+1} - x_i^2,
 * f = sum 100 t_i^2 + (1 - x_i)^2; every output entry reads its neighbours, nothing is added into memory. */
#ifndef ROSENBROCK_TERMS_H
#define ROSENBROCK_TERMS_H

typedef double four __attribute__((vector_size(32)));
typedef double four_anywhere __attribute__((vector_size(32), aligned(8)));
typedef long four_places __attribute__((vector_size(32)));

static inline four load(const double *x) { return *(const four_anywhere *)x; }

/* Stores a0 b0 a1 b1 a2 b2 a3 b3. */
static inline void store_pairs(double *out, four a, four b) {
    four low = __builtin_shuffle(a, b, (four_places){0, 4, 2, 6}), high = __builtin_shuffle(a, b, (four_places){1, 5, 3, 7});
    *(four_anywhere *)out = __builtin_shuffle(low, high, (four_places){0, 1, 4, 5});
    *(four_anywhere *)(out + 4) = __builtin_shuffle(low, high, (four_places){2, 3, 6, 7});
}

/* Eight vectors of sums hide the latency of the additions; gcc's own loop has one. */
static inline double rosenbrock_sum(int n, const double *restrict x) {
    four t0 = {0}, t1 = {0}, t2 = {0}, t3 = {0}, u0 = {0}, u1 = {0}, u2 = {0}, u3 = {0};
    double ts = 0, us = 0;
    int i = 0, m = n - 1;
#define ADD(k)                                                                            \
    {                                                                                     \
        four a = load(x + i + 4 * k), t = load(x + i + 4 * k + 1) - a * a, u = 1 - a;     \
        t##k += t * t;                                                                    \
        u##k += u * u;                                                                    \
    }
    for (; i + 16 <= m; i += 16) {
        ADD(0)
        ADD(1)
        ADD(2)
        ADD(3)
    }
#undef ADD
    for (; i < m; i++) {
        double t = x[i + 1] - x[i] * x[i], u = 1 - x[i];
        ts += t * t;
        us += u * u;
    }
    t0 = (t0 + t1) + (t2 + t3);
    u0 = (u0 + u1) + (u2 + u3);
    for (int k = 0; k < 4; k++) {
        ts += t0[k];
        us += u0[k];
    }
    return 100 * ts + us;
}

static inline void rosenbrock_gradient_values(int n, const double *restrict x, double *restrict g) {
    g[0] = 400 * x[0] * (x[0] * x[0] - x[1]) + 2 * x[0] - 2;
    for (int i = 1; i < n - 1; i++) {
        double a = x[i], s = a * a;
        g[i] = a * (400 * (s - x[i + 1]) + 202) - 2 - 200 * x[i - 1] * x[i - 1];
    }
    g[n - 1] = 200 * (x[n - 1] - x[n - 2] * x[n - 2]);
}

#endif
