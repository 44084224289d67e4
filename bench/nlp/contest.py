"""Runs both solvers on one case and has the checker judge their points."""

import json
import math
import os
import resource
import subprocess
import sys
from array import array
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "bench/peers/bin"
OPTC = Path(os.environ.get("OPTC", ROOT / "src/Optc/bin/Release/net10.0/optc"))
HARNESS = ROOT / "bench/nlp/bin/Release/net10.0/nlp.dll"
TOLERANCE = 1e-8
LOOSE = 1e-6
MAX_ITERATIONS = 3000
# What Ipopt is given; README.md says why.
IPOPT_OPTIONS = ["tol=1e-8", "constr_viol_tol=1e-8", "compl_inf_tol=1e-8", "dual_inf_tol=1e-6", "bound_relax_factor=0", "acceptable_iter=0", f"max_iter={MAX_ITERATIONS}"]
# optc's limit is one of the clock, on which other programs count too; Ipopt's is processor time. So optc gets more of the clock, and whoever
# took more processor time than the limit has not solved.
CLOCK_SLACK = 2.0
# Seconds of the clock after that.
KILL_AFTER = 15.0
KILLED = -9
NO_EVALUATIONS = {name: 0 for name in ("objective", "gradient", "constraints", "jacobian", "hessian")}
KINKS = "auxiliary variables stand for"


class Faulty(Exception):
    """The comparison could not be made, for a reason that is not a solver's."""


def names(file):
    """Without the quotes of subscripts, which the answer leaves out."""
    return [line.replace("'", "") for line in file.read_text().splitlines()] if file.exists() else []


def largest(residuals):
    """Infinity for a residual that is not a number."""
    values = [residuals[name] for name in ("stationarity", "feasibility", "complementarity")]
    return math.inf if any(v is None for v in values) else max(values)


class Contest:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.pinned = ["taskset", "-c", str(options.core)]
        self.harness = None

    def close(self):
        if self.harness:
            self.harness.stdin.close()
            self.harness.wait()

    def case(self, case):
        """A report, or one with the reason for which the case is excluded."""
        report = {"name": case.name, "size": case.size, "file": str(case.file.relative_to(ROOT)), "settings": case.settings, "excluded": case.excluded,
                  "time_limit": self.options.time_limit}
        if case.excluded:
            return report
        settings = [word for name, value in case.settings.items() for word in ("--set", f"{name}={value}")]
        nl = self.folder / "model.nl"
        export = self.run([OPTC, "export", case.file, *settings, "--binary", "--quiet", "-o", nl])
        if export.returncode != 0:
            report["excluded"] = f"no .nl file: {export.stderr.strip().partition('error: ')[2].partition(chr(10))[0] or export.returncode}"
            return report
        columns, rows = names(nl.with_suffix(".col")), names(nl.with_suffix(".row"))
        own, answer = self.optc(case, settings)
        if answer and any(KINKS in note for note in answer.get("notes", [])):
            report["excluded"] = "kinks: optc solves an exact epigraph, the file has max, min or abs"
            return report
        # Behind the constraints' names stand those of objectives, of which each model here has one at most.
        ipopt = self.ipopt(nl, len(columns), max(0, len(rows) - 1))
        if len(columns) != ipopt["variables"]:
            raise Faulty(f"{case.name}: {len(columns)} names of {ipopt['variables']} variables")
        own.update(self.hot(case, own))
        rows = rows[:ipopt["constraints"]]
        if answer:
            self.write_point(answer, columns, rows)
        else:
            (self.folder / "optc.bin").unlink(missing_ok=True)
        is_maximised = bool(answer) and answer.get("sense") == "maximize"
        report.update(variables=ipopt["variables"], constraints=ipopt["constraints"], maximised=is_maximised, optc=own, ipopt=ipopt)
        for solver, point in (("optc", "optc.bin"), ("ipopt", "ipopt.bin")):
            report[solver].update(self.judge(nl, self.folder / point))
            if report[solver]["seconds"] > self.options.time_limit:
                status = report[solver]["status"]
                report[solver].update(status=status if status == "Killed" else "TimeLimit", solved=False, solved_loosely=False)
        sense = -1 if report["maximised"] else 1
        report["expected"] = [(value, tolerance) for name, value, tolerance in case.expectations if answer and name == answer.get("objectiveName")]
        for solver in ("optc", "ipopt"):
            f = report[solver]["objective"]
            report[solver]["reached"] = f is not None and report[solver]["solved_loosely"] and all(abs(sense * f - value) <= tolerance for value, tolerance in report["expected"])
        return report

    def run(self, command):
        """A finished process, with the processor seconds that it took as `seconds`; one that does not end long after the limit is killed."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [*self.pinned, *map(str, command)]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=CLOCK_SLACK * self.options.time_limit + KILL_AFTER)
        except subprocess.TimeoutExpired:
            done = subprocess.CompletedProcess(command, KILLED, "", "killed")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        done.seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return done

    def optc(self, case, settings):
        """The solve as a user starts it: status, point, seconds of the process."""
        done = self.run([OPTC, "solve", case.file, *settings, "--format", "json", "--quiet", "--time-limit", CLOCK_SLACK * self.options.time_limit,
                         "--option", f"tolerance={TOLERANCE}", "--option", f"max_inner={MAX_ITERATIONS}"])
        if done.returncode == KILLED:
            return {"status": "Killed", "message": "did not end at its time limit", "iterations": 0, "evaluations": NO_EVALUATIONS, "process": done.seconds, "fresh": done.seconds}, None
        try:
            answer = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Faulty(f"{case.name}: optc ended with {done.returncode}: {done.stderr.strip()[-500:]}") from None
        if "variables" not in answer:
            raise Faulty(f"{case.name}: optc says {answer['status']}: {done.stderr.strip()[-500:]}")
        own = {"status": answer["status"], "message": answer["message"], "iterations": answer["iterations"]["inner"], "evaluations": answer["evaluations"],
               "process": done.seconds, "fresh": min(done.seconds, answer["seconds"]["solve"])}
        return own, answer

    def hot(self, case, own):
        """Solve seconds in a process whose methods are compiled; those of the fresh process where the time ran out."""
        if own["status"] in ("TimeLimit", "Killed"):
            return {"seconds": own["fresh"], "first": own["fresh"], "runs": 1}
        if self.harness is None:
            self.harness = subprocess.Popen([*self.pinned, "dotnet", HARNESS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        request = {"model": str(case.file), "settings": {name: str(value) for name, value in case.settings.items()}, "tolerance": TOLERANCE,
                   "maxIterations": MAX_ITERATIONS, "timeLimit": CLOCK_SLACK * self.options.time_limit, "repeats": self.options.repeats, "budget": self.options.budget}
        self.harness.stdin.write(json.dumps(request) + "\n")
        self.harness.stdin.flush()
        answer = json.loads(self.harness.stdout.readline() or '{"error": "the harness ended"}')
        if "error" in answer:
            self.harness = None
            raise Faulty(f"{case.name}: {answer['error']}")
        if answer["iterations"] != own["iterations"] and answer["status"] == own["status"] == "Solved":
            print(f"  {case.name}: {own['iterations']} iterations in a fresh process, {answer['iterations']} in the harness", file=sys.stderr)
        return {"seconds": answer["seconds"], "first": answer["firstSeconds"], "runs": answer["runs"]}

    def ipopt(self, nl, columns, rows):
        point = self.folder / "ipopt.bin"
        point.unlink(missing_ok=True)
        done = self.run([BUILT / "ipopt", nl, point, self.options.repeats, self.options.budget, *IPOPT_OPTIONS, f"max_cpu_time={self.options.time_limit}",
                         *self.options.ipopt])
        if done.returncode == KILLED:
            return {"status": "Killed", "iterations": 0, "evaluations": NO_EVALUATIONS, "process": done.seconds, "fresh": done.seconds, "seconds": done.seconds, "variables": columns,
                    "constraints": rows}
        try:
            answer = json.loads(done.stdout)
        except json.JSONDecodeError:
            raise Faulty(f"Ipopt ended with {done.returncode}: {done.stderr.strip()[-500:]}") from None
        # As if it had solved once.
        answer["process"] = done.seconds - answer["spent"] + answer["firstSeconds"]
        answer["fresh"] = answer["firstSeconds"]
        return answer

    def write_point(self, answer, columns, rows):
        """optc's answer in the order of the file and the signs of the minimisation."""
        sense = -1.0 if answer.get("sense") == "maximize" else 1.0
        x = [answer["variables"][name] for name in columns]
        y = [answer["constraints"][name]["dual"] for name in rows]
        z = [answer["reducedCosts"].get(name, 0.0) for name in columns]
        nan = math.nan
        with open(self.folder / "optc.bin", "wb") as out:
            array("d", [len(x), len(y)]).tofile(out)
            array("d", [nan if v is None else v for v in x]).tofile(out)
            array("d", [nan if v is None else sense * v for v in y]).tofile(out)
            array("d", [nan if v is None else sense * v for v in z]).tofile(out)

    def judge(self, nl, point):
        if not point.exists():
            nothing = {"stationarity": None, "feasibility": None, "complementarity": None}
            return {"objective": None, "residuals": nothing, "given": nothing, "residual": math.inf, "solved": False, "solved_loosely": False}
        done = subprocess.run([BUILT / "checker", nl, point], capture_output=True, text=True)
        if done.returncode != 0:
            raise Faulty(f"the checker: {done.stderr.strip()}")
        found = json.loads(done.stdout)
        residual = largest(found["residuals"])
        return {**found, "residual": residual, "solved": residual <= TOLERANCE, "solved_loosely": residual <= LOOSE}

    def validate(self):
        """The checker must accept the solution of a known problem and refuse what is nearly it. Returns what was tried."""
        nl, point, tried = self.folder / "model.nl", self.folder / "changed.bin", []
        if self.run([OPTC, "export", ROOT / "bench/models/hs071.opt", "--binary", "--quiet", "-o", nl]).returncode != 0:
            raise Faulty("hs071 could not be exported")
        # Newton's method from the published solution; y is internal: the product at its lower side, the sum of squares equal.
        x, y = [1.0, 4.7429996372644174, 3.8211499841848737, 1.3794082931726723], [0.55229366012072689, -0.16146856677050581]
        z = [1.0878712286669385, 0.0, 0.0, 0.0]
        changes = {"the solution": (0, 0.0, True), "x[2] + 1e-6": (1, 1e-6, False), "x[1] − 1e-6, below its bound": (0, -1e-6, False),
                   "x[1] + 1e-6, off its bound": (0, 1e-6, False), "first multiplier + 1e-6": (4, 1e-6, False),
                   "first multiplier negated": (4, -2 * y[0], False), "x[3] not a number": (2, math.nan, False)}
        for what, (place, change, expected) in changes.items():
            values = x + y + z
            values[place] += change
            with open(point, "wb") as out:
                array("d", [4, 2, *values]).tofile(out)
            found = self.judge(nl, point)
            if found["solved"] != expected:
                raise Faulty(f"the checker is wrong about {what} of hs071: {found}")
            tried.append(what)
        return tried
