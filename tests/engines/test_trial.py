"""One record under the microscope says what a run would do with it, and hides what is personal."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
import pytest

import dq
from dq.engines.trial import HIDDEN, Trial
from dq.errors import UsageError

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """
dq: 1
event: order
version: 1.0.0
sources:
  web: {format: jsonl, fields: {id: orderId}}
  shop: {format: csv, fields: {id: Nummer}, decimal: ",", missing: ["", "-"]}
missing: ["", "n/a"]
fields:
  id: {type: string, required: true, clean: [strip, upper], checks: [{pattern: "^[A-Z]-[0-9]+$"}]}
  email: {type: string, pii: true, clean: [strip, lower], checks: [{format: email}]}
  net: {type: "decimal(10,2)", impute: {constant: 0}}
  gross: {type: "decimal(11,2)", derive: net + 1}
  state:
    type: string
    clean: [lower, {map: {paid: PAID, open: OPEN}, otherwise: refuse}]
    checks: [{accepted_values: [PAID], severity: warning}]
  born: {type: date, mask: redact}
  odd: {type: integer, checks: [{maximum: 5, on_fail: set_null}]}
filter: [{id: real, keep: "id is null or not starts_with(id, 'T')"}]
checks: [{id: cheap, assert: gross < 100}, {unique: [id]}]
dedupe: {key: [id]}
expect: [{row_count: {min: 1}}]
"""


@pytest.fixture(scope="module")
def plan(tmp_path_factory):
    path = tmp_path_factory.mktemp("spec") / "order.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path).compiled


def tried(plan, record, **how):
    return Trial(plan, {}, how.pop("source", "web"), **how).of(record, NOW)


def field(told, name):
    return next(each for each in told["fields"] if each["field"] == name)


def answers(told):
    return {each["check"]: each["answer"] for each in told["checks"]}


def test_each_step_is_told_before_and_after(plan):
    told = tried(plan, {"orderId": " a-1 ", "net": "2.5", "state": "Paid"})
    assert field(told, "id")["steps"] == [
        {"step": "strip", "before": " a-1 ", "after": "a-1", "refused": False},
        {"step": "upper", "before": "a-1", "after": "A-1", "refused": False},
    ]
    assert field(told, "id")["value"] == "A-1"
    assert field(told, "gross") | {"value": "3.50", "from": "derived"} == field(told, "gross")
    assert told["door"] == "accepted"
    assert told["record"] == {
        "id": "A-1", "email": None, "net": "2.50", "gross": "3.50", "state": "PAID", "born": None, "odd": None
    }  # fmt: skip


def test_what_is_filled_and_what_is_emptied_are_changes_with_their_step(plan):
    told = tried(plan, {"orderId": "A-1", "odd": 7})
    assert field(told, "net")["changes"] == [{"step": "net.impute", "before": None, "after": "0.00"}]
    assert field(told, "odd")["changes"] == [{"step": "odd.maximum", "before": "7", "after": None}]


def test_each_check_says_its_answer(plan):
    told = tried(plan, {"orderId": "x", "net": "much", "state": "open"})
    assert told["door"] == "quarantined"
    assert told["record"] is None
    assert answers(told) | {
        "id.pattern": "failed",
        "net.type": "failed",
        "cheap": "blocked",
        "state.accepted_values": "failed",
        "email.format": "skipped",
        "id.required": "passed",
    } == answers(told)
    assert field(told, "net")["unreadable"]
    assert "id.pattern" in [reason["check"] for reason in told["reasons"]]


def test_a_step_that_refuses_is_the_last_one(plan):
    told = tried(plan, {"orderId": "A-1", "state": "lost"})
    assert [step["refused"] for step in field(told, "state")["steps"]] == [False, True]
    assert told["door"] == "quarantined"


def test_a_filtered_record_leaves_by_its_filter(plan):
    told = tried(plan, {"orderId": "T-1"})
    assert (told["door"], [reason["check"] for reason in told["reasons"]]) == ("filtered", ["real"])


def test_what_only_a_batch_can_answer_is_named(plan):
    assert tried(plan, {"orderId": "A-1"})["not_asked"] == ["id.unique", "dedupe", "expect.row_count"]


def test_a_source_has_its_own_paths_marks_and_words(plan):
    told = tried(plan, {"Nummer": "a-1", "net": "2,5", "email": "-"}, source="shop")
    assert (field(told, "id")["value"], field(told, "net")["value"]) == ("A-1", "2.50")
    assert field(told, "email")["missing"]
    with pytest.raises(UsageError, match="did you mean 'shop'"):
        tried(plan, {}, source="shopp")


def test_values_of_personal_data_are_covered_unless_asked_for(plan):
    record = {"orderId": "A-1", "email": " Anna@Example.org", "born": "1990-01-01"}
    covered = tried(plan, record)
    assert b"nna@" not in orjson.dumps(covered)
    assert b"1990" not in orjson.dumps(covered)
    assert [step["changed"] for step in field(covered, "email")["steps"]] == [True, True]
    assert covered["record"]["email"] == HIDDEN
    shown = tried(plan, record, show_pii=True)
    assert field(shown, "email")["value"] == "anna@example.org"
    assert shown["record"]["born"] == "[redact]"


def test_reasons_of_personal_data_have_no_value(plan):
    told = tried(plan, {"orderId": "A-1", "email": "secret", "born": "secret"})
    assert told["door"] == "quarantined"
    assert b"secret" not in orjson.dumps(told)
    assert {reason["value"] for reason in told["reasons"]} == {HIDDEN}


@pytest.mark.parametrize("text", ['{"orderId":', "[1]", "1", "", b"\xff\xfe"])
def test_what_is_no_record_is_unreadable(plan, text):
    told = tried(plan, text)
    assert told["door"] == "quarantined"
    assert told["reasons"][0]["check"].startswith("unreadable.")


def test_keys_that_no_field_is_read_from_are_told_with_what_was_meant(plan):
    assert tried(plan, {"orderID": 1, "zzz": 2})["unknown"] == [
        {"key": "orderID", "meant": "orderId"},
        {"key": "zzz", "meant": None},
    ]


RECORDS = [
    {"orderId": "A-1", "net": "1"}, {"orderId": "T-1"}, {}, {"orderId": "a-1", "state": "PAID"}, {"orderId": ["x"]},
    {"orderId": "A-1", "net": "1000"}, {"orderId": "A-1", "odd": "x"}, {"orderId": "A-1", "email": "a@b.org"},
    {"orderId": None, "net": {"a": 1}}, {"orderId": "n/a", "net": -0.0},
]  # fmt: skip


@pytest.mark.parametrize("record", RECORDS, ids=range(len(RECORDS)))
def test_a_trial_tells_what_a_run_would_do(tmp_path, record):
    path = tmp_path / "one.dq.yaml"
    path.write_text(SPEC.replace('  shop: {format: csv, fields: {id: Nummer}, decimal: ",", missing: ["", "-"]}\n', ""))
    plan = dq.load(path)
    told, verdict = tried(plan.compiled, record), plan.check_event(record, now=NOW)
    assert told["door"] == verdict.door
    assert [reason["check"] for reason in told["reasons"]] == [reason["check"] for reason in verdict.reasons]


def test_a_step_that_reads_another_field_is_given_its_cleaned_text(tmp_path):
    pytest.importorskip("phonenumbers")
    path = tmp_path / "call.dq.yaml"
    path.write_text(
        "dq: 1\nevent: call\nversion: 1.0.0\nfields:\n"
        "  country: {type: string, clean: [upper]}\n"
        "  phone: {type: string, clean: [{phone: {region_field: country}}]}\n"
    )
    told = tried(dq.load(path).compiled, {"country": "ru", "phone": "8 495 123-45-67"}, source=None)
    assert field(told, "phone")["steps"][0]["after"] == "+74951234567"
