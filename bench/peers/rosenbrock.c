/* f = sum_{i<n} 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, by hand. */
#include "peer.h"
#include "rosenbrock_terms.h"

static void sizes(int n, int out[4]) { out[0] = n; out[1] = 0; out[2] = 0; out[3] = 2 * n - 1; }

static void pattern(int n, int *row_starts, int *columns, int *column_starts, int *rows) {
    (void)columns;
    row_starts[0] = 0;
    for (int j = 0; j < n; j++) {
        column_starts[j] = 2 * j;
        rows[2 * j] = j;
        if (j < n - 1) rows[2 * j + 1] = j + 1;
    }
    column_starts[n] = 2 * n - 1;
}

static double objective(int n, const double *x) { return rosenbrock_sum(n, x); }

static void gradient(int n, const double *x, double *g) { rosenbrock_gradient_values(n, x, g); }

static void none(int n, const double *x, double *out) { (void)n; (void)x; (void)out; }

static void hessian(int n, const double *restrict x, double sigma, const double *w, double *restrict h) {
    (void)w;
    double p = 1200 * sigma, q = 400 * sigma, r = 202 * sigma;
    h[0] = p * x[0] * x[0] - q * x[1] + 2 * sigma;
    h[1] = -q * x[0];
    int i = 1;
    for (; i + 4 <= n - 1; i += 4) {
        four a = load(x + i);
        store_pairs(h + 2 * i, p * a * a - q * load(x + i + 1) + r, -q * a);
    }
    for (; i < n - 1; i++) {
        h[2 * i] = p * x[i] * x[i] - q * x[i + 1] + r;
        h[2 * i + 1] = -q * x[i];
    }
    h[2 * n - 2] = 200 * sigma;
}

const struct peer rosenbrock_peer = {"chained_rosenbrock", sizes, pattern, objective, gradient, none, none, hessian};
