"""What a stream costs: events a second of CPU, and how long a lone event waits for its answer, by pipe and by HTTP.

    python benchmarks/stream.py events.ndjson [--contenders]
    python benchmarks/stream.py                    # latencies alone, of a spec of a hundred checks

The events are those of `../shared/bench/gen_orders.py`.  Contenders judge the same events by the schema of
`../shared/bench/stream.py`; they validate and clean nothing.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import resource
import socket
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
EMAIL = r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$"
MOMENT = (
    r"^(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[T ]([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ?"
    r"|(0[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2])/\d{4} ([01]\d|2[0-3]):[0-5]\d"
    r"|(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (0[1-9]|[12]\d|3[01]) \d{4} ([01]\d|2[0-3]):[0-5]\d:[0-5]\d)$"
)
STATUS = ["paid", "pending", "cancelled", "refunded"]
TEXT = {"type": ["string", "null"]}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "required": ["event_id", "customer_id", "ts"],
    "properties": {
        "event_id": {"type": "string"},
        "customer_id": {"type": "integer"},
        "email": TEXT | {"pattern": EMAIL},
        "country": TEXT,
        "currency": TEXT,
        "amount": {"type": ["number", "null"], "minimum": 0, "maximum": 100000},
        "quantity": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
        "ts": {
            "type": "string",
            "pattern": r"^(\d{4}-\d\d-\d\d[T ]|\d\d/\d\d/\d{4} |[A-Z][a-z]{2} \d\d \d{4} )\d\d:\d\d",
        },
        "status": {"enum": STATUS},
        "comment": TEXT | {"maxLength": 200},
    },
    "if": {"properties": {"status": {"const": "paid"}, "amount": {"type": "number"}}, "required": ["amount"]},
    "then": {"properties": {"amount": {"exclusiveMinimum": 0}}},
}


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


def contenders() -> dict[str, Callable[[bytes], object]]:
    """Return what judges one event and gives all errors."""
    import jsonschema_rs
    import orjson

    validator = jsonschema_rs.validator_for(SCHEMA)
    return {"orjson + jsonschema-rs, all errors": lambda line: list(validator.iter_errors(orjson.loads(line)))}


def throughput(data: bytes, *, others: bool) -> None:
    """Print how many events a second of CPU are judged, by dq and by others."""
    lines = data.splitlines()
    start = min(cpu_of(lines[0] + b"\n") for _ in range(2))
    cpu = min(cpu_of(data) for _ in range(2)) - start
    print(json.dumps({"dq stream": {"events": len(lines), "events_a_second_of_cpu": round(len(lines) / cpu)}}))
    for name, judge in contenders().items() if others else ():
        begun = time.process_time()
        for line in lines:
            judge(line)
        print(json.dumps({name: {"events_a_second_of_cpu": round(len(lines) / (time.process_time() - begun))}}))


def main() -> None:
    """Measure, and print a line of JSON for each figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=Path, nargs="?")
    parser.add_argument("--contenders", action="store_true")
    parser.add_argument("--seconds", type=int, default=10, help="how long latencies are measured")
    asked = parser.parse_args()
    if asked.events is not None:
        data = asked.events.read_bytes()
        throughput(data, others=asked.contenders)
        some = data.splitlines()[: 2 * RATE * (asked.seconds + 1)]
        verdicts = dq.load(SPEC).stream(some)
        accepted = [line for line, verdict in zip(some, verdicts, strict=True) if verdict.accepted]
        told("L2", SPEC, accepted[: RATE * (asked.seconds + 1)])
    with tempfile.TemporaryDirectory() as folder:
        spec, event = hundred(Path(folder))
        told("100 checks", spec, [event] * RATE * (asked.seconds + 1))


if __name__ == "__main__":
    main()
