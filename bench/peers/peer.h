/* What a hand-written peer offers: the functions a solver calls, on the layout Optc uses. The Jacobian is CSR with
 * ascending columns, the Hessian of sigma f + sum w_i c_i the lower triangle as CSC with ascending rows, diagonal first. */
#ifndef PEER_H
#define PEER_H

struct peer {
    const char *name;
    /* variables, constraints, Jacobian entries, Hessian entries for the model's parameter n */
    void (*sizes)(int n, int sizes[4]);
    void (*pattern)(int n, int *row_starts, int *columns, int *column_starts, int *rows);
    double (*objective)(int n, const double *x);
    void (*gradient)(int n, const double *x, double *g);
    void (*constraints)(int n, const double *x, double *c);
    void (*jacobian)(int n, const double *x, double *values);
    void (*hessian)(int n, const double *x, double sigma, const double *w, double *values);
};

extern const struct peer rosenbrock_peer, luksan_vlcek_peer, luksan_vlcek_identity_peer, control_peer, hs071_peer;

/* Elements a block: its buffers stay in the first-level cache. */
enum { BLOCK = 512 };

static inline int min_int(int a, int b) { return a < b ? a : b; }
static inline int max_int(int a, int b) { return a > b ? a : b; }

/* One transcendental a loop: gcc turns each into calls of libmvec's vector functions. */
#define MAP(name, function)                                                                  \
    static inline void name(int count, const double *restrict in, double *restrict out) {    \
        for (int i = 0; i < count; i++) out[i] = function(in[i]);                             \
    }

#endif
