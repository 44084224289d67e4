/* Judges points by the first-order residuals of docs/conventions.md, with functions and derivatives from AMPL's solver library.
 * Shares no code with a solver.
 *
 * usage: checker model.nl point.bin…      prints one JSON object a point, a line each
 *
 * point.bin holds doubles: n, m, x (n), y (m), z (n), for the minimisation (a maximised objective is negated) with
 * ∇f − Jᵀy − z = 0. The verdict does not look at z: every variable gets the z that leaves the smaller residual, either the part
 * of ∇f − Jᵀy that a bound of its sign can take, or nothing. So no solver gains or loses by how it reports multipliers of bounds. The
 * residuals with the z of the file are printed as "given".
 */
#include <math.h>
#include "asl.h"
#undef printf
#undef fprintf
#undef fopen
#undef fclose
#undef fread

/* Sides from here on are none, as in the exported file. */
#define NO_SIDE 1e20
/* Mean multipliers up to this size do not loosen the stationarity test. */
#define LARGEST_UNSCALED_MULTIPLIER 100.0

static ASL *asl;

struct residuals {
    double stationarity, feasibility, complementarity;
};

static double worse(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : fmax(a, b);
}

static double violation(double value, double lower, double upper)
{
    if (isnan(value)) return NAN;
    if (lower > -NO_SIDE && value < lower) return (lower - value) / fmax(1.0, fabs(lower));
    if (upper < NO_SIDE && value > upper) return (value - upper) / fmax(1.0, fabs(upper));
    return 0.0;
}

/* |multiplier| times the distance to the side it belongs to, the multiplier alone where there is no such side. */
static double gap(double multiplier, double value, double lower, double upper)
{
    if (multiplier == 0.0 || lower == upper) return 0.0;
    double side = multiplier > 0.0 ? lower : upper;
    return fabs(side) >= NO_SIDE ? fabs(multiplier) : fabs(multiplier * (value - side));
}

static double scale_of(const double *gradient, const double *y, const double *z)
{
    double largest = 1.0, sum = 0.0;
    for (int j = 0; j < n_var; j++) {
        largest = fmax(largest, fabs(gradient[j]));
        if (z) sum += fabs(z[j]);
    }
    for (int i = 0; i < n_con; i++) sum += fabs(y[i]);
    return fmax(largest, sum / (LARGEST_UNSCALED_MULTIPLIER * (n_var + n_con)));
}

static struct residuals measure(const double *x, const double *y, const double *z, double f, const double *gradient, const double *reduced, const double *values)
{
    struct residuals r = {0.0, 0.0, 0.0};
    for (int j = 0; j < n_var; j++) {
        r.stationarity = worse(r.stationarity, fabs(reduced[j] - z[j]));
        r.feasibility = worse(r.feasibility, violation(x[j], LUv[2 * j], LUv[2 * j + 1]));
        r.complementarity = worse(r.complementarity, gap(z[j], x[j], LUv[2 * j], LUv[2 * j + 1]));
    }
    for (int i = 0; i < n_con; i++) {
        r.feasibility = worse(r.feasibility, violation(values[i], LUrhs[2 * i], LUrhs[2 * i + 1]));
        r.complementarity = worse(r.complementarity, gap(y[i], values[i], LUrhs[2 * i], LUrhs[2 * i + 1]));
    }
    r.stationarity /= scale_of(gradient, y, z);
    r.complementarity /= fmax(1.0, fabs(f));
    return r;
}

static void recover(const double *x, const double *y, double f, const double *gradient, const double *reduced, double *z)
{
    double scale = scale_of(gradient, y, 0), size = fmax(1.0, fabs(f));
    for (int j = 0; j < n_var; j++) {
        double lower = LUv[2 * j], upper = LUv[2 * j + 1], side = reduced[j] > 0.0 ? lower : upper;
        int is_fixed = lower == upper;
        int is_better = fabs(side) < NO_SIDE && fabs(x[j] - side) / size <= 1.0 / scale;
        z[j] = is_fixed || is_better ? reduced[j] : 0.0;
    }
}

static void number(const char *before, double value)
{
    if (isfinite(value)) printf("%s%.17g", before, value);
    else printf("%snull", before);
}

static void print(struct residuals r)
{
    number("{\"stationarity\":", r.stationarity);
    number(",\"feasibility\":", r.feasibility);
    number(",\"complementarity\":", r.complementarity);
    printf("}");
}

static double *doubles(size_t count)
{
    return (double *)Malloc((count + 1) * sizeof(double));
}

static int read_point(const char *path, double *x, double *y, double *z)
{
    double sizes[2];
    FILE *file = fopen(path, "rb");
    if (!file) return 0;
    size_t n = n_var, m = n_con;
    int is_whole = fread(sizes, sizeof(double), 2, file) == 2 && sizes[0] == n && sizes[1] == m && fread(x, sizeof(double), n, file) == n
        && fread(y, sizeof(double), m, file) == m && fread(z, sizeof(double), n, file) == n && fgetc(file) == EOF;
    fclose(file);
    return is_whole;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr, "usage: checker model.nl point.bin…\n");
        return 2;
    }
    asl = ASL_alloc(ASL_read_fg);
    return_nofile = 1;
    FILE *nl = jac0dim(argv[1], (fint)strlen(argv[1]));
    if (!nl || fg_read(nl, ASL_return_read_err)) {
        fprintf(stderr, "cannot read %s\n", argv[1]);
        return 1;
    }
    double *x = doubles(n_var), *y = doubles(n_con), *z = doubles(n_var), *own = doubles(n_var);
    double *gradient = doubles(n_var), *reduced = doubles(n_var), *values = doubles(n_con), *jacobian = doubles(nzc);
    double sense = n_obj > 0 && objtype[0] ? -1.0 : 1.0;
    for (int k = 2; k < argc; k++) {
        if (!read_point(argv[k], x, y, z)) {
            fprintf(stderr, "%s is not a point of %s\n", argv[k], argv[1]);
            return 1;
        }
        fint error = 0;
        double f = n_obj > 0 ? sense * objval(0, x, &error) : 0.0;
        memset(gradient, 0, n_var * sizeof(double));
        if (n_obj > 0 && !error) objgrd(0, x, gradient, &error);
        if (n_con > 0 && !error) conval(x, values, &error);
        if (n_con > 0 && !error) jacval(x, jacobian, &error);
        if (error) f = NAN;
        for (int j = 0; j < n_var; j++) reduced[j] = gradient[j] = error ? NAN : sense * gradient[j];
        for (int i = 0; i < n_con; i++) {
            for (cgrad *entry = Cgrad[i]; entry; entry = entry->next) reduced[entry->varno] -= y[i] * jacobian[entry->goff];
        }
        recover(x, y, f, gradient, reduced, own);
        number("{\"objective\":", f);
        printf(",\"residuals\":");
        print(measure(x, y, own, f, gradient, reduced, values));
        printf(",\"given\":");
        print(measure(x, y, z, f, gradient, reduced, values));
        printf("}\n");
    }
    return 0;
}
