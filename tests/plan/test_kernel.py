"""The program against a literal reading of the language, on random small specifications and records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import dq
from dq.sources.base import UNKNOWN_COLUMN

from .reference_kernel import Reference
from .small_specs import Mapping, csv_text, records, spec_text, specs

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
WORDS = {"passed": "pass", "failed": "fail", "skipped": "skip", "blocked": "block"}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as name:
        yield Path(name)


def load(folder: Path, spec: Mapping) -> dq.Plan:
    path = folder / "spec.yaml"
    path.write_text(spec_text(spec), encoding="utf-8")
    try:
        return dq.load(path)
    except dq.SpecError as error:
        assume({diagnostic.code for diagnostic in error.diagnostics} != {"DQ322"})  # no value could pass
        raise


def compare(spec: Mapping, rows: list[Mapping], result: dq.Result) -> None:
    """Hold a run against the reference: doors, rows, reasons, counts, changes and the verdict."""
    reference = Reference(spec, NOW)
    expected = reference.run(rows)
    assert result.report.verdict == expected.verdict
    if expected.aborted:
        assert any("abort" in words for words in result.report["because"])
        return
    accepted = result.accepted.drop(UNKNOWN_COLUMN, "unknown_fields", strict=False).to_dicts()
    names = list(spec["fields"])
    assert accepted == [{name: row.values[name] for name in names} for row in expected.through("accepted")]
    assert refused(result) == [(row.number, reference.reasons(row)) for row in expected.through("quarantined")]
    gone = [row for row in expected.rows if row.door in ("filtered", "deduplicated")]
    assert removed(result) == [(row.number, row.door, row.by, row.lost_to) for row in gone]
    for check in result.report["checks"]:
        if check["id"] != "readable":
            counts = expected.counts[check["id"]]
            assert {word: check[word] for word in WORDS} == {word: counts[short] for word, short in WORDS.items()}, (
                check
            )
            assert check["verdict"] == expected.verdicts[check["id"]], check
    changed = {one["step"]: one["changed"] for one in result.report["cleaning"] if one["step"] not in expected.counts}
    assert changed == {given: expected.changed[given] for given in changed}
    assert set(expected.changed) <= set(changed)


def refused(result: dq.Result) -> list[tuple[int, list[tuple[Any, ...]]]]:
    found = []
    for row in result.quarantined.to_dicts():
        reasons = json.loads(row["reasons"])
        found.append(
            (row["record"], [tuple(r[k] for k in ("check", "code", "field", "value", "severity")) for r in reasons])
        )
    return found


def removed(result: dq.Result) -> list[tuple[int, str, str | None, int | None]]:
    found = []
    for row in result.removed.to_dicts():
        by = json.loads(row["reasons"])[0]["check"] if row["outcome"] == "filtered" else None
        found.append((row["record"], row["outcome"], by, row["lost_record"]))
    return found


@settings(max_examples=80)
@given(data=st.data())
def test_records_in_memory(folder: Path, data: st.DataObject) -> None:
    spec = data.draw(specs())
    rows = data.draw(records(spec, typed=True))
    compare(spec, rows, load(folder, spec).run(rows, now=NOW))


@settings(max_examples=80)
@given(data=st.data())
def test_csv(folder: Path, data: st.DataObject) -> None:
    spec = data.draw(specs())
    rows = data.draw(records(spec, typed=False))
    path = folder / "rows.csv"
    path.write_text(csv_text(spec, rows), encoding="utf-8", newline="")
    compare(spec, rows, load(folder, spec).run(path, now=NOW))
