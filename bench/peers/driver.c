/* Calls a peer many times at moving points, so that one call from outside times a batch. A file of its own: with the calls
 * behind pointers gcc cannot keep a result from one call to the next. */
#include <string.h>
#include "peer.h"

const struct peer *peer_find(const char *name) {
    static const struct peer *const all[] = {&rosenbrock_peer, &luksan_vlcek_peer, &luksan_vlcek_identity_peer, &control_peer, &hs071_peer};
    for (unsigned i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, name)) return all[i];
    return 0;
}

void peer_sizes(const struct peer *peer, int n, int sizes[4]) { peer->sizes(n, sizes); }

void peer_pattern(const struct peer *peer, int n, int *row_starts, int *columns, int *column_starts, int *rows) {
    peer->pattern(n, row_starts, columns, column_starts, rows);
}

/* quantity: 0 objective, 1 gradient, 2 constraints, 3 Jacobian, 4 Hessian, 5 all of them in turn at each point. The points
 * stand one behind another, `stride` apart. Outputs as in peer.h; the objective goes to f[0]. */
void peer_run(const struct peer *peer, int quantity, int n, const double *points, long stride, int point_count, long calls,
              double sigma, const double *w, double *f, double *g, double *c, double *j, double *h) {
    double sum = 0;
    for (long k = 0; k < calls; k++) {
        const double *x = points + stride * (k % point_count);
        if (quantity == 0 || quantity == 5) sum += f[0] = peer->objective(n, x);
        if (quantity == 1 || quantity == 5) peer->gradient(n, x, g);
        if (quantity == 2 || quantity == 5) peer->constraints(n, x, c);
        if (quantity == 3 || quantity == 5) peer->jacobian(n, x, j);
        if (quantity == 4 || quantity == 5) peer->hessian(n, x, sigma, w, h);
    }
    f[1] = sum;
}
