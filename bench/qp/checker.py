"""Judges an answer to a quadratic program from the file alone.

Has its own reading of QPS files and its own arithmetic (every inner product is summed exactly, by math.fsum), and shares nothing with the
solver that it judges. The program is

    minimise 1/2 x'Qx + c'x + c0    subject to    lo <= Ax <= up,    lb <= x <= ub;

the multipliers y of the rows and z of the bounds have the signs of docs/conventions.md: Qx + c - A'y - z = 0, positive at a lower side.

Absolute measures, those of the public benchmark of QP solvers on this collection (qpbenchmark):

    primal   largest violation of a row or bound
    dual     largest |Qx + c - A'y - z|, or multiplier of a side that does not exist
    gap      |x'Qx + c'x - sum(y side) - sum(z side)|, sides lower or upper by the sign of the multiplier

Relative ones: every violation over max(1, |its side|); the dual residual over max(1, |Qx + c|, |A'y|, |z|), all maximum norms;
the gap over max(1, |primal objective|, |dual objective|), without c0.
"""

import gzip
import math
from collections import defaultdict

INF = math.inf


class Program:
    def __init__(self, path):
        self.kinds, self.rows, self.columns = {}, [], []
        self.cost, self.entries = defaultdict(float), defaultdict(dict)
        self.rhs, self.ranges, self.constant = defaultdict(float), {}, 0.0
        self.lower, self.upper, self.quadratic = {}, {}, {}
        self.objective = None
        opener = gzip.open if str(path).endswith(".gz") else open
        with opener(path, "rt") as text:
            self._read(text)

    def _read(self, text):
        section = None
        for line in text:
            if not line.strip() or line[0] == "*":
                continue
            if not line[0].isspace():
                section = line.split()[0]
                if section == "ENDATA":
                    return
                continue
            getattr(self, "_" + section.lower())(line.split())

    def _rows(self, f):
        kind, name = f
        if kind == "N":
            self.objective = self.objective or name
        else:
            self.rows.append(name)
        self.kinds[name] = kind

    def _columns(self, f):
        if f[0] not in self.lower:
            self.columns.append(f[0])
            self.lower[f[0]], self.upper[f[0]] = 0.0, INF
        for row, value in zip(f[1::2], f[2::2]):
            if row == self.objective:
                self.cost[f[0]] = float(value)
            elif self.kinds[row] != "N":
                self.entries[row][f[0]] = float(value)

    def _pairs(self, f):
        f = f[1:] if len(f) % 2 else f
        return zip(f[0::2], map(float, f[1::2]))

    def _rhs(self, f):
        for row, value in self._pairs(f):
            if row == self.objective:
                self.constant = -value
            else:
                self.rhs[row] = value

    def _ranges(self, f):
        for row, value in self._pairs(f):
            self.ranges[row] = value

    def _bounds(self, f):
        kind = f[0]
        name = f[2] if len(f) > 2 and f[2] in self.lower else f[1]
        value = float(f[-1]) if kind in ("UP", "LO", "FX") else None
        if kind in ("LO", "FX"):
            self.lower[name] = value if value > -1e20 else -INF
        if kind in ("UP", "FX"):
            self.upper[name] = value if value < 1e20 else INF
            if kind == "UP" and value < 0 and self.lower[name] == 0.0:
                self.lower[name] = -INF
        if kind in ("FR", "MI"):
            self.lower[name] = -INF
        if kind in ("FR", "PL"):
            self.upper[name] = INF

    def _quadobj(self, f):
        for other, value in zip(f[1::2], f[2::2]):
            self.quadratic[(f[0], other)] = float(value)

    def sides(self, row):
        b, kind = self.rhs[row], self.kinds[row]
        if row in self.ranges:
            r = self.ranges[row]
            if kind == "E":
                return (b, b + r) if r >= 0 else (b + r, b)
            return (b - abs(r), b) if kind == "L" else (b, b + abs(r))
        return {"E": (b, b), "L": (-INF, b), "G": (b, INF)}[kind]


def judge(program, x, y, z):
    """Objective and residuals of x (by column), y (by row), z (by column, absent for zero)."""
    qx = defaultdict(list)
    for (i, j), value in program.quadratic.items():
        qx[i].append(value * x[j])
        if i != j:
            qx[j].append(value * x[i])
    aty = defaultdict(list)
    primal = primal_relative = dual = 0.0
    support, scale = [], 1.0

    def side(value, multiplier, low, high):
        nonlocal primal, primal_relative, dual
        violation = max(0.0, low - value, value - high)
        primal = max(primal, violation)
        reference = low if value < low else high
        primal_relative = max(primal_relative, violation / max(1.0, abs(reference)) if violation else 0.0)
        if multiplier:
            at = low if multiplier > 0 else high
            if math.isinf(at):
                dual = max(dual, abs(multiplier))
            else:
                support.append(multiplier * at)

    for row in program.rows:
        entries = program.entries[row]
        value = math.fsum(a * x[j] for j, a in entries.items())
        side(value, y[row], *program.sides(row))
        for j, a in entries.items():
            aty[j].append(a * y[row])
    curvature, linear = [], []
    for j in program.columns:
        gradient = math.fsum(qx[j]) + program.cost[j]
        pull = math.fsum(aty[j])
        multiplier = z.get(j, 0.0)
        dual = max(dual, abs(math.fsum(qx[j] + [program.cost[j]] + [-v for v in aty[j]] + [-multiplier])))
        scale = max(scale, abs(gradient), abs(pull), abs(multiplier))
        side(x[j], multiplier, program.lower[j], program.upper[j])
        curvature.append(x[j] * math.fsum(qx[j]))
        linear.append(program.cost[j] * x[j])
    xqx, cx, s = math.fsum(curvature), math.fsum(linear), math.fsum(support)
    gap = abs(math.fsum([xqx, cx, -s]))
    objective, dual_objective = 0.5 * xqx + cx, s - 0.5 * xqx
    return {
        "objective": objective + program.constant,
        "absolute": {"primal": primal, "dual": dual, "gap": gap},
        "relative": {"primal": primal_relative, "dual": dual / scale, "gap": gap / max(1.0, abs(objective), abs(dual_objective))},
    }
