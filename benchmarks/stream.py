"""What a stream costs: events a second of CPU, and how long a lone event waits for its answer.

    python benchmarks/stream.py events.ndjson [--contenders]

The events are those of `../shared/bench/gen_orders.py`.  Contenders judge the same events by the schema of
`../shared/bench/stream.py`; they validate and clean nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
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


def command() -> list[str]:
    """Return the command of a stream from standard input to standard output."""
    places = ["--from", "-", "--to", "-", "--dead-letter", os.devnull]
    return [sys.executable, "-m", "dq", "stream", str(SPEC), *places]


def cpu_of(lines: bytes) -> float:
    """Return the seconds of CPU, start included, that `dq stream` takes for these lines."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command(), input=lines, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def latencies(lines: list[bytes], rate: int) -> list[float]:
    """Return, sorted, the milliseconds from writing each event to reading its answer, of events that are accepted."""
    found = []
    with subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for number, line in enumerate(lines):
            begun = time.perf_counter()
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            process.stdout.readline()
            if number >= rate:  # the first second is not counted
                found.append((time.perf_counter() - begun) * 1000)
            time.sleep(max(0.0, begun + 1 / rate - time.perf_counter()))
        process.stdin.close()
    return sorted(found)


def contenders() -> dict[str, Callable[[bytes], object]]:
    """Return what judges one event and gives all errors."""
    import jsonschema_rs
    import orjson

    validator = jsonschema_rs.validator_for(SCHEMA)
    return {"orjson + jsonschema-rs, all errors": lambda line: list(validator.iter_errors(orjson.loads(line)))}


def main() -> None:
    """Measure, and print a line of JSON for each figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events", type=Path)
    parser.add_argument("--contenders", action="store_true")
    parser.add_argument("--seconds", type=int, default=10, help="how long latencies are measured")
    asked = parser.parse_args()
    data = asked.events.read_bytes()
    lines = data.splitlines()
    start = min(cpu_of(lines[0] + b"\n") for _ in range(2))
    cpu = min(cpu_of(data) for _ in range(2)) - start
    print(json.dumps({"dq stream": {"events": len(lines), "events_a_second_of_cpu": round(len(lines) / cpu)}}))
    if asked.contenders:
        for name, judge in contenders().items():
            begun = time.process_time()
            for line in lines:
                judge(line)
            print(json.dumps({name: {"events_a_second_of_cpu": round(len(lines) / (time.process_time() - begun))}}))
    some = lines[: 2 * RATE * (asked.seconds + 1)]
    verdicts = dq.load(SPEC).stream(some)
    accepted = [line for line, verdict in zip(some, verdicts, strict=True) if verdict.accepted]
    found = latencies(accepted[: RATE * (asked.seconds + 1)], RATE)
    shown = {f"p{share}": round(found[len(found) * share // 100], 1) for share in (50, 90, 99)}
    print(json.dumps({"milliseconds at 100 events a second": shown}))


if __name__ == "__main__":
    main()
