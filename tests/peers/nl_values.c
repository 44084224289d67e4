/* What AMPL's solver library makes of a .nl file, one item a line, with all digits.
 * usage: nl_values model.nl [shift [first]]
 * With `first` the library's reader for first derivatives reads the file, and no Hessian is printed.
 * The point is the start of the file (0 where it gives none); variables that are not fixed move by up to `shift`.
 * Weights of the Lagrangian: 1 for the first objective and 0 for the others, 1 + (i mod 7)/8 for constraint i.
 *
 *   sizes name value        counts of the header and of the library
 *   x i value               the point
 *   b i lower upper         bounds of variable i;  r i lower upper: sides of constraint i
 *   v i variable            constraint i complements this variable
 *   f k sense value         objective k, 1 when it is maximised;  g k i value: its gradient
 *   c i value               constraint i;  j i k value: an entry of the Jacobian
 *   h i k value             an entry of the upper triangle of the Hessian of the Lagrangian, i <= k
 */
#include "asl_pfgh.h"
#undef printf

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: nl_values model.nl [shift [first]]\n");
        return 2;
    }
    double shift = argc > 2 ? atof(argv[2]) : 0.0;
    int first = argc > 3;
    ASL *asl = ASL_alloc(first ? ASL_read_fg : ASL_read_pfgh);
    return_nofile = 1;
    FILE *nl = jac0dim(argv[1], (fint)strlen(argv[1]));
    if (!nl) {
        fprintf(stderr, "cannot read %s\n", argv[1]);
        return 1;
    }
    want_xpi0 = 5; /* the start, and which variables have one */
    int failed = first ? fg_read(nl, ASL_return_read_err) : pfgh_read(nl, ASL_return_read_err | ASL_findgroups);
    if (failed) {
        fprintf(stderr, "%s: the library refuses it (%d)\n", argv[1], failed);
        return 1;
    }
    printf("sizes variables %d\nsizes constraints %d\nsizes objectives %d\nsizes ranges %d\nsizes equations %d\n", n_var, n_con, n_obj, nranges, n_eqn);
    printf("sizes nlc %d\nsizes nlo %d\nsizes nlvc %d\nsizes nlvo %d\nsizes nlvb %d\n", nlc, nlo, nlvc, nlvo, nlvb);
    printf("sizes nbv %d\nsizes niv %d\nsizes nlvbi %d\nsizes nlvci %d\nsizes nlvoi %d\n", nbv, niv, nlvbi, nlvci, nlvoi);
    printf("sizes comb %d\nsizes comc %d\nsizes como %d\nsizes comc1 %d\nsizes como1 %d\nsizes complements %d\n", comb, comc, como, comc1, como1, n_cc);
    printf("sizes jacobian %d\nsizes gradients %d\n", (int)nzc, (int)nzo);

    real *x = (real *)Malloc(n_var * sizeof(real)), *g = (real *)Malloc(n_var * sizeof(real));
    for (int i = 0; i < n_var; i++) {
        x[i] = X0 && havex0[i] ? X0[i] : 0.0;
        if (LUv[2 * i] < LUv[2 * i + 1]) x[i] += shift * (1 + i % 7) / 8.0;
        printf("x %d %.17g\nb %d %.17g %.17g\n", i, x[i], i, LUv[2 * i], LUv[2 * i + 1]);
    }
    fint error = 0;
    for (int k = 0; k < n_obj; k++) {
        real f = objval(k, x, &error);
        if (error) break;
        printf("f %d %d %.17g\n", k, objtype[k], f);
        objgrd(k, x, g, &error);
        if (error) break;
        for (int i = 0; i < n_var; i++)
            if (g[i] != 0.0) printf("g %d %d %.17g\n", k, i, g[i]);
    }
    if (n_con > 0 && !error) {
        real *c = (real *)Malloc(n_con * sizeof(real)), *J = (real *)Malloc((nzc + 1) * sizeof(real));
        conval(x, c, &error);
        if (!error) jacval(x, J, &error);
        for (int i = 0; i < n_con && !error; i++) {
            printf("c %d %.17g\nr %d %.17g %.17g\n", i, c[i], i, LUrhs[2 * i], LUrhs[2 * i + 1]);
            if (n_cc > 0 && cvar[i] > 0) printf("v %d %d\n", i, cvar[i] - 1);
            for (cgrad *e = Cgrad[i]; e; e = e->next) printf("j %d %d %.17g\n", i, e->varno, J[e->goff]);
        }
    }
    if (error) {
        printf("error\n");
        return 0;
    }
    if (first) return 0;
    fint count = sphsetup(-1, n_obj > 0, n_con > 0, 1);
    real *H = (real *)Malloc((count + 1) * sizeof(real)), *w = (real *)Malloc((n_obj + 1) * sizeof(real)), *y = (real *)Malloc((n_con + 1) * sizeof(real));
    for (int k = 0; k < n_obj; k++) w[k] = k == 0;
    for (int i = 0; i < n_con; i++) y[i] = 1.0 + (i % 7) / 8.0;
    sphes(H, -1, n_obj ? w : 0, n_con ? y : 0);
    for (int k = 0; k < n_var; k++)
        for (fint e = sputinfo->hcolstarts[k]; e < sputinfo->hcolstarts[k + 1]; e++)
            printf("h %d %d %.17g\n", (int)sputinfo->hrownos[e], k, H[e]);
    return 0;
}
