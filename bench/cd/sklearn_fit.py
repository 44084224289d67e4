"""sklearn_fit.py DATA OUT LOSS L1RATIO TOL LAMBDA…: processor seconds of scikit-learn along the lambdas, each from the last answer
where the estimator can start from one (liblinear, the fastest of its solvers here, cannot)."""

import sys
import time
import warnings
from pathlib import Path

import numpy as np
import scipy.sparse as sp
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression

warnings.simplefilter("ignore")
folder, out, kind, ratio, tol = Path(sys.argv[1]), sys.argv[2], sys.argv[3], float(sys.argv[4]), float(sys.argv[5])
lambdas = [float(v) for v in sys.argv[6:]]
n, p = np.fromfile(folder / "shape.bin", np.int32)
y = np.fromfile(folder / "y.bin")
if (folder / "starts.bin").exists():
    x = sp.csc_matrix((np.fromfile(folder / "values.bin"), np.fromfile(folder / "rows.bin", np.int32), np.fromfile(folder / "starts.bin", np.int32)), shape=(n, p))
else:
    x = np.fromfile(folder / "x.bin").reshape((n, p), order="F")
found = []
start = time.process_time()
if kind == "ls":
    settings = {"fit_intercept": False, "tol": tol, "max_iter": 100000, "warm_start": True}
    model = Lasso(**settings) if ratio == 1 else ElasticNet(l1_ratio=ratio, **settings)
    for value in lambdas:
        model.set_params(alpha=value)
        found.append(model.fit(x, y).coef_.copy())
else:
    for value in lambdas:
        model = LogisticRegression(penalty="l1", solver="liblinear", C=1 / (value * n), tol=tol, fit_intercept=False, max_iter=100000, random_state=1)
        found.append(model.fit(x, y).coef_.ravel().copy())
print("seconds", time.process_time() - start)
np.array(found).tofile(out)
