/* The AMPL solver library behind four functions, one problem a process. Hessian: upper triangle of
 * sigma f + sum w_i c_i; values stand in the library's own order, which asl_describe tells. */
#include <string.h>
#include <time.h>
#include "asl_pfgh.h"

static fint hessian_entries;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

/* sizes: variables, constraints, Jacobian entries, Hessian entries; returns 0 when the file could be read */
int asl_open(const char *file, int sizes[4], double *seconds) {
    double start = now();
    ASL *asl = ASL_alloc(ASL_read_pfgh);
    FILE *nl = jac0dim((char *)file, (fint)strlen(file));
    if (!nl) return 1;
    if (pfgh_read(nl, ASL_return_read_err | ASL_findgroups)) return 1;
    hessian_entries = sphsetup(-1, n_obj > 0, n_con > 0, 1);
    *seconds = now() - start;
    sizes[0] = n_var;
    sizes[1] = n_con;
    sizes[2] = (int)nzc;
    sizes[3] = (int)hessian_entries;
    return 0;
}

void asl_describe(double *lower, double *upper, int *jacobian_rows, int *jacobian_columns, int *hessian_rows, int *hessian_columns) {
    ASL *asl = cur_ASL;
    for (int i = 0; i < n_con; i++) {
        lower[i] = LUrhs[2 * i];
        upper[i] = LUrhs[2 * i + 1];
        for (cgrad *at = Cgrad[i]; at; at = at->next) {
            jacobian_rows[at->goff] = i;
            jacobian_columns[at->goff] = at->varno;
        }
    }
    for (int j = 0; j < n_var && hessian_entries; j++)
        for (fint k = sputinfo->hcolstarts[j]; k < sputinfo->hcolstarts[j + 1]; k++) {
            hessian_rows[k] = sputinfo->hrownos[k];
            hessian_columns[k] = j;
        }
}

/* As peer_run in driver.c. The library notices by itself that the point has moved, except in sphes, which is told. */
void asl_run(int quantity, double *points, long stride, int point_count, long calls, double sigma, double *w,
             double *f, double *g, double *c, double *j, double *h) {
    ASL *asl = cur_ASL;
    double sum = 0;
    for (long k = 0; k < calls; k++) {
        double *x = points + stride * (k % point_count);
        if (n_obj && (quantity == 0 || quantity == 5)) sum += f[0] = objval(0, x, 0);
        if (n_obj && (quantity == 1 || quantity == 5)) objgrd(0, x, g, 0);
        if (n_con && (quantity == 2 || quantity == 5)) conval(x, c, 0);
        if (n_con && (quantity == 3 || quantity == 5)) jacval(x, j, 0);
        if (hessian_entries && (quantity == 4 || quantity == 5)) {
            if (quantity == 4) {
                xknown(x);
                sphes(h, -1, n_obj ? &sigma : 0, n_con ? w : 0);
                xunknown();
            } else
                sphes(h, -1, n_obj ? &sigma : 0, n_con ? w : 0);
        }
    }
    f[1] = sum;
}
