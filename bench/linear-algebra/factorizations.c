/* MUMPS (LDL' with pivoting, dmumps) and CHOLMOD (LL' of definite, LDL' without pivoting of quasi-definite matrices) behind
 * one small interface. Matrices are lower triangles by columns, rows ascending, numbered from 0. Functions return 0 or an
 * error number. */
#include <cholmod.h>
#include <dmumps_c.h>
#include <stdlib.h>
#include <string.h>

enum { ORDERING_AMD = 0, ORDERING_SCOTCH = 3, ORDERING_PORD = 4, ORDERING_METIS = 5, ORDERING_AUTOMATIC = 7, USE_COMM_WORLD = -987654 };

struct mumps {
    DMUMPS_STRUC_C id;
};

struct facts {
    long long factor_entries;
    int negative, ordering;
    long long delayed;
};

#define ICNTL(k) icntl[(k) - 1]
#define INFOG(k) infog[(k) - 1]

static int mumps_job(struct mumps *m, int job)
{
    m->id.job = job;
    dmumps_c(&m->id);
    return m->id.INFOG(1) < 0 ? m->id.INFOG(1) : 0;
}

void *mumps_create(int n, const int *starts, const int *rows, const double *values, int ordering)
{
    struct mumps *m = calloc(1, sizeof *m);
    m->id.par = 1;
    m->id.sym = 2;
    m->id.comm_fortran = USE_COMM_WORLD;
    if (mumps_job(m, -1)) return NULL;
    for (int k = 1; k <= 4; k++) m->id.ICNTL(k) = k < 4 ? -1 : 0;
    m->id.ICNTL(7) = ordering;
    m->id.ICNTL(14) = 50; /* per cent of memory above the estimate, for delayed pivots */
    m->id.n = n;
    m->id.nnz = starts[n];
    m->id.irn = malloc(sizeof(int) * (starts[n] + 1));
    m->id.jcn = malloc(sizeof(int) * (starts[n] + 1));
    m->id.a = malloc(sizeof(double) * (starts[n] + 1));
    memcpy(m->id.a, values, sizeof(double) * starts[n]);
    for (int j = 0; j < n; j++)
        for (int p = starts[j]; p < starts[j + 1]; p++) {
            m->id.irn[p] = rows[p] + 1;
            m->id.jcn[p] = j + 1;
        }
    return m;
}

int mumps_analyse(struct mumps *m) { return mumps_job(m, 1); }

int mumps_factor(struct mumps *m, const double *values)
{
    memcpy(m->id.a, values, sizeof(double) * m->id.nnz);
    int error = mumps_job(m, 2);
    while (error == -8 || error == -9) { /* workspace too small: more of it */
        m->id.ICNTL(14) *= 2;
        error = m->id.ICNTL(14) > 10000 ? error : mumps_job(m, 2);
        if (m->id.ICNTL(14) > 10000) break;
    }
    return error;
}

int mumps_solve(struct mumps *m, double *x)
{
    m->id.rhs = x;
    m->id.nrhs = 1;
    m->id.lrhs = m->id.n;
    return mumps_job(m, 3);
}

void mumps_facts(struct mumps *m, struct facts *f)
{
    f->factor_entries = m->id.INFOG(29) < 0 ? -1000000LL * m->id.INFOG(29) : m->id.INFOG(29);
    f->negative = m->id.INFOG(12);
    f->ordering = m->id.INFOG(7);
    f->delayed = m->id.INFOG(13);
}

void mumps_destroy(struct mumps *m)
{
    mumps_job(m, -2);
    free(m->id.irn);
    free(m->id.jcn);
    free(m->id.a);
    free(m);
}

struct cholmod {
    cholmod_common common;
    cholmod_sparse a;
    cholmod_factor *factor;
    cholmod_dense *x, *y, *e;
};

void *cholmod_create(int n, const int *starts, const int *rows, const double *values, int definite)
{
    struct cholmod *c = calloc(1, sizeof *c);
    cholmod_start(&c->common);
    c->common.print = 0;
    c->common.supernodal = definite ? CHOLMOD_AUTO : CHOLMOD_SIMPLICIAL;
    c->common.final_ll = 0;
    int entries = starts[n];
    c->a = (cholmod_sparse){.nrow = n, .ncol = n, .nzmax = entries, .stype = -1, .itype = CHOLMOD_INT, .xtype = CHOLMOD_REAL,
                            .dtype = CHOLMOD_DOUBLE, .sorted = 1, .packed = 1};
    c->a.p = malloc(sizeof(int) * (n + 1));
    c->a.i = malloc(sizeof(int) * (entries + 1));
    c->a.x = malloc(sizeof(double) * (entries + 1));
    memcpy(c->a.p, starts, sizeof(int) * (n + 1));
    memcpy(c->a.i, rows, sizeof(int) * entries);
    memcpy(c->a.x, values, sizeof(double) * entries);
    return c;
}

int cholmod_run_analyse(struct cholmod *c)
{
    if (c->factor) cholmod_free_factor(&c->factor, &c->common);
    c->factor = cholmod_analyze(&c->a, &c->common);
    return c->factor ? 0 : c->common.status ? c->common.status : -1;
}

int cholmod_run_factor(struct cholmod *c, const double *values)
{
    memcpy(c->a.x, values, sizeof(double) * c->a.nzmax);
    cholmod_factorize(&c->a, c->factor, &c->common);
    return c->common.status;
}

int cholmod_run_solve(struct cholmod *c, double *x)
{
    cholmod_dense b = {.nrow = c->a.nrow, .ncol = 1, .nzmax = c->a.nrow, .d = c->a.nrow, .x = x, .xtype = CHOLMOD_REAL, .dtype = CHOLMOD_DOUBLE};
    if (!cholmod_solve2(CHOLMOD_A, c->factor, &b, NULL, &c->x, NULL, &c->y, &c->e, &c->common)) return -1;
    memcpy(x, c->x->x, sizeof(double) * c->a.nrow);
    return 0;
}

void cholmod_facts(struct cholmod *c, struct facts *f)
{
    f->factor_entries = (long long)c->common.lnz;
    f->ordering = c->factor->ordering;
    f->delayed = 0;
    f->negative = 0;
    if (!c->factor->is_super && !c->factor->is_ll) {
        const int *p = c->factor->p;
        const double *l = c->factor->x;
        for (size_t j = 0; j < c->factor->n; j++) f->negative += l[p[j]] < 0;
    }
}

void cholmod_destroy(struct cholmod *c)
{
    cholmod_free_factor(&c->factor, &c->common);
    cholmod_free_dense(&c->x, &c->common);
    cholmod_free_dense(&c->y, &c->common);
    cholmod_free_dense(&c->e, &c->common);
    cholmod_finish(&c->common);
    free(c->a.p);
    free(c->a.i);
    free(c->a.x);
    free(c);
}

const char *peer_versions(void)
{
    static char text[100];
    snprintf(text, sizeof text, "MUMPS %s, CHOLMOD %d.%d.%d", MUMPS_VERSION, CHOLMOD_MAIN_VERSION, CHOLMOD_SUB_VERSION, CHOLMOD_SUBSUB_VERSION);
    return text;
}
