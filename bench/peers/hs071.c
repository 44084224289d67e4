/* Hock and Schittkowski's problem 71 by hand. */
#include "peer.h"

static void sizes(int n, int out[4]) { (void)n; out[0] = 4; out[1] = 2; out[2] = 8; out[3] = 10; }

static void pattern(int n, int *row_starts, int *columns, int *column_starts, int *rows) {
    (void)n;
    for (int k = 0; k <= 2; k++) row_starts[k] = 4 * k;
    for (int k = 0; k < 8; k++) columns[k] = k % 4;
    int at = 0;
    for (int j = 0; j < 4; j++) {
        column_starts[j] = at;
        for (int i = j; i < 4; i++) rows[at++] = i;
    }
    column_starts[4] = at;
}

static double objective(int n, const double *x) { (void)n; return x[0] * x[3] * (x[0] + x[1] + x[2]) + x[2]; }

static void gradient(int n, const double *restrict x, double *restrict g) {
    (void)n;
    double s = x[0] + x[1] + x[2], p = x[0] * x[3];
    g[0] = x[3] * (s + x[0]);
    g[1] = p;
    g[2] = p + 1;
    g[3] = x[0] * s;
}

static void constraints(int n, const double *restrict x, double *restrict c) {
    (void)n;
    c[0] = x[0] * x[1] * x[2] * x[3];
    c[1] = x[0] * x[0] + x[1] * x[1] + x[2] * x[2] + x[3] * x[3];
}

static void jacobian(int n, const double *restrict x, double *restrict values) {
    (void)n;
    double p = x[0] * x[1], q = x[2] * x[3];
    values[0] = x[1] * q;
    values[1] = x[0] * q;
    values[2] = p * x[3];
    values[3] = p * x[2];
    for (int k = 0; k < 4; k++) values[4 + k] = 2 * x[k];
}

static void hessian(int n, const double *restrict x, double sigma, const double *restrict w, double *restrict h) {
    (void)n;
    double a = x[0], b = x[1], c = x[2], d = x[3], u = w[0], v = 2 * w[1], sd = sigma * d, sa = sigma * a;
    double ab = u * a * b, cd = u * c * d;
    h[0] = 2 * sd + v;
    h[1] = sd + cd;
    h[2] = sd + u * b * d;
    h[3] = sigma * (2 * a + b + c) + u * b * c;
    h[4] = v;
    h[5] = u * a * d;
    h[6] = sa + u * a * c;
    h[7] = v;
    h[8] = sa + ab;
    h[9] = v;
}

const struct peer hs071_peer = {"hs071", sizes, pattern, objective, gradient, constraints, jacobian, hessian};
