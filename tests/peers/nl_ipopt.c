/* Solves a .nl file with Ipopt, derivatives from AMPL's solver library.
 * usage: nl_ipopt model.nl        prints `status s`, `f value` in the model's own sense, `x i value` for every variable
 */
#include "asl_pfgh.h"
#undef printf
#include <coin/IpStdCInterface.h>

static ASL *asl;
static double sense = 1.0;

static Bool value(Index n, Number *x, Bool isNew, Number *f, UserDataPtr data)
{
    fint error = 0;
    *f = n_obj ? sense * objval(0, x, &error) : 0.0;
    return !error;
}

static Bool gradient(Index n, Number *x, Bool isNew, Number *g, UserDataPtr data)
{
    fint error = 0;
    if (n_obj) objgrd(0, x, g, &error);
    for (int i = 0; i < n; i++) g[i] = n_obj ? sense * g[i] : 0.0;
    return !error;
}

static Bool constraints(Index n, Number *x, Bool isNew, Index m, Number *c, UserDataPtr data)
{
    fint error = 0;
    conval(x, c, &error);
    return !error;
}

static Bool jacobian(Index n, Number *x, Bool isNew, Index m, Index count, Index *row, Index *column, Number *values, UserDataPtr data)
{
    fint error = 0;
    if (values) {
        jacval(x, values, &error);
        return !error;
    }
    for (int i = 0; i < m; i++)
        for (cgrad *e = Cgrad[i]; e; e = e->next) {
            row[e->goff] = i;
            column[e->goff] = e->varno;
        }
    return TRUE;
}

static Bool hessian(Index n, Number *x, Bool isNew, Number weight, Index m, Number *y, Bool newY, Index count, Index *row, Index *column, Number *values, UserDataPtr data)
{
    if (values) {
        /* The library takes second derivatives where it evaluated last. */
        fint error = 0;
        if (n_obj) objval(0, x, &error);
        if (n_con) {
            real *c = (real *)Malloc(n_con * sizeof(real));
            conval(x, c, &error);
            free(c);
        }
        real *w = (real *)Malloc((n_obj + 1) * sizeof(real));
        for (int k = 0; k < n_obj; k++) w[k] = k == 0 ? sense * weight : 0.0;
        sphes(values, -1, n_obj ? w : 0, n_con ? y : 0);
        free(w);
        return !error;
    }
    for (int k = 0, at = 0; k < n; k++)
        for (fint e = sputinfo->hcolstarts[k]; e < sputinfo->hcolstarts[k + 1]; e++) {
            row[at] = sputinfo->hrownos[e];
            column[at++] = k;
        }
    return TRUE;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: nl_ipopt model.nl\n");
        return 2;
    }
    asl = ASL_alloc(ASL_read_pfgh);
    return_nofile = 1;
    FILE *nl = jac0dim(argv[1], (fint)strlen(argv[1]));
    want_xpi0 = 5;
    if (!nl || pfgh_read(nl, ASL_return_read_err | ASL_findgroups)) {
        fprintf(stderr, "cannot read %s\n", argv[1]);
        return 1;
    }
    fint count = sphsetup(-1, n_obj > 0, n_con > 0, 1);
    if (n_obj && objtype[0]) sense = -1.0;
    real *x = (real *)Malloc(n_var * sizeof(real)), *xl = (real *)Malloc(n_var * sizeof(real)), *xu = (real *)Malloc(n_var * sizeof(real));
    real *cl = (real *)Malloc((n_con + 1) * sizeof(real)), *cu = (real *)Malloc((n_con + 1) * sizeof(real));
    for (int i = 0; i < n_var; i++) {
        x[i] = X0 && havex0[i] ? X0[i] : 0.0;
        xl[i] = LUv[2 * i];
        xu[i] = LUv[2 * i + 1];
    }
    for (int i = 0; i < n_con; i++) {
        cl[i] = LUrhs[2 * i];
        cu[i] = LUrhs[2 * i + 1];
    }
    IpoptProblem problem = CreateIpoptProblem(n_var, xl, xu, n_con, cl, cu, nzc, count, 0, value, constraints, gradient, jacobian, hessian);
    AddIpoptIntOption(problem, (char *)"print_level", 0);
    AddIpoptStrOption(problem, (char *)"sb", (char *)"yes");
    AddIpoptNumOption(problem, (char *)"tol", 1e-9);
    AddIpoptIntOption(problem, (char *)"max_iter", 500);
    Number f = 0.0;
    enum ApplicationReturnStatus status = IpoptSolve(problem, x, 0, &f, 0, 0, 0, 0);
    printf("status %d\nf %.17g\n", (int)status, sense * f);
    for (int i = 0; i < n_var; i++) printf("x %d %.17g\n", i, x[i]);
    FreeIpoptProblem(problem);
    return 0;
}
