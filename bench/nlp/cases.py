"""What is compared: the models of the repository, and those with a size at several sizes."""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# The core of the comparison: collections with known answers, and the sparse ones at every size.
CORE = ["hs", "sparse", "data", "language"]
FOLDERS = [*CORE, "regression"]
SIZES = [10**3, 10**4, 10**5]


@dataclass
class Case:
    """One model at one size; `size` is the number of variables asked for, None for the model's own."""

    name: str
    file: Path
    settings: dict = field(default_factory=dict)
    size: int | None = None
    excluded: str = ""

    @property
    def is_default(self):
        """Whether the settings are the model's own."""
        text = self.file.read_text()
        return not self.file.is_relative_to(ROOT / "bench") and all(re.search(rf"param {name}\b[^;]*default {value};", text) for name, value in self.settings.items())

    @property
    def expectations(self):
        """Statements `expect NAME = value within tolerance`; they hold for the model's own size only."""
        number = r"(-?[0-9.]+(?:[eE][-+]?[0-9]+)?)"
        return [] if self.size else [(name, float(value), float(tolerance)) for name, value, tolerance in
                                     re.findall(rf"^expect (\w+) = {number} within {number};", self.file.read_text(), re.M)]


def grid(size):
    """nx by ny interior points, nx twice ny."""
    ny = round(math.sqrt(size / 2))
    return {"nx": 2 * ny, "ny": ny}


def parts(variables):
    """A parameter n with so many variables to each of its steps."""
    return lambda size: {"n": max(4, size // variables)}


# How to give each model about `size` variables, and the largest size that makes sense.
GROWING = {
    "tests/models/sparse/chained_rosenbrock": (parts(1), 10**5),
    "tests/models/sparse/woods": (lambda size: {"n": size // 4 * 4}, 10**5),
    "tests/models/sparse/engval1": (parts(1), 10**5),
    "tests/models/sparse/cragglvy": (parts(1), 10**5),
    "tests/models/sparse/dixmaana": (lambda size: {"m": size // 3}, 10**5),
    "tests/models/sparse/morebv": (parts(1), 10**5),
    "tests/models/sparse/lv02": (parts(1), 10**5),
    "tests/models/sparse/lv04": (parts(1), 10**5),
    "tests/models/sparse/bearing": (grid, 10**5),
    "tests/models/sparse/torsion": (grid, 10**5),
    "tests/models/sparse/minsurf": (grid, 10**5),
    "tests/models/sparse/clnlbeam": (parts(3), 10**5),
    "tests/models/sparse/rocket": (parts(4), 10**5),
    "tests/models/sparse/steering": (parts(5), 10**5),
    "tests/models/sparse/robotarm": (parts(9), 10**5),
    "tests/models/sparse/camshape": (parts(1), 10**5),
    # Dense: Hessians or constraints grow with the square.
    "tests/models/sparse/elec": (parts(3), 10**3),
    "tests/models/sparse/trigonometric": (parts(1), 10**3),
    "bench/models/luksan_vlcek": (parts(1), 10**5),
    "bench/models/control": (parts(1), 10**5),
    # Angle and voltage of every bus, two powers at every fourth.
    "bench/models/power_flow": (lambda size: {"n": size * 2 // 5}, 10**5),
}
NOT_GROWN = {
    "tests/models/sparse/polygon": "n(n − 1)/2 constraints: its own size only",
    "bench/models/chained_rosenbrock": "the one of tests/models/sparse from another start",
}


def is_core(name):
    """Whether the case of this name belongs to the core: the rest are regressions beyond what doubles resolve, and models made to measure evaluation."""
    return name.partition("/")[0] in CORE


def size_of(text):
    """`1000`, `1e4` or `10^5`."""
    return int(float(text.replace("^", "**").replace("10**", "1e")))


def cases(pattern, sizes):
    """All cases whose name contains a match of the pattern, in order."""
    found = [Case(f"{folder}/{file.stem}", file) for folder in FOLDERS for file in sorted((ROOT / "tests/models" / folder).glob("*.opt"))]
    for model, (settings, largest) in GROWING.items():
        for size in sizes:
            name = f"{Path(model).parent.name if model.startswith('tests') else 'bench'}/{Path(model).name} {size}"
            case = Case(name, ROOT / f"{model}.opt", settings(size), size)
            if case.is_default:
                continue
            if size > largest:
                case.excluded = f"dense: at most {largest} variables"
            found.append(case)
    if sizes:
        found += [Case(f"growing {Path(model).name}", ROOT / f"{model}.opt", excluded=reason) for model, reason in NOT_GROWN.items()]
    return [case for case in found if re.search(pattern, case.name)]
