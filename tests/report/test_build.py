"""The report: counts that add up, values that may be told, the same bytes for the same run."""

from __future__ import annotations

import orjson
import pytest

from dq.report.build import dump, shorten

from . import runs


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))


def test_counts_add_up(reports):
    for report in reports.values():
        records = report["records"]
        doors = [records[door] for door in ("accepted", "quarantined", "deduplicated", "filtered")]
        assert records["read"] == sum(doors) == sum(source["records"] for source in report["sources"])
        judged = records["read"] - records["unreadable"] - records["deduplicated"] - records["filtered"]
        readable, *checks = report["checks"]
        assert (readable["evaluated"], readable["failed"]) == (records["read"], records["unreadable"])
        for check in checks:
            assert check["evaluated"] == check["passed"] + check["failed"]
            assert check["evaluated"] + check["skipped"] + check["blocked"] == judged, check["id"]


def test_what_became_of_the_records(reports):
    report = reports["every type"]
    assert report["records"] == {
        "read": 9, "accepted": 2, "quarantined": 5, "deduplicated": 1, "filtered": 1, "unreadable": 2,
    }  # fmt: skip
    failed = {check["id"]: check["failed"] for check in report["checks"] if check["failed"]}
    assert failed == {
        "readable": 2, "s.accepted_values": 1, "i.between": 1, "d.type": 1, "secret.maximum": 1, "rule": 1,
    }  # fmt: skip
    assert report["checks"][0]["codes"] == {"unreadable.duplicate_key": 1, "unreadable.not_object": 1}
    changed = {step["step"]: step["changed"] for step in report["cleaning"] if step["changed"]}
    assert changed == {"s.strip": 1, "s.map": 1, "i.between": 1}
    assert report["dedupe"]["keys_without_accepted_record"] == 0
    assert [source["unknown_fields"] for source in report["sources"]] == [{"stranger": 1}]


def test_personal_data_is_in_no_report(tmp_path):
    """Neither as an example, nor in a profile, nor in a recommendation, nor through a check of the whole row."""
    secret = "SECRET-7731"
    text = (
        runs.SHORT
        + """\
  mail: {type: string, pii: true, checks: [{accepted_values: [x]}, {max_length: 3}, unique]}
  born: {type: date, pii: true}
checks:
  - {id: same, assert: "mail = id"}
dedupe: {key: [id]}
"""
    )
    rows = [{"id": f"a{n}", "mail": secret, "born": secret, "place": secret, "count": 1} for n in range(3)]
    result = runs.plan(tmp_path, text).run(rows, now=runs.NOW)
    assert result.report.records["quarantined"] == 3
    assert secret in str(result.quarantined.to_dicts())
    assert secret not in dump(dict(result.report.data)).decode()


def test_the_report_says_what_tightened_the_gate(reports):
    assert reports["a frame"]["gate"] == {"quarantined": None, "fail_on": "error"}
    assert reports["tightened"]["gate"] == {"quarantined": None, "fail_on": "warning"}


def test_the_bytes_are_the_same_for_the_same_run(tmp_path, reports):
    again = runs.reports(tmp_path)
    assert {name: dump(report) for name, report in again.items()} == {n: dump(r) for n, r in reports.items()}


def test_bytes_end_with_one_line_end():
    assert dump({"a": 1}) == b'{\n  "a": 1\n}\n'
    assert orjson.loads(dump({"a": "ж"})) == {"a": "ж"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 200, "x" * 200),
        ("x" * 201, "x" * 200 + "…"),
        ({"k": "x" * 300}, {"k": "x" * 200 + "…"}),
        (list(range(50)), list(range(20))),
        (None, None),
        (5, 5),
    ],
)
def test_long_values_are_cut_and_say_so(value, shown):
    assert shorten(value) == shown
