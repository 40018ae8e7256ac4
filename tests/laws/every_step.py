"""A specification with every step that there is, records that keep all of them busy, and a run that shows everything."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from hypothesis import strategies as st

import dq
from dq.api import make_settings
from dq.engines.base import Settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.inputs import Input
from dq.engines.ledger import INDEX_FILE, LEDGER_FILE, MemoryTraces, Tracing
from dq.report.build import build

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
TABLE = "code,place,tax\nn1,Norton,10\nn2,Sutton,\ns1,Weston,30\n"
HEAD = """\
dq: 1
event: sighting
version: 1.0.0
missing: ["", "-"]
unknown_fields: keep
fields:
  id: {type: string, required: true, clean: [strip, upper]}
  name:
    type: string
    clean: [nfc, nfkc, remove_control, collapse_whitespace, {replace: {pattern: "[.]+", with: ""}}, remove_accents, title]
    repair: {vocabulary: learnt, min_count: 2, min_ratio: 2, ignore_case: true}
  code:
    type: string
    clean: [lower, {slice: {start: 0, length: 2}}, {pad: {width: 2, side: right, char: "1"}}, {map: {zz: n1}, otherwise: keep}]
  city:
    type: string
    repair: [vocabulary: [rome, oslo, bern], agree: {by: [[code], [name]], min_share: 60%, fill: true}]
    impute: [most_frequent: {by: [code]}, constant: nowhere]
  seen_at: {type: datetime, formats: [rfc3339]}
  place: {type: string, lookup: {file: places.csv, by: {code: code}, fill: true}}
  tax: {type: number, lookup: {file: places.csv, by: {code: code}, default: 5}}
  known: {type: string, lookup: {file: places.csv, by: {code: code}, take: place, otherwise: refuse}}
  amount:
    type: number
    outliers: {mad: 5, action: set_null}
    impute: [NEIGHBOURS{mean: {by: [city]}, indicator: amount_mean}, median]
  age:
    type: integer
    outliers: {bounds: [0, 120], action: clip}
    impute: [{from: backup, indicator: age_filled}, {constant: 40}]
  backup: {type: integer, outliers: {iqr: 2, action: set_null}}
  rate: {type: number, outliers: {quantiles: [0.05, 0.95], action: clip}, impute: {model: {from: [code, backup], min_records: 1}}, checks: [{maximum: 900, on_fail: set_null}]}
  size: {type: number, outliers: {iqr: 3}}
  secret: {type: string, pii: true, clean: [strip, lower], impute: {constant: none}}
  card: {type: string, mask: redact}
  pin: {type: string, mask: drop}
DOMAINS  early: {type: string, derive: "coalesce(code, 'none')"}
  late: {type: number, derive: "amount * age", checks: [{maximum: 50000, severity: warning}]}
filter: [{id: wanted, keep: "name is null or name <> 'Nobody'"}]
checks:
  - {id: few, assert: "age < 100 or amount < 90", where: "tax > 5"}
"""
DOMAINS = """\
  email: {type: string, clean: [{email: {otherwise: refuse}}]}
  phone: {type: string, clean: [{phone: {region: RU, region_field: country, otherwise: blank}}]}
  country: {type: string, clean: [{aliases: {file: places.csv, from: place, to: code}, otherwise: keep}, country]}
  currency: {type: string, clean: [currency]}
  language: {type: string, clean: [language]}
  state: {type: string, clean: [us_state]}
  site: {type: string, clean: [fix_mojibake, url]}
  address: {type: string, clean: [ip]}
  key: {type: string, clean: [uuid]}
  paid: {type: boolean, clean: [boolean]}
  price: {type: "decimal(12,2)", clean: [number], checks: [type: {on_fail: set_null}]}
  share: {type: number, clean: [percent]}
  weight: {type: number, clean: [{quantity: {unit: g}}]}
  born_on: {type: date, clean: [{date: {formats: ["%d.%m.%Y"]}}]}
"""
NEIGHBOURS = "{ffill: {order_by: seen_at, by: [code]}, indicator: amount_near}, {bfill: {order_by: seen_at}}, "
MATCH = "match: {fields: {name: jaro_winkler, city: exact}, blocks: [[code]], threshold: 90%}"
SETS = f"""\
  - unique: [id, city]
dedupe: {{key: [id], {MATCH}, keep: KEEP, order_by: seen_at, prefer: valid}}
"""
ALONE = HEAD.replace("NEIGHBOURS", "").replace("DOMAINS", DOMAINS)
KEEPS = ("merge", "first", "last", "most_complete")

CELLS: dict[str, list[Any]] = {
    "id": ["a", " a", "b", "b ", "c", "d", "e", "f", "g", "h", "-"],
    "name": ["anna  maria", "Anna Maria", "Ana Maria", "Ánna Maria.", "bob", "Bbo", "Nobody", None],
    "code": ["n1", "N1x", "n2", "s1", "s", "zz", "q9", "-", None],
    "city": ["rome", "roma", "oslo", "bern", "berlin", None],
    "seen_at": ["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z", None],
    "place": ["Here", None, None],
    "amount": [1, 2, 2.5, "3", 40, 9999, "abc", None, None],
    "age": [-5, 30, 31, 200, "x", None, None],
    "backup": [20, 21, 22, 10**6, None],
    "rate": [0.1, 0.2, 0.3, 5, 1000, None],
    "size": [1, 1, 2, 2, 3, 500, None],
    "secret": [" Ann", "ann", None],
    "card": ["4111", None],
    "pin": ["1234", None],
}
MORE: tuple[dict[str, Any], ...] = (  # values of the domains, a row at a time
    {},
    {"email": " A@B.de", "phone": "8 912 345-67-89", "country": "Russia", "currency": "euro", "language": "German"},
    {"email": "a@b.de", "phone": "1", "country": "Nowhere", "state": "texas", "address": "127.0.0.1", "paid": "yes"},
    {"site": "HTTP://Ex.org/a", "key": "{12345678-1234-5678-1234-567812345678}", "price": "1,234.50", "share": "5%"},
    {"weight": "1.5 kg", "born_on": "03.04.1999", "price": "1.005", "paid": "no", "extra": {"k": 1}},
    {"weight": "heavy", "born_on": "31.02.1999", "site": "schÃ¶n", "address": "x", "state": "??", "share": "half"},
    {"email": "nobody"},
)


def _record(cells: dict[str, Any]) -> dict[str, Any]:
    more = cells.pop("more")
    return {name: value for name, value in cells.items() if value is not None} | MORE[more]


records = st.fixed_dictionaries(
    {name: st.sampled_from(cells) for name, cells in CELLS.items()}
    | {"more": st.sampled_from([0, 0, *range(len(MORE))])}
).map(_record)
batches = st.lists(records, min_size=1, max_size=14)


def plan_in(folder: Path, text: str) -> dq.Plan:
    """Return the plan of a specification, with its table beside it."""
    (folder / "places.csv").write_text(TABLE)
    path = folder / "spec.dq.yaml"
    path.write_text(text)
    return dq.load(path)


def whole(keep: str) -> str:
    """Return the specification with everything on, and this rule of who stays."""
    return HEAD.replace("NEIGHBOURS", NEIGHBOURS).replace("DOMAINS", "") + SETS.replace("KEEP", keep)


def write_jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Write records as JSON Lines."""
    path.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return path


def traced(plan: dq.Plan, inputs: list[Input], settings: Settings | None = None, key: bytes | None = None) -> dq.Result:
    """Run with a ledger, and return everything that a run gives."""
    how = settings or make_settings(NOW)
    doors, traces = MemoryDoors(plan.compiled), MemoryTraces()
    recorders = Tracing(ledger=True, key=key).recorders(plan.compiled, traces.create)
    run = BatchRun(plan.compiled, inputs, how, doors, recorders=recorders)
    report = dq.Report(build(plan.compiled, run.run(), how.now))
    index, ledger = traces.frame(INDEX_FILE), traces.frame(LEDGER_FILE)
    result = dq.Result(report, *doors.frames(), index=index, ledger=ledger)
    return dataclasses.replace(result, state=run.state)


def everything(result: dq.Result) -> dict[str, Any]:
    """Return all that a run gave, in a form that can be compared."""
    frames = {"accepted": result.accepted, "quarantined": result.quarantined, "removed": result.removed}
    frames |= {"index": result.index, "ledger": result.ledger}
    found: dict[str, Any] = {name: frame.to_dicts() for name, frame in frames.items() if frame is not None}
    return found | {"report": json.loads(result.report.json()), "state": result.state and result.state.json()}
