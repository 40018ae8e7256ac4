"""What is asked of many rows at once, of one row alone, and not at all where it is certain, is counted alike."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import dq
from dq.checks import CHECKS

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: integer, checks: [{minimum: 1}]}
  b: {type: integer, required: true}
  d: {type: integer, derive: "coalesce(a, 0)", required: true, checks: [{maximum: 9}]}
checks:
- {id: either, assert: a is null or a > 0}
- {id: large, where: b > 5, assert: b > 0}
"""
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
WORDS = ("passed", "failed", "skipped", "blocked")
ROWS: dict[str, dict[str, Any]] = {
    "in order": {"a": "1", "b": "6"},
    "its condition is not true": {"a": "1", "b": "5"},
    "its condition is unknown": {"a": "1", "b": None},
    "nothing to judge": {"a": None, "b": "6"},
    "it fails": {"a": "-1", "b": "6"},
    "a cell is blocked": {"a": "x", "b": "6"},
    "both cells are blocked": {"a": "x", "b": "y"},
}


def counted(plan: dq.Plan, rows: list[dict[str, Any]]) -> dict[str, Counter[str]]:
    """Return the counts of each check over some rows."""
    report = plan.run(rows, now=NOW).report
    return {check["id"]: +Counter({word: check[word] for word in WORDS}) for check in report["checks"]}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("departure") / "spec.yaml"
    path.write_text(SPEC)
    return path


@pytest.fixture(scope="module")
def plan(path: Path) -> dq.Plan:
    return dq.load(path)


@pytest.mark.parametrize("case", ROWS)
def test_a_row_alone_is_counted_as_twice_the_row_is(plan: dq.Plan, case: str) -> None:
    alone, twice = counted(plan, [ROWS[case]]), counted(plan, [ROWS[case]] * 2)
    assert {check: counts + counts for check, counts in alone.items()} == twice


def test_rows_apart_add_up_to_rows_together(plan: dq.Plan) -> None:
    apart: dict[str, Counter[str]] = {}
    for row in ROWS.values():
        for check, counts in counted(plan, [row]).items():
            apart[check] = apart.get(check, Counter()) + counts
    assert counted(plan, list(ROWS.values())) == apart


def test_what_is_blocked_and_what_is_not_asked_does_not_pass(plan: dq.Plan) -> None:
    blocked = counted(plan, [ROWS["a cell is blocked"]])
    assert blocked["either"] == blocked["d.required"] == Counter(blocked=1)
    assert counted(plan, [ROWS["its condition is not true"]])["large"] == Counter(skipped=1)


def test_a_blocked_cell_is_not_certain(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    kind = CHECKS.find("minimum")
    assert kind is not None
    monkeypatch.setattr(kind, "is_certain", lambda _self, _values: True)
    plan = dq.load(path)
    assert counted(plan, [ROWS["it fails"]])["a.minimum"] == Counter(passed=1), "it is not asked"
    assert counted(plan, [ROWS["a cell is blocked"]])["a.minimum"] == Counter(blocked=1)
