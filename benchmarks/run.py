#!/usr/bin/env python3
"""Run dq beside its peers on one file, interleaved, and print what each needed.

    python3 benchmarks/run.py orders_1m.csv --contenders ../shared/bench --contenders-python PYTHON

Every command is run once to warm up (byte code, the file in the system's cache), and then, in turns, as often as
`--repeat` says.  Printed are the medians: wall time, CPU time (user and system) of the process and all of its
children, and the largest resident memory of one process; and what each is of the first line, the limit.  Every
process gets `--threads` threads of Polars.  Contenders whose packages are not installed are named and left out.
Only the standard library is needed here.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMITS = {"l1": "l1_np", "l2": "l2_best2"}  # the hand-written script's own names of the jobs
CONTENDERS = {  # name: script, level of the job l1 (the job l2 has its own), package
    "limit": ("c_polars.py", "l1_np", "polars"),
    "dataframely": ("c_dataframely.py", "l1", "dataframely"),
    "pandera": ("c_pandera.py", "l1", "pandera"),
    "pointblank": ("c_pointblank.py", "l1", "pointblank"),
    "duckdb": ("c_duckdb.py", "l1", "duckdb"),
    "soda": ("c_soda.py", "l1", "soda_core"),
    "great-expectations": ("c_gx.py", "l1", "great_expectations"),
    "frictionless": ("c_frictionless.py", "l1", "frictionless"),
}
CLEANING = {"limit", "pandera", "duckdb"}  # those that can do the job l2


@dataclass(frozen=True)
class Sample:
    """What one run of one command needed; times in seconds, memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True)
class Command:
    """A contender: what is run, and the exit codes that mean that it did its work."""

    name: str
    words: list[str]
    codes: frozenset[int]


def measure(command: Command, environment: dict[str, str]) -> Sample:
    """Run a command to its end; leave with its own words if it fails."""
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(command.words, stdout=subprocess.DEVNULL, stderr=errors, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in command.codes:
            errors.seek(0)
            words = errors.read().decode(errors="replace")[-2000:]
            sys.exit(f"{command.name} ended with {process.returncode}:\n{words}")
    return Sample(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def commands(arguments: argparse.Namespace, out: Path) -> list[Command]:
    """Return what is run: the contenders that are there, the limit first, and dq."""
    found: list[Command] = []
    for name, (script, first, package) in CONTENDERS.items():
        if arguments.job == "l2" and name not in CLEANING:
            continue
        level = LIMITS[arguments.job] if name == "limit" else first if arguments.job == "l1" else "l2"
        wanted = arguments.only is None or name in arguments.only
        if not wanted or arguments.contenders is None:
            continue
        if not has_package(arguments.contenders_python, package):
            print(f"{name} is left out: {package} is not installed", file=sys.stderr)
            continue
        path = arguments.contenders / script
        words = [arguments.contenders_python, str(path), level, str(arguments.file), str(out / name)]
        found.append(Command(name, words, frozenset({0})))
    run = [arguments.python, "-m", "dq", "run", str(HERE / f"{arguments.job}.dq.yaml"), str(arguments.file)]
    # 1 says that the data failed the gate, which is what these data do.
    return [*found, Command("dq run", [*run, "--out", str(out / "dq"), "--replace", "-q"], frozenset({0, 1}))]


def has_package(python: str, package: str) -> bool:
    """Tell whether a Python has a package, without importing it."""
    code = f"import importlib.util, sys; sys.exit(importlib.util.find_spec({package!r}) is None)"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def environment_of(threads: int) -> dict[str, str]:
    """Return the environment of every command: this one, so many threads, and byte code that is kept."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    path = os.pathsep.join([str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return kept | {"POLARS_MAX_THREADS": str(threads), "PYTHONPATH": path, "PYTHONWARNINGS": "ignore"}


def beside(file: Path) -> dict[str, str]:
    """Return where the contenders find the map of countries: beside the orders, where the generator wrote it."""
    return {"CMAP": str(file.with_name("country_map.json"))}


def table(samples: dict[str, list[Sample]]) -> str:
    """Return the medians as a Markdown table; ratios are to the first line."""
    medians = {
        name: Sample(*(statistics.median(getattr(run, key) for run in runs) for key in ("wall", "cpu", "peak")))
        for name, runs in samples.items()
    }
    first = next(iter(medians.values()))
    lines = ["| | wall s | CPU s | peak MiB | wall ratio | CPU ratio |", "|---|---|---|---|---|---|"]
    for name, found in medians.items():
        ratios = f"{found.wall / first.wall:.1f} | {found.cpu / first.cpu:.1f}"
        lines.append(f"| {name} | {found.wall:.2f} | {found.cpu:.2f} | {found.peak:.0f} | {ratios} |")
    return "\n".join(lines)


def parse(words: list[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="orders as gen_orders.py writes them")
    parser.add_argument("--job", choices=sorted(LIMITS), default="l1", help="validate, or clean and validate")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="the Python that runs dq")
    parser.add_argument("--contenders", type=Path, help="the folder of the contenders' scripts")
    parser.add_argument("--contenders-python", default=sys.executable, help="the Python that runs them")
    parser.add_argument("--only", action="append", choices=sorted(CONTENDERS), help="this contender; may be repeated")
    parser.add_argument("--log", type=Path, help="append every single run to this file, as JSON Lines")
    return parser.parse_args(words)


def main() -> None:
    """Measure and print."""
    arguments = parse()
    out = Path(tempfile.mkdtemp(prefix="dq-bench-"))
    try:
        contenders = commands(arguments, out)
        environment = environment_of(arguments.threads) | beside(arguments.file)
        samples: dict[str, list[Sample]] = {command.name: [] for command in contenders}
        for turn in range(arguments.repeat + 1):
            for command in contenders:
                sample = measure(command, environment)
                if turn:
                    samples[command.name].append(sample)
                    log(arguments.log, command.name, sample)
        print(table(samples))
    finally:
        shutil.rmtree(out, ignore_errors=True)


def log(path: Path | None, name: str, sample: Sample) -> None:
    """Keep one run, if that is asked for."""
    if path is not None:
        with path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"name": name, "wall": sample.wall, "cpu": sample.cpu, "peak": sample.peak}) + "\n")


if __name__ == "__main__":
    main()
