"""Seeded regression and classification data, written as flat binary files that every contestant reads."""

import numpy as np
import scipy.sparse as sp


def labels(x, truth, rng, kind):
    """Standardised responses (mean square 1, as glmnet's elastic net assumes) or labels ±1."""
    signal = x @ truth
    noise = rng.standard_normal(x.shape[0])
    y = signal + noise * np.linalg.norm(signal) / np.linalg.norm(noise) / 3.0
    if kind == "logistic":
        return np.where(y > np.median(y), 1.0, -1.0)
    return y / np.sqrt(np.mean(y * y))


def dense(n, p, correlation, seed):
    """Normal entries; neighbouring columns have the given correlation (an autoregressive process along the columns)."""
    rng = np.random.default_rng(seed)
    x = np.asfortranarray(rng.standard_normal((n, p)))
    if correlation:
        for j in range(1, p):
            x[:, j] = correlation * x[:, j - 1] + np.sqrt(1 - correlation**2) * x[:, j]
    return x, truth(p, 100, rng), rng


def sparse(n, p, density, seed):
    """Normal entries at random places."""
    rng = np.random.default_rng(seed)
    count = int(n * p * density)
    x = sp.csc_matrix((rng.standard_normal(count), (rng.integers(0, n, count), rng.integers(0, p, count))), shape=(n, p))
    x.sum_duplicates()
    x.sort_indices()
    return x, truth(p, 1000, rng), rng


def truth(p, count, rng):
    b = np.zeros(p)
    b[rng.choice(p, min(count, p), replace=False)] = rng.standard_normal(min(count, p))
    return b


def write(folder, x, y):
    folder.mkdir(parents=True, exist_ok=True)
    np.array(x.shape, dtype=np.int32).tofile(folder / "shape.bin")
    y.astype(np.float64).tofile(folder / "y.bin")
    if sp.issparse(x):
        x.indptr.astype(np.int32).tofile(folder / "starts.bin")
        x.indices.astype(np.int32).tofile(folder / "rows.bin")
        x.data.astype(np.float64).tofile(folder / "values.bin")
    else:
        np.asfortranarray(x).ravel(order="F").tofile(folder / "x.bin")
