/* The pendulum of control.opt by hand. N nodes, N = n / 3; variables angle (a), speed (v), force (u), N each. With
 * h = 10/(N - 1) the rows are, N - 1 each,
 *     v_{i+1} - v_i - h (u_i cos a_i - sin a_i - 0.3 v_i exp(-a_i)),    a_{i+1} - a_i - h v_i,
 * then the first and the last angle and speed; f = sum h (1 - cos a_i + 0.1 v_i^2 + 0.05 u_i^2). */
#include <math.h>
#include "peer.h"

MAP(map_sin, sin)
MAP(map_cos, cos)

static const double DRAG = 0.3;

static inline void map_exp_minus(int count, const double *restrict in, double *restrict out) {
    for (int i = 0; i < count; i++) out[i] = exp(-in[i]);
}

static void sizes(int n, int out[4]) {
    int N = n / 3;
    out[0] = 3 * N;
    out[1] = 2 * (N - 1) + 4;
    out[2] = 7 * (N - 1) + 4;
    out[3] = 5 * (N - 1) + 3;
}

static void pattern(int n, int *row_starts, int *columns, int *column_starts, int *rows) {
    int N = n / 3, m = N - 1;
    for (int i = 0; i < m; i++) {
        row_starts[i] = 4 * i;
        columns[4 * i] = i;
        columns[4 * i + 1] = N + i;
        columns[4 * i + 2] = N + i + 1;
        columns[4 * i + 3] = 2 * N + i;
        row_starts[m + i] = 4 * m + 3 * i;
        columns[4 * m + 3 * i] = i;
        columns[4 * m + 3 * i + 1] = i + 1;
        columns[4 * m + 3 * i + 2] = N + i;
    }
    int ends[4] = {0, N, N - 1, 2 * N - 1};
    for (int k = 0; k < 4; k++) { row_starts[2 * m + k] = 7 * m + k; columns[7 * m + k] = ends[k]; }
    row_starts[2 * m + 4] = 7 * m + 4;
    for (int i = 0; i < N; i++) {
        column_starts[i] = 3 * i;
        rows[3 * i] = i;
        if (i < m) { rows[3 * i + 1] = N + i; rows[3 * i + 2] = 2 * N + i; }
        column_starts[N + i] = 3 * m + 1 + i;
        rows[3 * m + 1 + i] = N + i;
        column_starts[2 * N + i] = 3 * m + 1 + N + i;
        rows[3 * m + 1 + N + i] = 2 * N + i;
    }
    column_starts[3 * N] = 3 * m + 1 + 2 * N;
}

static double objective(int n, const double *restrict x) {
    int N = n / 3;
    const double *restrict a = x, *restrict v = x + N, *restrict u = x + 2 * (long)N;
    double cosine[BLOCK], total = 0;
    for (int start = 0; start < N; start += BLOCK) {
        int count = min_int(BLOCK, N - start), i = 0;
        map_cos(count, a + start, cosine);
        double sums[16] = {0};
        for (; i + 16 <= count; i += 16)
            for (int k = 0; k < 16; k++) {
                double s = v[start + i + k], f = u[start + i + k];
                sums[k] += 0.1 * s * s + 0.05 * f * f - cosine[i + k];
            }
        for (; i < count; i++) total += 0.1 * v[start + i] * v[start + i] + 0.05 * u[start + i] * u[start + i] - cosine[i];
        for (int k = 0; k < 16; k++) total += sums[k];
        total += count;
    }
    return 10.0 / (N - 1) * total;
}

static void gradient(int n, const double *restrict x, double *restrict g) {
    int N = n / 3;
    double h = 10.0 / (N - 1), p = 0.2 * h, q = 0.1 * h;
    for (int i = 0; i < N; i++) g[i] = h * sin(x[i]);
    const double *restrict v = x + N, *restrict u = x + 2 * (long)N;
    double *restrict gv = g + N, *restrict gu = g + 2 * (long)N;
    for (int i = 0; i < N; i++) { gv[i] = p * v[i]; gu[i] = q * u[i]; }
}

static void constraints(int n, const double *restrict x, double *restrict c) {
    int N = n / 3, m = N - 1;
    double h = 10.0 / m, sine[BLOCK], cosine[BLOCK], e[BLOCK];
    for (int start = 0; start < m; start += BLOCK) {
        int count = min_int(BLOCK, m - start);
        const double *restrict a = x + start, *restrict v = x + N + start, *restrict u = x + 2 * (long)N + start;
        double *restrict speed = c + start, *restrict angle = c + m + start;
        map_sin(count, a, sine);
        map_cos(count, a, cosine);
        map_exp_minus(count, a, e);
        for (int i = 0; i < count; i++) {
            speed[i] = v[i + 1] - v[i] - h * (u[i] * cosine[i] - sine[i] - DRAG * v[i] * e[i]);
            angle[i] = a[i + 1] - a[i] - h * v[i];
        }
    }
    c[2 * m] = x[0];
    c[2 * m + 1] = x[N];
    c[2 * m + 2] = x[N - 1];
    c[2 * m + 3] = x[2 * N - 1];
}

static void jacobian(int n, const double *restrict x, double *restrict values) {
    int N = n / 3, m = N - 1;
    double h = 10.0 / m, sine[BLOCK], cosine[BLOCK], e[BLOCK];
    for (int start = 0; start < m; start += BLOCK) {
        int count = min_int(BLOCK, m - start);
        const double *restrict a = x + start, *restrict v = x + N + start, *restrict u = x + 2 * (long)N + start;
        double *restrict out = values + 4 * (long)start;
        map_sin(count, a, sine);
        map_cos(count, a, cosine);
        map_exp_minus(count, a, e);
        for (int i = 0; i < count; i++) {
            double drag = DRAG * e[i];
            out[4 * i] = h * (u[i] * sine[i] + cosine[i] - v[i] * drag);
            out[4 * i + 1] = h * drag - 1;
            out[4 * i + 2] = 1;
            out[4 * i + 3] = -h * cosine[i];
        }
    }
    double *restrict angle = values + 4 * (long)m;
    for (int i = 0; i < m; i++) {
        angle[3 * i] = -1;
        angle[3 * i + 1] = 1;
        angle[3 * i + 2] = -h;
    }
    for (int k = 0; k < 4; k++) values[7 * (long)m + k] = 1;
}

static void hessian(int n, const double *restrict x, double sigma, const double *restrict w, double *restrict values) {
    int N = n / 3, m = N - 1;
    double h = 10.0 / m, sh = sigma * h, sine[BLOCK], cosine[BLOCK], e[BLOCK];
    for (int start = 0; start < m; start += BLOCK) {
        int count = min_int(BLOCK, m - start);
        const double *restrict a = x + start, *restrict v = x + N + start, *restrict u = x + 2 * (long)N + start, *restrict weight = w + start;
        double *restrict out = values + 3 * (long)start;
        map_sin(count, a, sine);
        map_cos(count, a, cosine);
        map_exp_minus(count, a, e);
        for (int i = 0; i < count; i++) {
            double hw = h * weight[i], drag = DRAG * e[i];
            out[3 * i] = sh * cosine[i] + hw * (u[i] * cosine[i] - sine[i] + v[i] * drag);
            out[3 * i + 1] = -hw * drag;
            out[3 * i + 2] = hw * sine[i];
        }
    }
    values[3 * m] = sh * cos(x[m]);
    double *restrict squares = values + 3 * (long)m + 1;
    for (int i = 0; i < N; i++) squares[i] = 0.2 * sh;
    for (int i = 0; i < N; i++) squares[N + i] = 0.1 * sh;
}

const struct peer control_peer = {"control", sizes, pattern, objective, gradient, constraints, jacobian, hessian};
