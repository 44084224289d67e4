/* Luksan and Vlcek's problem 5.1 by hand, the formula as written: for k = 0 .. n-3, with a, b, d = x_k, x_{k+1}, x_{k+2},
 *     c_k = 3 b^3 + 2 d - 5 + sin(b - d) sin(b + d) + 4 b - a exp(a - b) - 3.
 * The differences x_j - x_{j+1} serve both the exponential of row j and the sines of row j - 1. */
#include <math.h>
#include "peer.h"
#include "rosenbrock_terms.h"

MAP(map_sin, sin)
MAP(map_cos, cos)
MAP(map_exp, exp)

static void sizes(int n, int out[4]) { out[0] = n; out[1] = n - 2; out[2] = 3 * (n - 2); out[3] = 2 * n - 1; }

static void pattern(int n, int *row_starts, int *columns, int *column_starts, int *rows) {
    for (int k = 0; k <= n - 2; k++) row_starts[k] = 3 * k;
    for (int k = 0; k < 3 * (n - 2); k++) columns[k] = k / 3 + k % 3;
    for (int j = 0; j < n; j++) {
        column_starts[j] = 2 * j;
        rows[2 * j] = j;
        if (j < n - 1) rows[2 * j + 1] = j + 1;
    }
    column_starts[n] = 2 * n - 1;
}

static double objective(int n, const double *x) { return rosenbrock_sum(n, x); }

static void gradient(int n, const double *x, double *g) { rosenbrock_gradient_values(n, x, g); }

/* x_j - x_{j+1} and x_j + x_{j+1} */
static inline void differences(int count, const double *restrict x, double *restrict minus, double *restrict plus) {
    for (int i = 0; i < count; i++) { minus[i] = x[i] - x[i + 1]; plus[i] = x[i] + x[i + 1]; }
}

static void constraints(int n, const double *restrict x, double *restrict c) {
    double minus[BLOCK + 1], plus[BLOCK + 1], e[BLOCK + 1], s1[BLOCK + 1], s2[BLOCK + 1];
    for (int start = 0; start < n - 2; start += BLOCK) {
        int count = min_int(BLOCK, n - 2 - start);
        const double *restrict p = x + start;
        differences(count + 1, p, minus, plus);
        map_exp(count, minus, e);
        map_sin(count, minus + 1, s1);
        map_sin(count, plus + 1, s2);
        for (int i = 0; i < count; i++) {
            double b = p[i + 1];
            c[start + i] = b * (3 * b * b + 4) + 2 * p[i + 2] - 8 + s1[i] * s2[i] - p[i] * e[i];
        }
    }
}

static void jacobian(int n, const double *restrict x, double *restrict values) {
    double minus[BLOCK + 1], plus[BLOCK + 1], e[BLOCK + 1], s1[BLOCK + 1], s2[BLOCK + 1], c1[BLOCK + 1], c2[BLOCK + 1];
    for (int start = 0; start < n - 2; start += BLOCK) {
        int count = min_int(BLOCK, n - 2 - start);
        const double *restrict p = x + start;
        double *restrict out = values + 3 * (long)start;
        differences(count + 1, p, minus, plus);
        map_exp(count, minus, e);
        map_sin(count, minus + 1, s1);
        map_cos(count, minus + 1, c1);
        map_sin(count, plus + 1, s2);
        map_cos(count, plus + 1, c2);
        for (int i = 0; i < count; i++) {
            double a = p[i], b = p[i + 1], u = c1[i] * s2[i], v = s1[i] * c2[i];
            out[3 * i] = -(1 + a) * e[i];
            out[3 * i + 1] = 9 * b * b + 4 + u + v + a * e[i];
            out[3 * i + 2] = 2 - u + v;
        }
    }
}

static void hessian(int n, const double *restrict x, double sigma, const double *restrict w, double *restrict h) {
    /* Position i of a buffer belongs to j = start - 1 + i: column j needs the pairs (j-1, j) and (j, j+1). Weights and
     * values outside the rows stay zero. */
    enum { LENGTH = BLOCK + 2 };
    double minus[LENGTH], plus[LENGTH], e[LENGTH], s1[LENGTH], s2[LENGTH], c1[LENGTH], c2[LENGTH], weight[LENGTH + 1], point[LENGTH + 1];
    double p = 1200 * sigma, q = 400 * sigma, r = 202 * sigma;
    for (int start = 0; start < n; start += BLOCK) {
        int count = min_int(BLOCK, n - start);
        for (int i = 0; i <= count + 1; i++) {
            int j = start - 1 + i;
            point[i] = j >= 0 && j < n ? x[j] : 0;
        }
        for (int i = 0; i <= count + 1; i++) {
            int k = start - 2 + i;
            weight[i] = k >= 0 && k < n - 2 ? w[k] : 0;
        }
        differences(count + 1, point, minus, plus);
        map_exp(count + 1, minus, e);
        map_sin(count + 1, minus, s1);
        map_cos(count + 1, minus, c1);
        map_sin(count + 1, plus, s2);
        map_cos(count + 1, plus, c2);
        double *restrict out = h + 2 * (long)start;
        int pairs = min_int(count, n - 1 - start);
        for (int i = 0; i < pairs; i++) {
            double a = point[i + 1], w0 = weight[i], w1 = weight[i + 1], w2 = weight[i + 2];
            double diagonal = p * a * a - q * point[i + 2] + r - w2 * (2 + a) * e[i + 1]
                + w1 * (18 * a + 2 * (c1[i + 1] * c2[i + 1] - s1[i + 1] * s2[i + 1]) - point[i] * e[i])
                - w0 * 2 * (c1[i] * c2[i] + s1[i] * s2[i]);
            out[2 * i] = diagonal;
            out[2 * i + 1] = w2 * (1 + a) * e[i + 1] - q * a;
        }
        if (start == 0) h[0] -= 200 * sigma;
        if (start + count == n) {
            int i = count - 1;
            out[2 * i] = 200 * sigma - weight[i] * 2 * (c1[i] * c2[i] + s1[i] * s2[i]);
        }
    }
}

/* The same with sin(b - d) sin(b + d) = sin(b)^2 - sin(d)^2: one sine or cosine a variable where the formula as written has
 * four. No compiler of models finds this; it shows what insight is worth. */

static void identity_constraints(int n, const double *restrict x, double *restrict c) {
    double minus[BLOCK], e[BLOCK], s[BLOCK + 1];
    for (int start = 0; start < n - 2; start += BLOCK) {
        int count = min_int(BLOCK, n - 2 - start);
        const double *restrict p = x + start;
        for (int i = 0; i < count; i++) minus[i] = p[i] - p[i + 1];
        map_exp(count, minus, e);
        map_sin(count + 1, p + 1, s);
        for (int i = 0; i < count; i++) {
            double b = p[i + 1];
            c[start + i] = b * (3 * b * b + 4) + 2 * p[i + 2] - 8 + s[i] * s[i] - s[i + 1] * s[i + 1] - p[i] * e[i];
        }
    }
}

static void identity_jacobian(int n, const double *restrict x, double *restrict values) {
    double minus[BLOCK], twice[BLOCK + 1], e[BLOCK], s[BLOCK + 1];
    for (int start = 0; start < n - 2; start += BLOCK) {
        int count = min_int(BLOCK, n - 2 - start);
        const double *restrict p = x + start;
        double *restrict out = values + 3 * (long)start;
        for (int i = 0; i < count; i++) minus[i] = p[i] - p[i + 1];
        for (int i = 0; i <= count; i++) twice[i] = 2 * p[i + 1];
        map_exp(count, minus, e);
        map_sin(count + 1, twice, s);
        for (int i = 0; i < count; i++) {
            double a = p[i], b = p[i + 1];
            out[3 * i] = -(1 + a) * e[i];
            out[3 * i + 1] = 9 * b * b + 4 + s[i] + a * e[i];
            out[3 * i + 2] = 2 - s[i + 1];
        }
    }
}

static void identity_hessian(int n, const double *restrict x, double sigma, const double *restrict w, double *restrict h) {
    enum { LENGTH = BLOCK + 2 };
    double minus[LENGTH], twice[LENGTH], e[LENGTH], cosine[LENGTH], weight[LENGTH + 1], point[LENGTH + 1];
    double p = 1200 * sigma, q = 400 * sigma, r = 202 * sigma;
    for (int start = 0; start < n; start += BLOCK) {
        int count = min_int(BLOCK, n - start);
        for (int i = 0; i <= count + 1; i++) {
            int j = start - 1 + i;
            point[i] = j >= 0 && j < n ? x[j] : 0;
        }
        for (int i = 0; i <= count + 1; i++) {
            int k = start - 2 + i;
            weight[i] = k >= 0 && k < n - 2 ? w[k] : 0;
        }
        for (int i = 0; i <= count; i++) minus[i] = point[i] - point[i + 1];
        for (int i = 0; i <= count; i++) twice[i] = 2 * point[i];
        map_exp(count + 1, minus, e);
        map_cos(count + 1, twice, cosine);
        double *restrict out = h + 2 * (long)start;
        int pairs = min_int(count, n - 1 - start);
        for (int i = 0; i < pairs; i++) {
            double a = point[i + 1], w2 = weight[i + 2];
            out[2 * i] = p * a * a - q * point[i + 2] + r - w2 * (2 + a) * e[i + 1]
                + weight[i + 1] * (18 * a - point[i] * e[i]) + 2 * (weight[i + 1] - weight[i]) * cosine[i + 1];
            out[2 * i + 1] = w2 * (1 + a) * e[i + 1] - q * a;
        }
        if (start == 0) h[0] -= 200 * sigma;
        if (start + count == n) out[2 * count - 2] = 200 * sigma - 2 * weight[count - 1] * cosine[count];
    }
}

const struct peer luksan_vlcek_peer = {"luksan_vlcek", sizes, pattern, objective, gradient, constraints, jacobian, hessian};

const struct peer luksan_vlcek_identity_peer = {
    "luksan_vlcek_identity", sizes, pattern, objective, gradient, identity_constraints, identity_jacobian, identity_hessian};
