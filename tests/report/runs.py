"""Real runs whose reports have everything that a report can have."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

import dq

NOW = datetime(2026, 11, 1, tzinfo=UTC)

EVERY_TYPE = """\
dq: 1
event: thing
version: 1.0.0
fields:
  s: {type: string, clean: [strip, {map: {a: A}}], checks: [{accepted_values: [A, B]}]}
  i: {type: integer, checks: [{between: [0, 10], on_fail: set_null}, unique]}
  n: {type: number}
  d: {type: "decimal(6,2)", checks: [{type: {mostly: 50%}}]}
  b: {type: boolean}
  day: {type: date}
  at: {type: time}
  moment: {type: datetime}
  took: {type: duration}
  l: {type: list<integer>, checks: [{max_items: 1, severity: warning}]}
  o: {type: object}
  secret: {type: integer, pii: true, checks: [{maximum: 5, severity: warning}]}
  twice: {type: integer, derive: "i * 2"}
filter:
  - {id: wanted, keep: "s is null or s <> 'out'"}
checks:
  - {id: rule, assert: "n < 100"}
dedupe: {key: [i], keep: last, prefer: valid}
expect:
  - row_count: {min: 100}
gate: {quarantined: 50%}
ml: {target: s, features: [i, n]}
"""

RECORDS: list[Any] = [
    {"s": " a", "i": 1, "n": 1.5, "d": "1.10", "b": True, "day": "2026-01-01", "at": "10:00:00",
     "moment": "2026-01-01T00:00:00Z", "took": "PT1H", "l": [1, 2], "o": {"k": 1}, "secret": 7},
    {"s": "B", "i": 1, "n": 2.5, "secret": 7},
    {"s": "C", "i": 3, "n": 2.5},
    {"s": "B", "i": 99, "n": 2.5, "stranger": 1},
    {"s": "B", "i": 5, "n": 2.5, "d": "no"},
    {"s": "A", "i": 6, "n": 500},
    {"s": "out", "i": 7, "n": 1},
    '{"s": 1, "s": 2}',
    "[1]",
]  # fmt: skip

SHORT = """\
dq: 1
event: visit
version: 2.0.0
fields:
  id: {type: string, required: true}
  place: {type: string, pii: true, expect: [{missing: {max: 10%}}]}
  count: {type: integer, checks: [{minimum: 0, on_fail: abort}]}
"""


def plan(folder: Path, text: str) -> dq.Plan:
    """Return the plan of a spec, given as text."""
    path = folder / "spec.dq.yaml"
    path.write_text(text, encoding="utf-8")
    return dq.load(path)


def csv(folder: Path, text: str) -> Path:
    """Return the path of a CSV file, given as text."""
    path = folder / "input.csv"
    path.write_text(text, encoding="utf-8")
    return path


WAIVERS = """\
waivers:
  - {check: s.accepted_values, reason: the old till, owner: sales, expires: 2026-12-31}
  - {check: rule, reason: nobody knows, owner: sales, expires: 2026-10-31}
  - {check: readable, reason: two lines are torn, owner: sales, expires: 2026-11-01}
  - {check: n.type, reason: commas, owner: sales, expires: 2026-11-30}
"""


def waivers(folder: Path, text: str = WAIVERS) -> Path:
    """Return the path of a file of waivers, given as text."""
    path = folder / "thing.waivers.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def reports(folder: Path) -> dict[str, dict[str, Any]]:
    """Return reports by the name of the case: every shape that a part of a report can take."""
    every, short = plan(folder, EVERY_TYPE), plan(folder, SHORT)
    frame = pl.DataFrame({"id": ["a", None], "place": ["x", None], "count": [1, 2]})
    found = {
        "every type": every.check(RECORDS, now=NOW),
        "nothing": every.check([], now=NOW),
        "a frame": short.check(frame, now=NOW),
        "unreadable": short.check(csv(folder, 'id,place,count\na,x,1\nb,y\n"c"d,x,1\n\ne,,2\n'), now=NOW),
        "tightened": short.check(frame, now=NOW, fail_on="warning"),
        "refused": short.check(csv(folder, "place,count\nx,1\n"), now=NOW),
        "absent": short.check(csv(folder, "id,more\na,b\n"), now=NOW),
        "aborted": short.check(csv(folder, "id,place,count\na,x,-1\nb,y,2\n"), now=NOW),
    }
    found["waived"] = every.check(RECORDS, now=NOW, waivers=waivers(folder))
    found["compared"] = every.check([*RECORDS, {"s": "Z"}], now=NOW, baseline=found["every type"])
    return {name: dict(report.data) for name, report in found.items()}
