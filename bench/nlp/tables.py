"""The report: ratios first, then what they rest on."""

import datetime
import math
import os
import re
import subprocess

from cases import CORE, is_core
from contest import IPOPT_OPTIONS, LOOSE, TOLERANCE

SOLVERS = {"optc": "optc", "ipopt": "Ipopt"}
LARGE = 10**4
WORSE = 1e-6
SLOWER = 2.0


def table(header, rows):
    if not rows:
        return "None."
    lines = ["| " + " | ".join(header) + " |", "|---|" + "---:|" * (len(header) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value, digits=3):
    """Three digits that count."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    places = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{places}f}" if places < 7 else f"{value:.1e}"


def residual(value):
    return "nan" if value is None else f"{value:.1e}"


def shifted_mean(values, shift):
    """Shifted geometric mean."""
    return math.exp(sum(math.log(v + shift) for v in values) / len(values)) - shift if values else math.nan


def line(report):
    """One case as it is done."""
    if report["excluded"]:
        return f"{report['name']}: excluded, {report['excluded']}"
    parts = [f"{SOLVERS[s]} {report[s]['status']} {report[s]['residual']:.0e} {report[s]['iterations']} it {1e3 * report[s]['seconds']:.2f} ms" for s in SOLVERS]
    return f"{report['name']} (n = {report['variables']}, m = {report['constraints']}): {'; '.join(parts)}"


def internal_difference(report):
    """How much worse optc's objective is than Ipopt's, relative; negative when it is better; None when a point is not feasible."""
    values = [report[s]["objective"] for s in SOLVERS]
    if any(v is None for v in values) or any(not (report[s]["residuals"]["feasibility"] or 0.0) <= LOOSE for s in SOLVERS):
        return None
    return (values[0] - values[1]) / max(1.0, abs(values[0]), abs(values[1]))


def summary(reports):
    """Counts and ratios of shifted means."""
    rows = []
    for what, count in [(f"solved, residuals ≤ {TOLERANCE:g}", lambda r, s: r[s]["solved"]),
                        (f"solved, residuals ≤ {LOOSE:g}", lambda r, s: r[s]["solved_loosely"]),
                        ("says that it solved", lambda r, s: r[s]["status"] == "Solved"),
                        (f"says so, but residuals > {TOLERANCE:g}", lambda r, s: r[s]["status"] == "Solved" and not r[s]["solved"])]:
        rows.append([what, *[str(sum(count(r, s) for r in reports)) for s in SOLVERS], str(len(reports))])
    differences = [d for d in map(internal_difference, reports) if d is not None]
    rows.append([f"objective worse than the other's by more than {WORSE:g} relative", str(sum(d > WORSE for d in differences)), str(sum(d < -WORSE for d in differences)), str(len(differences))])
    known = [r for r in reports if r["expected"]]
    if known:
        rows.append(["known optimum reached", *[str(sum(r[s]["reached"] for r in known)) for s in SOLVERS], str(len(known))])
    return table(["", *SOLVERS.values(), "of"], rows)


def means(reports):
    both = [r for r in reports if all(r[s]["solved"] for s in SOLVERS)]
    rows = []
    for what, quantity, shift, unit in [
            ("solve, hot, ms", lambda s: s["seconds"], 0.01, 1e3),
            ("first solve in a fresh process, ms", lambda s: s["fresh"], 0.01, 1e3),
            ("whole process, ms", lambda s: s["process"], 0.01, 1e3),
            ("iterations", lambda s: s["iterations"], 10, 1),
            *[(f"evaluations: {name}", lambda s, n=name: s["evaluations"][n], 10, 1) for name in ("objective", "gradient", "constraints", "jacobian", "hessian")]]:
        # Neither has constraints to evaluate where there are none.
        counted = [r for r in both if r["constraints"] > 0] if "constraints" in what or "jacobian" in what else both
        own, other = (unit * shifted_mean([quantity(r[s]) for r in counted], shift) for s in SOLVERS)
        rows.append([what, number(own / other), number(own), number(other), str(len(counted))])
    return table(["shifted geometric means", "optc / Ipopt", "optc", "Ipopt", "cases"], rows)


def details(report, solver):
    s = report[solver]
    r = s["residuals"]
    return [s["status"], residual(r["stationarity"]), residual(r["feasibility"]), residual(r["complementarity"]), str(s["iterations"]), number(s["seconds"])]


def failures(reports):
    rows = []
    for report in reports:
        for solver, name in SOLVERS.items():
            if not report[solver]["solved"]:
                other = next(s for s in SOLVERS if s != solver)
                rows.append([report["name"], str(report["variables"]), name, *details(report, solver), "yes" if report[other]["solved"] else "no"])
    return table(["case", "n", "not solved by", "its status", "stationarity", "feasibility", "complementarity", "iterations", "s", "the other solves it"], rows)


def different(reports):
    rows = []
    for report in reports:
        d = internal_difference(report)
        if d is not None and abs(d) > WORSE:
            sense = -1 if report["maximised"] else 1
            rows.append([report["name"], "optc" if d > 0 else "Ipopt", f"{abs(d):.1e}", *[f"{sense * report[s]['objective']:.8g}" for s in SOLVERS],
                         *["yes" if report[s]["solved"] else "no" for s in SOLVERS]])
    return table(["case", "worse", "by, relative", "objective of optc", "of Ipopt", "optc solved", "Ipopt solved"], rows)


def expectations(reports):
    rows = [[r["name"], ", ".join(f"{v:g} ± {t:g}" for v, t in r["expected"]), *[number_or_none(r, s) for s in SOLVERS]]
            for r in reports if r["expected"] and not all(r[s]["reached"] for s in SOLVERS)]
    return table(["case", "known optimum", "optc", "Ipopt"], rows)


def number_or_none(report, solver):
    s = report[solver]
    value = s["objective"]
    text = "–" if value is None else f"{(-1 if report['maximised'] else 1) * value:.8g}"
    return f"{text} ({'reached' if s['reached'] else 'not reached' if s['solved_loosely'] else 'not solved'})"


def slow(reports):
    found = [(r["optc"]["seconds"] / r["ipopt"]["seconds"], r) for r in reports if r["optc"]["solved"] and r["ipopt"]["solved"]]
    rows = [[r["name"], number(ratio), str(r["variables"]), *[str(r[s]["iterations"]) for s in SOLVERS], *[number(r[s]["seconds"]) for s in SOLVERS]]
            for ratio, r in sorted(found, key=lambda f: -f[0]) if ratio > SLOWER]
    return table(["case", "optc / Ipopt, time", "n", "iterations optc", "Ipopt", "s optc", "Ipopt"], rows)


def everything(reports):
    rows = [[r["name"], number(r["optc"]["seconds"] / r["ipopt"]["seconds"]), str(r["variables"]), str(r["constraints"]),
             *[("" if r[s]["solved"] else "✗ ") + residual(r[s]["residual"]) for s in SOLVERS], *[str(r[s]["iterations"]) for s in SOLVERS],
             *[number(1e3 * r[s]["seconds"]) for s in SOLVERS]] for r in reports]
    return table(["case", "time, optc / Ipopt", "n", "m", "residual optc", "Ipopt", "iterations optc", "Ipopt", "ms optc", "Ipopt"], rows)


def machine():
    def first(command, pattern):
        try:
            found = re.search(pattern, subprocess.run(command, capture_output=True, text=True).stdout)
        except FileNotFoundError:
            found = None
        return found.group(1).strip() if found else "unknown"

    packages = ", ".join(f"{p} {first(['dpkg-query', '-W', p], chr(9) + '(.*)')}" for p in ["coinor-libipopt1v5", "libmumps-seq-5.5", "libblas3", "libamplsolver0"])
    return (f"{first(['lscpu'], r'Model name:(.*)')}, {os.cpu_count()} cores, of which one was used; .NET SDK {first(['dotnet', '--version'], r'(.*)')}, "
            f"gcc {first(['gcc', '--version'], r'([0-9.]+)' + chr(10))}; Debian's {packages}; {datetime.date.today()}")


def limits(reports):
    """The limit of most cases, and which have another."""
    found = {}
    for r in reports:
        found.setdefault(r["time_limit"], []).append(r["name"])
    usual = max(found, key=lambda limit: len(found[limit]), default=math.nan)
    others = [f"{limit:g} s: {', '.join(names)}" for limit, names in found.items() if limit != usual]
    return f"{usual:g} s" + (f" ({'; '.join(others)})" if others else "")


def document(reports, options, tried, faults, picture):
    excluded = [[r["name"], r["excluded"]] for r in reports if r["excluded"]]
    compared = [r for r in reports if not r["excluded"]]
    large = [r for r in compared if r["variables"] >= 0.9 * LARGE]
    parts = ["# Nonlinear programs: optc's augmented Lagrangian method and Ipopt",
             f"By `bench/nlp/run`: {machine()}. Time limit {limits(compared)}, 3000 iterations, tolerance 1e-8; Ipopt with "
             f"`{' '.join([*IPOPT_OPTIONS, *options.ipopt])}`. Times are processor seconds of a solve alone, medians of repeats in a process whose "
             "code is hot, without reading and compiling. Whether a case is solved is said by the independent checker, not by the solvers: "
             "bench/nlp/README.md has the rules.",
             *([options.note] if options.note else []),
             "## Summary", summary(compared), means(compared)]
    parts.append("Means are over the cases that both solve. Shifts: 10 ms, 10 iterations, 10 evaluations; where there are no constraints, their evaluations are not counted. The first solve "
                 "in a fresh process contains optc's just-in-time compilation; the whole process also reading and, for optc, compiling the model and auditing the answer, for Ipopt reading the .nl file, "
                 "not its export.")
    core = [r for r in compared if is_core(r["name"])]
    if core and len(core) < len(compared):
        parts += ["## The core: " + ", ".join(CORE) + " at their own sizes, and the sparse ones at every size", summary(core), means(core)]
    if large:
        parts += [f"## n ≥ {LARGE} or nearly so", summary(large), means(large)]
    if picture:
        parts += ["## Performance profile", f"![fraction of cases within a factor of the better solver]({picture.name})",
                  "Over all cases that one of them solves; a solver that does not solve a case never reaches it."]
    parts += ["## Not solved", failures(compared), f"## Different objectives (by more than {WORSE:g} relative, both points feasible to {LOOSE:g})", different(compared),
              "## Known optima not reached by both", expectations(compared), f"## optc more than {SLOWER:g} times slower", slow(compared),
              "## All cases", everything(compared), "## Excluded", table(["case", "reason"], excluded)]
    parts.append(f"The checker was tried on: {', '.join(tried)} of hs071; it accepts the first only. Load of the machine at the end: {os.getloadavg()[0]:.1f}.")
    if faults:
        parts += ["## Faults", "\n".join(f"- {f}" for f in faults)]
    return "\n\n".join(parts) + "\n"
