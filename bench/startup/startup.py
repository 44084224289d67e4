#!/usr/bin/env python3
"""Times the start of optc and the compilation of a growing model, against their budgets.

    bench/startup/startup.py [--runs N] [--largest N] [--output bench/results/startup.md] [--no-build]

Cold processes, interleaved with an empty .NET program as the floor; medians. Ratios below 1 are within the budget.
The largest size needs about 1 GiB of memory. Needs .NET and Python's standard library, on Linux or macOS.
"""

import argparse
import datetime
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OPTC = ROOT / "src/Optc/bin/Release/net10.0/optc.dll"
MODELS = ROOT / "bench/models"

# Budgets: a cold solve of a four-variable model, and the compilation of 10⁶ instances.
START_SECONDS = 0.4
START_CPU_SECONDS = 0.25
COMPILE_SECONDS = 2.0
COMPILE_BYTES = 1 << 30

HELLO_PROJECT = """<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
</Project>
"""


class Run:
    """One process: seconds of the clock, of the processor, the largest resident memory, and what it printed."""

    def __init__(self, command):
        with tempfile.TemporaryFile() as out:
            began = time.perf_counter()
            process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(process.pid, 0)
            self.wall = time.perf_counter() - began
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            self.text = out.read().decode()
        self.user = usage.ru_utime
        self.cpu = usage.ru_utime + usage.ru_stime
        # Kibibytes on Linux, bytes on macOS.
        self.bytes = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        if process.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{self.text}")


def build(project):
    subprocess.run(["dotnet", "build", "-c", "Release", "-v", "q", "--nologo", "-m:1", "-nr:false", project],
                   check=True, stdout=subprocess.DEVNULL)


def build_hello(folder):
    """An empty program: what the runtime itself takes."""
    (folder / "hello.csproj").write_text(HELLO_PROJECT)
    (folder / "Program.cs").write_text('System.Console.WriteLine("hello");\n')
    build(folder / "hello.csproj")
    return folder / "bin/Release/net10.0/hello.dll"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---:|" * len(header)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def startup(hello, runs):
    commands = {
        "empty .NET program": ["dotnet", hello],
        "optc solve hs071.opt": ["dotnet", OPTC, "solve", MODELS / "hs071.opt", "--quiet"],
    }
    taken = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(Run(command))
    rows = []
    for name, several in taken.items():
        median = lambda pick: statistics.median(pick(run) for run in several)
        wall, cpu, user = median(lambda r: r.wall), median(lambda r: r.cpu), median(lambda r: r.user)
        fastest = min(run.wall for run in several)
        rows.append([f"{wall / START_SECONDS:.2f}", f"{user / START_CPU_SECONDS:.2f}", name, f"{wall:.3f}", f"{fastest:.3f}", f"{user:.3f}", f"{cpu:.3f}"])
    return table(["wall / 0.4 s", "user / 0.25 s", "process", "wall s", "fastest s", "user s", "user + system s"], rows)


def compilation(largest):
    rows, points = [], []
    n = 1000
    while n <= largest:
        run = Run(["dotnet", OPTC, "check", "--no-derivatives", "--set", f"n={n}", MODELS / "chained_rosenbrock.opt"])
        parse, compiled = (float(x) for x in re.search(r"parse ([\d.]+), compile ([\d.]+)", run.text).groups())
        templates = re.search(r"templates\s+(\d+)", run.text).group(1)
        points.append((n, compiled))
        rows.append([f"{compiled / COMPILE_SECONDS:.2f}", f"{run.bytes / COMPILE_BYTES:.2f}", f"{n}", templates,
                     f"{parse:.3f}", f"{compiled:.3f}", f"{run.user:.3f}", f"{run.bytes / 2**20:.0f}"])
        n *= 10
    text = table(["compile / 2 s", "memory / 1 GiB", "n", "templates", "parse s", "compile s", "user s", "peak MiB"], rows)
    (small, fixed), (large, whole) = points[0], points[-1]
    if large > small:
        slope = (whole - fixed) / (large - small) * 1e6
        text += (f"\n\nOf the compilation {fixed:.3f} s do not depend on n (lowering, derivatives, kernels: what n = {small} takes); "
                 f"tables, sparsity and maps take {slope:.3f} s per 10⁶ instances.")
    if len({row[3] for row in rows}) != 1:
        sys.exit("the number of templates depends on n:\n" + text)
    return text


def machine():
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        found = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
        model = found.group(1) if found else model
    version = subprocess.run(["dotnet", "--version"], capture_output=True, text=True).stdout.strip()
    return f"{model}, {os.cpu_count()} cores, {platform.system()}, .NET SDK {version}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10, help="processes of each kind (10)")
    parser.add_argument("--largest", type=int, default=1_000_000, help="largest n of the growing model (10⁶)")
    parser.add_argument("--output", type=Path, help="also write the tables to this file")
    parser.add_argument("--no-build", action="store_true", help="time what was built before")
    options = parser.parse_args()
    if not options.no_build:
        build(ROOT / "src/Optc")
    with tempfile.TemporaryDirectory() as folder:
        hello = build_hello(Path(folder))
        before = os.getloadavg()[0]
        text = "\n\n".join([
            "# Start and compile times",
            f"By `bench/startup/startup.py` on {datetime.date.today()}: {machine()}.",
            f"## Cold start, medians of {options.runs} interleaved runs", startup(hello, options.runs),
            "## Chained Rosenbrock function, `optc check --no-derivatives`", compilation(options.largest),
            f"Load of the machine (runnable processes, last minute): {before:.1f} before, {os.getloadavg()[0]:.1f} after. "
            "With more than one a core the wall times say little; read the processor times.",
        ]) + "\n"
    print(text)
    if options.output:
        options.output.write_text(text)


if __name__ == "__main__":
    main()
