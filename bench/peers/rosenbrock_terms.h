/* The chained Rosenbrock objective in pull form, shared by two models: with t_i = x_{i+1} - x_i^2,
 * f = sum 100 t_i^2 + (1 - x_i)^2; every output entry reads its neighbours, nothing is added into memory. */
#ifndef ROSENBROCK_TERMS_H
#define ROSENBROCK_TERMS_H

static inline double rosenbrock_sum(int n, const double *restrict x) {
    /* Four vectors of sums hide the latency of the additions. */
    double sums[16] = {0}, rest = 0;
    int i = 0, m = n - 1;
    for (; i + 16 <= m; i += 16)
        for (int k = 0; k < 16; k++) {
            double a = x[i + k], t = x[i + k + 1] - a * a, u = 1 - a;
            sums[k] += 100 * t * t + u * u;
        }
    for (; i < m; i++) {
        double t = x[i + 1] - x[i] * x[i], u = 1 - x[i];
        rest += 100 * t * t + u * u;
    }
    for (int k = 0; k < 16; k++) rest += sums[k];
    return rest;
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
