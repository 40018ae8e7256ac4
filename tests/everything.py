"""A batch that uses everything that dq does, for tests of whole runs: a spec, its two sources, and how to run them."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
NOW = "2026-11-01T00:00:00Z"
SPEC = """\
dq: 1
event: order_placed
version: 1.0.0
sources:
  crm:
    format: csv
    files: "*.csv"
    delimiter: ";"
    encoding: cp1251
    decimal: ","
    thousands: " "
    fields: {order_id: "Номер", amount: "Сумма", city: "Город", placed_at: "Дата", weight: "Вес", n: "Счёт", note: "Заметка"}
  web:
    format: jsonl
    files: "*.jsonl.gz"
    fields: {order_id: orderId, amount: pay.amount, city: customer.city, placed_at: at}
missing: ["", "-"]
unknown_fields: keep
fields:
  order_id: {type: string, required: true, clean: [strip, upper], checks: [{pattern: "^[A-Z]-[0-9]+$"}]}
  amount: {type: "decimal(12,2)", checks: [{between: [0, 5000]}], impute: {constant: 1.50}}
  city: {type: string, clean: [nfkc, strip, lower, {map: {мск: москва}}], impute: {constant: нет}}
  placed_at: {type: datetime, formats: [rfc3339, "%d.%m.%Y %H:%M"], timezone: Europe/Moscow}
  weight: {type: number, checks: [{ge: 0, on_fail: set_null}]}
  n: {type: integer, checks: [{le: 90, severity: warning}]}
  note: {type: string, pii: true}
  double: {type: number, derive: "weight * 2 + 0.1"}
filter:
  - {id: known, keep: "city <> 'нигде'"}
checks:
  - unique: [order_id]
  - {id: paid, where: "n > 50", assert: "amount > 0"}
dedupe: {key: [order_id, city], keep: last, order_by: placed_at}
expect:
  - row_count: {min: 1}
gate: {quarantined: 60%}
output: {format: FORMAT}
"""


def write(folder: Path, rows: int, form: str = "parquet", *, clean: bool = False) -> None:
    """Write `spec.yaml`, `crm.csv` (`rows` records) and `web.jsonl.gz` (a third of that) into a folder.

    With `clean`, nearly all records are accepted; without, every door is busy.
    """
    chance = random.Random(5)
    (folder / "spec.yaml").write_text(SPEC.replace("FORMAT", form))
    lines = ["Номер;Сумма;Город;Дата;Вес;Счёт;Заметка;Лишнее"]
    lines += [_clean_line(i) if clean else _line(i, rows, chance) for i in range(rows)]
    (folder / "crm.csv").write_bytes("\r\n".join(lines).encode("cp1251"))
    events = "".join(f"{_event(i, rows, chance)}\n" for i in range(rows // 3))
    (folder / "web.jsonl.gz").write_bytes(gzip.compress(events.encode(), 1, mtime=0))


def _clean_line(i: int) -> str:
    return f" a-{i};{i % 5000},{i % 100:02d};Мск;{1 + i % 28:02d}.02.2026 {i % 24:02d}:{i % 60:02d};0,{i};{i % 90};;"


def _line(i: int, rows: int, chance: random.Random) -> str:
    if i % 97 == 13:
        return f'A-{i};"1'
    if i % 203 == 7:
        return f'A-{i};1"0;x;y;1;2;3;4'
    order = f" a-{chance.randrange(rows * 3)} " if i % 7 else f"A-{i}"
    amount = f"{chance.randrange(4000)},{chance.randrange(100):02d}" if i % 11 else chance.choice(["-", "1,005", "+5"])
    city = chance.choice(["Мск", "Москва", "Тверь", "нигде", ""])
    placed = f"{1 + i % 28:02d}.02.2026 {i % 24:02d}:{i % 60:02d}"
    weight = repr(chance.uniform(-0.1, 10)).replace(".", ",")
    return f"{order};{amount};{city};{placed};{weight};{i % 100};secret {i};{chance.choice(['', 'x'])}"


def _event(i: int, rows: int, chance: random.Random) -> str:
    event = {
        "orderId": f"W-{chance.randrange(rows)}",
        "pay": {"amount": chance.randrange(10000) / 100},
        "customer": {"city": chance.choice(["мск", None, "Пермь"])},
        "at": f"2026-03-01T{i % 24:02d}:00:00Z",
        "weight": chance.uniform(0, 1e3),
        "n": i % 100,
        "extra": {"k": i},
    }
    if i % 151 == 3:
        return '{"orderId":"W-1","orderId":"W-2"}'
    text = json.dumps(event, ensure_ascii=False)
    return text[:-3] if i % 101 == 5 else text


def command(*arguments: str) -> list[str]:
    """Return the command line of `dq` with these arguments."""
    return [sys.executable, "-m", "dq", *arguments]


def run_command(*more: str, out: str = "out", folder: str = "") -> list[str]:
    """Return the command that runs the batch; `folder` stands before the paths of the inputs."""
    inputs = [folder + name for name in ("spec.yaml", "crm.csv", "web.jsonl.gz")]
    return command("run", *inputs, "--out", out, "--now", NOW, *more)


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment in which `python -m dq` is this repository's."""
    return os.environ | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} | dict(changes or {})


def run(argv: Sequence[str], cwd: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        argv, cwd=cwd, env=environment(changes), capture_output=True, text=True, timeout=120, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file of an output folder but `run.json`, the one that is not reproducible."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.name != "run.json"}
