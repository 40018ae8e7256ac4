"""Natural and conflicting duplicates, held to the literal reading, whatever the chunks and the memory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, make_settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.report.build import build

SPEC = """
dq: 1
event: order
version: 1.0.0
fields:
  id: {type: string, clean: [lower], checks: [{max_length: 1}]}
  amount: {type: integer, impute: median}
  tags: {type: list<integer>}
  owner: {type: string, pii: true, impute: {constant: nobody}}
  twice: {type: integer, derive: amount * 2}
filter: [{keep: owner is null or owner <> 'out'}]
dedupe: {key: [id], keep: last}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["a", "A", "b", "bb", None]),
            "amount": st.sampled_from(["1", "01", "x", "y", None]),
            "tags": st.sampled_from([[1], [1, 2], None]),
            "owner": st.sampled_from(["Ann", "nobody", "out", None]),
        }
    ),
    max_size=12,
)
CONTENT = ("id", "amount", "tags", "owner")


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("spec") / "order.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def outcome(plan: Plan, records: Any, **driven: Any) -> tuple[Any, Any]:
    """Return the report on duplicates, and of each removed record its number, its winner and its reason."""
    doors = MemoryDoors(plan.compiled)
    run = BatchRun(plan.compiled, plan.inputs(records), replace(make_settings(NOW), **driven), doors)
    report = build(plan.compiled, run.run(), NOW)
    removed = [
        (row["record"], row["lost_record"], *(json.loads(row["reasons"])[0][key] for key in ("code", "message")))
        for row in doors.frames()[2].to_dicts()
        if row["outcome"] == "deduplicated"
    ]
    return report["dedupe"]["duplicates"], removed


def literal(records: list[dict[str, Any]]) -> tuple[Any, Any]:
    """Do by hand what the spec says: the last of a key stays, and the others are compared with it."""
    rows = {number: content(record) for number, record in enumerate(records, 1) if record["owner"] != "out"}
    last = {row["id"]: number for number, row in rows.items()}
    counted: dict[str, Any] = {"natural": 0, "conflicting": 0, "keys": set(), "differs": {}, "examples": []}
    removed = []
    for number, row in rows.items():
        winner = last[row["id"]]
        if row["id"] is None or winner == number:
            continue
        names = [name for name in CONTENT if row[name] != rows[winner][name]]
        for name in names:
            counted["differs"][name] = counted["differs"].get(name, 0) + 1
        counted["conflicting" if names else "natural"] += 1
        if not names:
            removed.append(
                (number, winner, "duplicate.natural", "another record has the same key and the same content")
            )
            continue
        counted["keys"].add(winner)
        message = f"another record has the same key, and another value of {', '.join(names)}"
        removed.append((number, winner, "duplicate.conflict", message))
        counted["examples"].append((number, winner, names))
    return counted, removed


def content(record: dict[str, Any]) -> dict[str, Any]:
    """Return the canonical values of a record; a text that is no number stands for itself."""
    known = {"1": 1, None: None}
    return record | {
        "id": record["id"] and record["id"].lower(),
        "amount": known.get(record["amount"], record["amount"]),
    }


@settings(max_examples=80)
@given(records=RECORDS, size=st.integers(1, 5), memory=st.sampled_from([0, 200, 1 << 20]))
def test_what_duplicates_differ_in(plan: Plan, records: list[dict[str, Any]], size: int, memory: int) -> None:
    duplicates, removed = outcome(plan, records, chunk_records=size, memory=memory)
    counted, expected = literal(records)
    assert removed == expected
    assert (duplicates["natural"], duplicates["conflicting"]) == (counted["natural"], counted["conflicting"])
    assert duplicates["keys_conflicting"] == len(counted["keys"])
    assert duplicates["differs"] == counted["differs"]
    found = [(one["record"], one["lost_to"]["record"], list(one["differs"])) for one in duplicates["examples"]]
    assert found == counted["examples"][:5]


def test_examples_show_values_but_no_personal_data(plan: Plan) -> None:
    records = [
        {"id": "a", "amount": "1", "tags": [1], "owner": "Ann"},
        {"id": "a", "amount": "2", "tags": None, "owner": "Ben"},
    ]
    duplicates, [(_, _, code, message)] = outcome(plan, records)
    assert duplicates["examples"] == [
        {
            "source": "records",
            "record": 1,
            "lost_to": {"source": "records", "record": 2},
            "differs": {
                "amount": {"lost": 1, "kept": 2},
                "tags": {"lost": [1], "kept": None},
                "owner": None,
            },
        }
    ]
    assert code == "duplicate.conflict"
    assert message.endswith("another value of amount, tags, owner")


def test_files_name_the_kind_and_the_door(plan: Plan, tmp_path: Path) -> None:
    records = [{"id": "a", "amount": "1"}, {"id": "a", "amount": "1"}, {"id": "bb", "amount": "1"}, {"id": "bb"}]
    plan.run(records, out=tmp_path / "out", now=NOW)
    lines = [json.loads(line) for line in (tmp_path / "out/removed.jsonl").read_text().splitlines()[1:]]
    assert [(one["reasons"][0]["code"], one["lost_to"]["record"], one["lost_to"]["door"]) for one in lines] == [
        ("duplicate.natural", 2, "accepted"),
        ("duplicate.conflict", 4, "quarantined"),
    ]
