"""What a stream costs: events a second of CPU, and how long a lone event waits for its answer, by pipe and by HTTP.

    python benchmarks/stream.py orders_1m.ndjson [--contenders ../shared/bench --contenders-python PYTHON]
    python benchmarks/stream.py                    # latencies alone, of a spec of a hundred checks

The events are those of `../shared/bench/gen_orders.py`.  Contenders are those of `../shared/bench/stream.py`, run by a
Python that has their packages; those it has not are named.  They and dq are run in turns, `--repeat` times, and the
medians are printed: where other work shares the machine, only ratios within one table are worth something.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import dq

HERE = Path(__file__).parent
SPEC = HERE / "stream.dq.yaml"
RATE = 100  # events a second
CONTENDED = 100_000  # events that each contender judges
PACKAGES = ("orjson", "msgspec", "jsonschema_rs", "fastjsonschema", "jsonschema", "pydantic", "polars")


def command(spec: Path = SPEC) -> list[str]:
    """Return the command of a stream from standard input to standard output."""
    places = ["--from", "-", "--to", "-", "--dead-letter", os.devnull]
    return [sys.executable, "-m", "dq", "stream", str(spec), *places]


def hundred(folder: Path) -> tuple[Path, bytes]:
    """Write a spec of 25 fields and 100 checks; return its path and an event that passes all of them."""
    text = "{type: string, required: true, clean: [strip, lower], checks: [{pattern: '^[a-z0-9]+$'}, {max_length: 20}]}"
    whole = "{type: integer, required: true, checks: [{between: [0, 1000]}, {multiple_of: 1}]}"
    fields = [f"  f{number}: {text if number % 2 else whole}\n" for number in range(25)]
    path = folder / "hundred.dq.yaml"
    path.write_text("dq: 1\nevent: hundred\nversion: 1.0.0\nfields:\n" + "".join(fields))
    event = {f"f{number}": "abc" if number % 2 else number for number in range(25)}
    return path, json.dumps(event).encode()


def cpu_of(lines: bytes) -> float:
    """Return the seconds of CPU, start included, that `dq stream` takes for these lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command(), input=lines, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def paced(lines: list[bytes], rate: int, answer: Callable[[bytes], object]) -> list[float]:
    """Return, sorted, the milliseconds to each answer, of so many events a second; the first second is left out."""
    found = []
    for number, line in enumerate(lines):
        begun = time.perf_counter()
        answer(line)
        if number >= rate:
            found.append((time.perf_counter() - begun) * 1000)
        time.sleep(max(0.0, begun + 1 / rate - time.perf_counter()))
    return sorted(found)


def by_pipe(spec: Path, lines: list[bytes], rate: int) -> list[float]:
    """Return the latencies of accepted events through a pipe."""
    with subprocess.Popen(command(spec), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        source, sink = process.stdin, process.stdout

        def answer(line: bytes) -> None:
            source.write(line + b"\n")
            source.flush()
            sink.readline()

        found = paced(lines, rate, answer)
        source.close()
    return found


def by_http(spec: Path, lines: list[bytes], rate: int) -> list[float]:
    """Return the latencies of events that are posted over one connection."""
    plan = dq.load(spec).compiled
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = [sys.executable, "-m", "dq", "serve", str(spec), "--port", str(port)]
    with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while True:
            try:
                connection.connect()
                break
            except ConnectionRefusedError:
                time.sleep(0.1)

        def answer(line: bytes) -> None:
            connection.request("POST", f"/v1/events/{plan.event}/{plan.version}", line)
            connection.getresponse().read()

        found = paced(lines, rate, answer)
        process.terminate()
    return found


def told(name: str, spec: Path, lines: list[bytes]) -> None:
    """Print the latencies of a spec."""
    for way, measure in (("pipe", by_pipe), ("http", by_http)):
        found = measure(spec, lines, RATE)
        shown = {f"p{share}": round(found[len(found) * share // 100], 1) for share in (50, 90, 99)}
        print(json.dumps({f"{name}, {way}: milliseconds at {RATE} events a second": shown}))


def judged_by_dq(data: bytes, lines: int) -> dict[str, float]:
    """Return how many events a second of CPU `dq stream` judges, its start not counted."""
    start = min(cpu_of(data[: data.index(b"\n") + 1]) for _ in range(2))
    return {"dq stream": lines / (cpu_of(data) - start)}


def judged_by_others(folder: Path, python: str, events: Path) -> dict[str, float]:
    """Return how many events a second of CPU each contender judges, as far as their script comes."""
    argv = [python, str(folder / "stream.py"), str(events), str(CONTENDED), "event"]
    environment = os.environ | {"CMAP": str(events.with_name("country_map.json"))}
    told = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    if told.returncode:
        print(f"the contenders end early: {told.stderr.strip().splitlines()[-1]}", file=sys.stderr)
    found = (json.loads(line) for line in told.stdout.splitlines())
    return {one["contender"]: one["events_s_core"] for one in found if "contender" in one}


def missing(python: str) -> list[str]:
    """Return the packages of contenders that a Python does not have."""
    code = "import importlib.util as u, sys; print(*(name for name in sys.argv[1:] if u.find_spec(name) is None))"
    return subprocess.run([python, "-c", code, *PACKAGES], capture_output=True, text=True, check=True).stdout.split()


def throughput(data: bytes, asked: argparse.Namespace) -> None:
    """Print how many events a second of CPU are judged, by dq and by others."""
    lines = data.count(b"\n")
    rates: dict[str, list[float]] = {}
    if asked.contenders is not None and (left_out := missing(asked.contenders_python)):
        print(f"left out, since {asked.contenders_python} has them not: {', '.join(left_out)}", file=sys.stderr)
    for _ in range(asked.repeat):
        found = judged_by_dq(data, lines)
        if asked.contenders is not None:
            found |= judged_by_others(asked.contenders, asked.contenders_python, asked.events)
        for name, rate in found.items():
            rates.setdefault(name, []).append(rate)
    own = rates["dq stream"]
    print("| | events a second of CPU | of dq |\n|---|---|---|")
    for name, found in sorted(rates.items(), key=lambda item: -statistics.median(item[1])):
        share = statistics.median(other / mine for other, mine in zip(found, own, strict=False))
        print(f"| {name} | {statistics.median(found):,.0f} | {share:.2f} |")


def main() -> None:
    """Measure, and print a line of JSON for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path, nargs="?")
    parser.add_argument("--contenders", type=Path, help="the folder of the contenders' script")
    parser.add_argument("--contenders-python", default=sys.executable, help="the Python that runs them")
    parser.add_argument("--repeat", type=int, default=3, help="how often throughput is measured")
    parser.add_argument("--seconds", type=int, default=10, help="how long latencies are measured")
    asked = parser.parse_args()
    print(json.dumps({"load of the machine before": os.getloadavg(), "cores": os.cpu_count()}))
    if asked.events is not None:
        data = asked.events.read_bytes()
        throughput(data, asked)
        some = data.splitlines()[: 2 * RATE * (asked.seconds + 1)]
        verdicts = dq.load(SPEC).stream(some)
        accepted = [line for line, verdict in zip(some, verdicts, strict=True) if verdict.accepted]
        told("L2", SPEC, accepted[: RATE * (asked.seconds + 1)])
    with tempfile.TemporaryDirectory() as folder:
        spec, event = hundred(Path(folder))
        told("100 checks", spec, [event] * RATE * (asked.seconds + 1))


if __name__ == "__main__":
    main()
