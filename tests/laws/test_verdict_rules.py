"""The rules of the verdict, one line each: what fails a batch, what warns, and what no flag can loosen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from whole_runs import NOW, load

import dq

HEAD = "dq: 1\nevent: e\nversion: 1.0.0\n"
INTEGER = "  a: {type: integer, checks: [CHECK]}\n"
HUNDRED = [{"a": n} for n in range(100)]


def verdict(folder: Path, body: str, source: Any, fail_on: str | None = None) -> dq.Report:
    return load(folder, HEAD + body).check(source, now=NOW, fail_on=fail_on)


def of(report: dq.Report, name: str) -> str:
    return next(check["verdict"] for check in report["checks"] if check["id"] == name)


SHARES = [
    # check, failing values put in the place of good ones, --fail-on, the check's verdict, the batch's
    ("{maximum: 200}", [], None, "pass", "pass"),
    ("{maximum: 200}", [999], None, "fail", "fail"),
    ("{maximum: 200, mostly: 99%}", [999], None, "pass", "pass"),
    ("{maximum: 200, mostly: 99%}", [999, 999], None, "fail", "fail"),
    ("{maximum: 200, mostly: 0.985}", [999, 999], None, "fail", "fail"),
    ("{maximum: 200, mostly: 0.98}", [999, 999], None, "pass", "pass"),
    ("{maximum: 200, severity: warning}", [], None, "pass", "pass"),
    ("{maximum: 200, severity: warning}", [999], None, "warn", "warn"),
    ("{maximum: 200, severity: warning}", [999], "warning", "fail", "fail"),
    ("{maximum: 200, severity: warning}", [999], "error", "warn", "warn"),
    ("{maximum: 200, severity: warning, mostly: 99%}", [999], "warning", "pass", "pass"),
    ("{maximum: 200, severity: warning, mostly: 99%}", [999, 999], None, "warn", "warn"),
    ("{maximum: 200, severity: warning, on_fail: quarantine}", [999], None, "warn", "warn"),
    ("{maximum: 200, on_fail: keep}", [999], None, "fail", "fail"),
    ("{maximum: 200, on_fail: keep, mostly: 50%}", [999], None, "pass", "pass"),
    ("{maximum: 200, on_fail: set_null}", [999], None, "fail", "fail"),
    ("{maximum: 200, on_fail: set_null, mostly: 50%}", [999], None, "pass", "pass"),
    ("{maximum: 200, mostly: 50%}", [None] * 99, None, "pass", "pass"),  # null is skipped, not failed
    ("{maximum: 200, mostly: 50%}", [None] * 100, None, "not_evaluated", "pass"),
    ("{maximum: 200, where: a > 1000}", [], None, "not_evaluated", "pass"),
]


@pytest.mark.parametrize(("check", "bad", "fail_on", "own", "whole"), SHARES)
def test_the_share_of_a_check(
    tmp_path: Path, check: str, bad: list[int | None], fail_on: str | None, own: str, whole: str
) -> None:
    records = [{"a": value} for value in bad] + HUNDRED[len(bad) :]
    report = verdict(tmp_path, "fields:\n" + INTEGER.replace("CHECK", check), records, fail_on)
    assert (of(report, "a.maximum"), report.verdict) == (own, whole)


def test_a_failing_row_is_refused_however_many_may_fail(tmp_path: Path) -> None:
    body = "fields:\n" + INTEGER.replace("CHECK", "{maximum: 200, mostly: 99%}")
    assert verdict(tmp_path, body, [{"a": 999}, *HUNDRED[1:]]).records["quarantined"] == 1


BLOCKED = [
    # type, maximum, cells, verdict of type, of maximum, of the batch: a failed cast is in the way of the other checks
    ("", "mostly: 50%", ["1", "x"], "fail", "pass", "fail"),
    ("mostly: 50%", "mostly: 50%", ["1", "x"], "pass", "pass", "pass"),
    ("mostly: 50%", "mostly: 51%", ["1", "x"], "pass", "fail", "fail"),
    ("mostly: 50%", "severity: warning", ["1", "x"], "pass", "warn", "warn"),
    ("on_fail: set_null, mostly: 50%", "severity: error", ["1", "x"], "pass", "pass", "pass"),
    ("on_fail: keep, severity: warning", "severity: error", ["1", "x"], "warn", "pass", "warn"),
    ("severity: warning", "severity: warning", ["x", "y"], "warn", "not_evaluated", "warn"),
    ("mostly: 1%", "mostly: 1%", ["x", "y"], "fail", "not_evaluated", "fail"),
]


@pytest.mark.parametrize(("cast", "other", "cells", "own", "others", "whole"), BLOCKED)
def test_what_could_not_be_evaluated_never_passed(
    tmp_path: Path, cast: str, other: str, cells: list[str], own: str, others: str, whole: str
) -> None:
    checks = f"{{type: {{{cast}}}}}, {{maximum: 200, {other}}}" if cast else f"{{maximum: 200, {other}}}"
    report = verdict(tmp_path, "fields:\n" + INTEGER.replace("CHECK", checks), [{"a": cell} for cell in cells])
    assert (of(report, "a.type"), of(report, "a.maximum"), report.verdict) == (own, others, whole)


def test_a_check_of_which_everything_was_blocked_fails_though_it_says_not_evaluated(tmp_path: Path) -> None:
    body = "fields:\n" + INTEGER.replace("CHECK", "{maximum: 200, mostly: 1%}")
    report = verdict(tmp_path, body + "gate: {quarantined: 100%}\n", [{"a": "x"}])
    assert (of(report, "a.maximum"), of(report, "a.type"), report.verdict) == ("not_evaluated", "tolerated", "fail")


GATES = [
    # the gate, the check, failing values of a hundred, the check's verdict, the batch's
    ("{quarantined: 2%}", "{maximum: 200}", 2, "tolerated", "pass"),
    ("{quarantined: 2%}", "{maximum: 200}", 3, "tolerated", "fail"),
    ("{quarantined: 0%}", "{maximum: 200}", 0, "pass", "pass"),
    ("{quarantined: 0%}", "{maximum: 200}", 1, "tolerated", "fail"),
    ("{quarantined: 2%}", "{maximum: 200, mostly: 99%}", 2, "fail", "fail"),
    ("{quarantined: 2%}", "{maximum: 200, mostly: 98%}", 2, "pass", "pass"),
    ("{quarantined: 2%}", "{maximum: 200, on_fail: keep}", 50, "tolerated", "pass"),
    ("{quarantined: 100%}", "{maximum: 200}", 100, "tolerated", "pass"),
    ("{fail_on: warning}", "{maximum: 200, severity: warning}", 1, "fail", "fail"),
    ("{fail_on: warning, quarantined: 2%}", "{maximum: 200, severity: warning}", 1, "tolerated", "pass"),
    ("{fail_on: warning, quarantined: 2%}", "{maximum: 200, severity: warning, mostly: 100%}", 1, "fail", "fail"),
]


@pytest.mark.parametrize(("gate", "check", "bad", "own", "whole"), GATES)
def test_a_gate_that_counts_refusals(tmp_path: Path, gate: str, check: str, bad: int, own: str, whole: str) -> None:
    body = "fields:\n" + INTEGER.replace("CHECK", check) + f"gate: {gate}\n"
    report = verdict(tmp_path, body, [{"a": 999}] * bad + HUNDRED[bad:])
    assert (of(report, "a.maximum"), report.verdict) == (own, whole)


@pytest.mark.parametrize("fail_on", [None, "error", "warning"])
def test_no_flag_loosens_the_gate_of_a_spec(tmp_path: Path, fail_on: str | None) -> None:
    body = "fields:\n" + INTEGER.replace("CHECK", "{maximum: 200, severity: warning}") + "gate: {fail_on: warning}\n"
    assert verdict(tmp_path, body, [{"a": 999}], fail_on).verdict == "fail"


@pytest.mark.parametrize(
    ("gate", "bad", "whole"),
    [
        ("", 1, "fail"),
        ("", 0, "pass"),
        ("gate: {quarantined: 50%}\n", 1, "pass"),
        ("gate: {quarantined: 10%}\n", 1, "fail"),
    ],
)
def test_unreadable_records_count(tmp_path: Path, gate: str, bad: int, whole: str) -> None:
    report = verdict(tmp_path, "fields:\n  a: {type: integer}\n" + gate, ['{"a": 1}', '{"a": 2}'] + ['{"a": '] * bad)
    assert report.verdict == whole
    assert report.records["unreadable"] == bad


def test_filtered_and_deduplicated_records_are_not_in_the_share_of_the_gate(tmp_path: Path) -> None:
    body = """\
fields:
  a: {type: integer, checks: [{maximum: 200}]}
  b: {type: string}
filter: [{keep: b <> 'no'}]
dedupe: {key: [b]}
gate: {quarantined: 49%}
"""
    records = [{"a": 999, "b": "x"}, {"a": 1, "b": "y"}, *[{"a": 1, "b": "no"}] * 20, *[{"a": 1, "b": "y"}] * 20]
    report = verdict(tmp_path, body, records)
    assert report.verdict == "fail"
    assert [report.records[door] for door in ("accepted", "quarantined", "deduplicated", "filtered")] == [1, 1, 20, 20]


EXPECTATIONS = [
    ("expect: [{row_count: {min: 3}}]", 3, None, "pass"),
    ("expect: [{row_count: {min: 4}}]", 3, None, "fail"),
    ("expect: [{row_count: {max: 2}}]", 3, None, "fail"),
    ("expect: [{row_count: {min: 4}, severity: warning}]", 3, None, "warn"),
    ("expect: [{row_count: {min: 4}, severity: warning}]", 3, "warning", "fail"),
    ("gate: {quarantined: 100%}\nexpect: [{row_count: {min: 4}}]", 3, None, "fail"),  # expectations always count
    ("expect: [{row_count: {min: 1}}]", 0, None, "fail"),
]


@pytest.mark.parametrize(("body", "count", "fail_on", "whole"), EXPECTATIONS)
def test_expectations(tmp_path: Path, body: str, count: int, fail_on: str | None, whole: str) -> None:
    assert verdict(tmp_path, f"fields:\n  a: {{type: integer}}\n{body}\n", HUNDRED[:count], fail_on).verdict == whole


MISSING = [
    # words for no value count before repair; a failed cast is not missing; filtered records are not counted
    ([1, 2, 3, None], "25%", "", "pass"),
    ([1, 2, None, None], "25%", "", "fail"),
    ([1, 2, 3, "-"], "0%", "missing: ['-'], ", "fail"),
    ([1, 2, 3, "x"], "0%", "checks: [{type: {mostly: 50%}}], ", "pass"),
    ([1, 2, None, None], "49%", "impute: {constant: 7}, ", "fail"),
    ([], "0%", "", "pass"),
]


@pytest.mark.parametrize(("values", "most", "more", "whole"), MISSING)
def test_missing_values(tmp_path: Path, values: list[Any], most: str, more: str, whole: str) -> None:
    body = f"fields:\n  a: {{type: integer, {more}expect: [{{missing: {{max: {most}}}}}]}}\n  b: {{type: string}}\n"
    body += "filter: [{keep: b is null}]\n"
    records = [{"a": value} for value in values] + [{"a": None, "b": "out"}] * 3
    assert verdict(tmp_path, body, records).verdict == whole


COLUMNS = [
    # fields, header, verdict, records, because
    ("a: {type: string}, b: {type: string}", "a,b", "pass", 1, ""),
    ("a: {type: string}, b: {type: string}", "a,c", "warn", 1, "has no column for b"),
    ("a: {type: string}, b: {type: string, required: true}", "a,c", "fail", 0, "was refused as a whole"),
    (
        "a: {type: string}, b: {type: string, required: true, impute: {constant: x}}",
        "a,c",
        "warn",
        1,
        "no column for b",
    ),
    ("a: {type: string}, b: {type: string}", "a,a", "fail", 0, "was refused as a whole"),
]


@pytest.mark.parametrize(("fields", "header", "whole", "count", "because"), COLUMNS)
@pytest.mark.parametrize("barrier", ["", "dedupe: {key: [a]}\n"])
def test_columns(tmp_path: Path, fields: str, header: str, whole: str, count: int, because: str, barrier: str) -> None:
    path = tmp_path / "in.csv"
    path.write_text(f"{header}\n1,2\n", encoding="utf-8")
    report = verdict(tmp_path, f"fields: {{{fields}}}\n{barrier}", path)
    assert (report.verdict, report.records["read"]) == (whole, count)
    assert because in "; ".join(report["because"])
    if whole == "fail":
        assert report["sources"][0]["refused"] is not None
        assert report["sources"][0]["bytes"] == path.stat().st_size


def test_a_declared_path_that_no_record_had_fails_the_gate(tmp_path: Path) -> None:
    body = "sources: {s: {format: jsonl, fields: {a: x.y}}}\nfields: {a: {type: string}, b: {type: string}}\n"
    path = tmp_path / "in.jsonl"
    for line, whole in (
        ('{"b": "1"}', "fail"),
        ('{"x": {"y": null}}', "pass"),
        ('{"x": {"z": 1}}', "fail"),
        ("", "pass"),
    ):
        path.write_text(f"{line}\n" if line else "", encoding="utf-8")
        report = verdict(tmp_path, body, path)
        assert report.verdict == whole, line
        assert ("declared for a" in "; ".join(report["because"])) == (whole == "fail")


def test_abort_ends_the_run_and_fails_it(tmp_path: Path) -> None:
    body = "fields:\n" + INTEGER.replace("CHECK", "{maximum: 200, on_fail: abort}") + "gate: {quarantined: 100%}\n"
    plan = load(tmp_path, HEAD + body)
    result = plan.run([{"a": 1}, {"a": 999}], out=tmp_path / "out", now=NOW)
    assert (result.report.verdict, result.folder) == ("fail", None)
    assert not (tmp_path / "out").exists()
    in_memory = plan.run([{"a": 1}, {"a": 999}], now=NOW)
    assert in_memory.report.verdict == "fail"
    assert in_memory.accepted.is_empty()
    assert in_memory.quarantined.is_empty()


def test_held_rows_are_not_called_accepted(tmp_path: Path) -> None:
    plan = load(tmp_path, HEAD + "fields:\n" + INTEGER.replace("CHECK", "{maximum: 200}"))
    result = plan.run([{"a": 1}, {"a": 999}], out=tmp_path / "out", now=NOW)
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"held.parquet", "manifest.json"}
    assert not (tmp_path / "out" / "accepted.parquet").exists()
    with pytest.raises(dq.GateError, match=r"a.maximum"):
        result.raise_for_verdict()
