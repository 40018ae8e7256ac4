"""Whole runs with drift: learnt by a fit or a run, compared by a state, refused where a state is of another spec."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, load_state, make_settings, save_state
from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.plan.state import read_state
from dq.report.schema import load_schema
from dq.states.measures import Measured

SPEC = """
dq: 1
event: order
version: 1.0.0
missing: ["", "-"]
fields:
  id: {type: integer, required: true}
  kind:
    type: string
    clean: [strip, lower]
    checks: [{accepted_values: [a, b, c]}]
    expect: [{drift: {new_values: 0%, js: 0.5}}]
  amount:
    type: decimal(8,2)
    impute: {median: {by: [kind]}}
    expect: [{drift: {psi: 0.25, mean: 1, ks: 0.5}}]
  day: {type: date, derive: given, checks: [{after: "2000-01-01"}]}
  given: {type: date}
  secret: {type: string, pii: true, expect: [{drift: {js: 0.2}}]}
filter: [{keep: id <> 0}]
dedupe: {key: [id]}
expect:
  - drift: {field: day, psi: 0.25, severity: warning}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
SOURCES = [
    {"id": str(n), "kind": "abc"[n % 3], "amount": f"{10 + n % 7}.50", "given": f"2026-01-{1 + n % 28:02d}"}
    for n in range(200)
]
for _record in SOURCES:
    _record["secret"] = f"secret-{len(_record['amount'])}"


def load(folder: Path, text: str = SPEC) -> Plan:
    path = folder / "order.dq.yaml"
    path.write_text(text, encoding="utf-8")
    return dq.load(path)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return load(tmp_path_factory.mktemp("drift"))


@pytest.fixture(scope="module")
def state(plan: Plan) -> Any:
    return plan.fit(SOURCES, now=NOW)


def drift(report: Any) -> dict[str, Any]:
    return {entry["field"]: entry for entry in report["drift"]}


def verdicts(report: Any) -> dict[str, str]:
    return {e["id"]: e["verdict"] for e in report["expectations"]}


def test_without_a_state_nothing_is_compared_and_the_state_is_written(plan: Plan, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in SOURCES), encoding="utf-8")
    result = plan.run(path, out=tmp_path / "out", now=NOW)
    assert result.report.verdict == "pass"
    assert set(verdicts(result.report).values()) == {"not_evaluated"}
    assert {e["note"] for e in result.report["expectations"]} == {
        "no state was given, so there is nothing to compare with"
    }
    assert result.report["drift"] == []
    written = load_state(tmp_path / "out" / "state.json")
    assert written == result.state == plan.fit(path, now=NOW)
    assert written.records == 199


def test_a_state_survives_its_file(state: Any, tmp_path: Path) -> None:
    save_state(state, tmp_path / "state.json")
    assert load_state(tmp_path / "state.json") == state
    assert read_state(state.json()).json() == state.json()


def test_the_batch_that_taught_does_not_drift(plan: Plan, state: Any) -> None:
    report = plan.check(SOURCES, state=state, now=NOW)
    assert report.verdict == "pass"
    assert set(verdicts(report).values()) == {"pass"}
    found = drift(report)
    assert set(found) == {"kind", "amount", "day", "secret"}
    assert {m["value"] for entry in found.values() for n, m in entry["measures"].items() if n != "chi_square"} == {0}


def test_what_moved_is_told(plan: Plan, state: Any, validate: Callable[[Any], None]) -> None:
    moved = [record | {"amount": "99", "given": "2026-03-01", "secret": "hidden"} for record in SOURCES]
    report = plan.check(moved, state=state, now=NOW)
    assert report.verdict == "fail"
    assert verdicts(report) == {
        "expect.day.drift": "warn", "expect.kind.drift": "pass",
        "expect.amount.drift": "fail", "expect.secret.drift": "fail",
    }  # fmt: skip
    assert any(
        reason.startswith("expect.amount.drift: expected psi at most 0.25, ks at") for reason in report["because"]
    )
    assert drift(report)["amount"]["measures"]["mean"]["to"] == 99
    assert "hidden" not in json.dumps(report.data, default=str)
    assert "secret-" not in json.dumps(report.data, default=str)
    validate(report)


@pytest.fixture(scope="module")
def validate() -> Callable[[Any], None]:
    jsonschema = pytest.importorskip("jsonschema")
    judge = jsonschema.Draft202012Validator(load_schema())
    return lambda report: judge.validate(json.loads(report.json()))


def test_an_empty_batch_has_nothing_to_compare(plan: Plan, state: Any, validate: Callable[[Any], None]) -> None:
    report = plan.check([], state=state, now=NOW)
    assert report.verdict == "pass"
    assert set(verdicts(report).values()) == {"not_evaluated"}
    validate(report)
    empty = plan.fit([], now=NOW)
    again = plan.check(SOURCES, state=empty, now=NOW)
    assert again.verdict == "warn"
    assert "expect.amount.drift: not evaluated: the reference has no values" in again["because"]


OTHER = {
    "kind is cleaned otherwise": ("clean: [strip, lower]", "clean: [strip]", "the field kind"),
    "records are filtered otherwise": ("id <> 0", "id <> 1", "filters"),
    "records are deduplicated otherwise": ("dedupe: {key: [id]}", "dedupe: {key: [id], keep: last}", "dedupe"),
    "other words mean no value": ('missing: ["", "-"]', 'missing: [""]', "missing"),
    "a derived field is made otherwise": ("derive: given", 'derive: "coalesce(given, given)"', "the field day"),
}
SAME = {
    "a check more": ("required: true", "required: true, checks: [{maximum: 10}]"),
    "another limit": ("psi: 0.25, mean: 1", "psi: 0.1"),
    "another severity": (
        "checks: [{accepted_values: [a, b, c]}]",
        "checks: [{accepted_values: [a, b], severity: warning}]",
    ),
    "a gate": ("expect:\n  - drift", "gate: {quarantined: 50%}\nexpect:\n  - drift"),
    "prose": ("event: order", "event: order\ndescription: Orders."),
}


@pytest.mark.parametrize("name", OTHER)
def test_a_state_of_another_spec_is_refused_with_the_difference(name: str, state: Any, tmp_path: Path) -> None:
    old, new, told = OTHER[name]
    other = load(tmp_path, SPEC.replace("    impute: {median: {by: [kind]}}\n", "").replace(old, new))
    stripped = replace(state, steps={})
    with pytest.raises(dq.UsageError, match=told):
        other.run(SOURCES, state=stripped, now=NOW)
    assert SPEC.count(old) >= 1


@pytest.mark.parametrize("name", SAME)
def test_a_state_outlives_what_decides_no_value(name: str, state: Any, tmp_path: Path) -> None:
    other = load(tmp_path, SPEC.replace(*SAME[name]))
    assert SAME[name][0] in SPEC
    assert len(other.check(SOURCES, state=state, now=NOW)["drift"]) == 4


def test_a_reference_that_a_state_lacks_is_a_warning(state: Any, tmp_path: Path) -> None:
    more = load(tmp_path, SPEC.replace("expect:\n  - drift", "expect:\n  - drift: {field: given, psi: 1}\n  - drift"))
    report = more.check(SOURCES, state=state, now=NOW)
    assert report.verdict == "warn"
    note = "the state has no reference profile of given; fit it again with this spec"
    assert report["because"] == [f"expect.given.drift: not evaluated: {note}"]


def test_a_state_of_another_event_is_refused(state: Any, tmp_path: Path) -> None:
    text = "dq: 1\nevent: visit\nversion: 1.0.0\nfields:\n  page: {type: string, expect: [{drift: {psi: 0.2}}]}\n"
    with pytest.raises(dq.UsageError, match="learnt nothing of page: it is of the event order"):
        load(tmp_path, text).run([{"page": "a"}], state=state, now=NOW)


def test_one_event_needs_no_reference(plan: Plan, state: Any, tmp_path: Path) -> None:
    assert plan.check_event(SOURCES[5], state=state, now=NOW).accepted
    alone = load(tmp_path, SPEC.replace("    impute: {median: {by: [kind]}}\n", ""))
    assert alone.check_event(SOURCES[5], now=NOW).accepted


def test_a_fit_that_is_aborted_learns_nothing(tmp_path: Path) -> None:
    strict = load(tmp_path, SPEC.replace("{accepted_values: [a, b, c]}", "{accepted_values: [a], on_fail: abort}"))
    with pytest.raises(dq.UsageError, match=r"nothing was learnt: kind\.accepted_values asks to abort"):
        strict.fit(SOURCES, now=NOW)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.integers(20, 60), st.integers(0, 200))
def test_references_do_not_depend_on_chunks_and_are_the_sum_of_their_parts(
    plan: Plan, state: Any, size: int, cut: int
) -> None:
    """fit(a) + fit(b) is fit(a + b): what accepted rows teach adds up, however they are read."""
    applied = state.thaw(plan.compiled)  # given, so that no fitted step learns from a part alone

    def learnt(part: list[dict[str, str]]) -> Measured:
        how = replace(make_settings(NOW), chunk_records=size, gate=False, profile=False)
        return BatchRun(plan.compiled, plan.inputs(part), how, NoDoors(), applied).run().measured

    one, two = learnt(SOURCES[:cut]), learnt(SOURCES[cut:])
    for name, measure in plan.compiled.compared.items():
        assert one.of(measure).merge(two.of(measure)) == state.references[name].profile
