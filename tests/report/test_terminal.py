"""The summary for people: each fault once, worst first, whole names at 80 columns, honest without colour."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from dq.report.terminal import percent, plain, summary

from .runs import reports


def check(name, **given):
    values = {
        "id": name, "field": None, "kind": "between", "severity": "error", "on_fail": "quarantine", "evaluated": 100,
        "passed": 99, "failed": 1, "skipped": 0, "blocked": 0, "mostly": None, "verdict": "fail",
        "examples": [{"source": "a.csv", "record": 1, "line": 2, "value": "x"}],
    }  # fmt: skip
    return values | given


def report_of(*checks, verdict="fail", because=(), **given):
    report = {
        "verdict": verdict, "because": list(because), "spec": {"event": "e", "version": "1.0.0", "fingerprint": "f" * 64},
        "records": {"read": 100, "accepted": 99, "quarantined": 1, "deduplicated": 0, "filtered": 0},
        "gate": {"quarantined": None, "fail_on": "error"}, "sources": [{"name": "a.csv"}], "checks": list(checks),
        "cleaning": [], "recommendations": [], "ml": {}, "dedupe": None,
    }  # fmt: skip
    return report | given


def printed(report, width=80, where=None):
    console = Console(width=width, file=io.StringIO(), highlight=False)
    console.print(summary(report, where))
    return console.file.getvalue()


def rows(text):
    """Return the first words of the lines of the table of checks."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("check"))
    table = lines[start + 1 :]
    return [line.split()[0] for line in table[: table.index("") if "" in table else None]]


@pytest.mark.parametrize("width", [80, 200])
def test_ids_counts_and_shares_are_whole(width):
    name = "congestion_surcharge.between#2"
    example = {"source": "a.csv", "record": 1, "line": 2, "value": {"a_rather_long_name": "v" * 60}}
    text = printed(report_of(check(name, failed=1_234_567, evaluated=9_876_543, examples=[example])), width)
    line = next(line for line in text.splitlines() if line.startswith(name))
    assert line.split()[:4] == [name, "1,234,567", "12.50%", "fail"]
    assert "…" in line
    assert all(len(line) <= width for line in text.splitlines())


def test_a_check_that_was_only_blocked_is_no_second_line():
    type_check = check("amount.type", failed=3, examples=[])
    blocked = check("amount.minimum", failed=0, blocked=3, examples=[])
    because = ["amount.type: 3 of 100 fail", "amount.minimum: not asked, because 3 of 103 cells could not be read"]
    text = printed(report_of(type_check, blocked, because=because))
    assert rows(text) == ["amount.type"]
    assert "amount.minimum" not in text


def test_a_check_that_was_only_blocked_is_told_where_it_alone_decides():
    type_check = check("amount.type", failed=3, mostly=0.9, verdict="pass")
    blocked = check("amount.minimum", failed=0, blocked=3)
    because = ["amount.minimum: not asked, because 3 of 103 cells could not be read"]
    text = printed(report_of(type_check, blocked, because=because))
    assert "! amount.minimum: not asked" in text
    assert "pass, ≥90%" in text


def test_worst_first():
    checks = (
        check("few", failed=1),
        check("warned", failed=90, severity="warning", on_fail="keep", verdict="warn"),
        check("enough", failed=50, mostly=0.2, verdict="pass"),
        check("many", failed=7),
        check("counted", failed=80, verdict="tolerated"),
    )
    assert rows(printed(report_of(*checks))) == ["many", "few", "counted", "warned", "enough"]


def test_reasons_that_are_rows_are_not_repeated():
    because = ["3 of 100 judged records were refused (3.00%), 1% are tolerated", "a.between: 1 of 100 fails"]
    text = printed(report_of(check("a.between"), because=because))
    assert "! 3 of 100 judged records were refused (3.00%), 1% are tolerated" in text
    assert text.count("a.between") == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"verdict": "tolerated"}, "refused"),
        ({"verdict": "tolerated", "on_fail": "keep"}, "kept"),
        ({"verdict": "tolerated", "on_fail": "set_null"}, "set null"),
        ({"verdict": "fail", "mostly": 0.999}, "fail, <99.9%"),
        ({"verdict": "warn"}, "warn"),
    ],
)
def test_verdicts_are_words(given, words):
    line = next(line for line in printed(report_of(check("a.between", **given))).splitlines() if line.startswith("a.b"))
    assert words in line


def test_more_than_fits_one_screen_is_counted():
    recommended = [{"text": f"do {number}", "patch": None} for number in range(5)]
    text = printed(report_of(*(check(f"c{n:02d}") for n in range(30)), recommendations=recommended), where="out")
    assert "22 more checks have failures" in text
    assert "2 more recommendations are in the report" in text
    assert "(the batch failed: its rows are called held.*)" in text
    assert len(text.splitlines()) <= 26


def test_where_the_lines_for_the_spec_are_is_said_where_there_are_any():
    recommended = [{"text": "do it", "patch": "fields: {}\n"}]
    hint = "`dq suggest out/report.json` has the lines for the spec"
    assert hint in printed(report_of(recommendations=recommended), where="out")
    assert "dq suggest" not in printed(report_of(recommendations=recommended))
    recommended = [{"text": "ask them", "patch": None}]
    assert "dq suggest" not in printed(report_of(recommendations=recommended), where="out")


def test_conflicts_of_duplicates_are_a_line():
    found = {"natural": 5, "conflicting": 3, "keys_conflicting": 2, "differs": {"b": 1, "a": 1, "price": 3, "d": 1}}
    text = printed(report_of(dedupe={"duplicates": found}), width=120)
    words = "conflicts: 3 duplicates of 2 keys differ from the record that stayed: price 3, a 1, b 1, 1 more field"
    assert words in text.splitlines()
    quiet = found | {"conflicting": 0, "keys_conflicting": 0, "differs": {}}
    assert "conflicts" not in printed(report_of(dedupe={"duplicates": quiet}))


@pytest.mark.parametrize("width", [80, 200])
def test_the_summary_of_a_real_run_fits_a_screen_and_says_the_same_without_colour(tmp_path, width):
    report = reports(tmp_path)["every type"]
    plain_text = printed(report, width, where="out")
    console = Console(width=width, file=io.StringIO(), highlight=False, force_terminal=True, color_system="standard")
    console.print(summary(report, "out"))
    assert re.sub(r"\x1b\[[0-9;]*m", "", console.file.getvalue()) == plain_text
    lines = plain_text.splitlines()
    assert len(lines) <= 40
    assert all(len(line) <= width for line in lines)
    table = [line for line in lines if line.startswith(("check ", "s.accepted_values ", "rule "))]
    assert len({line.index(word) + len(word) for line, word in zip(table[:1], ["failed"], strict=False)}) == 1
    assert len(table) == 3


def test_sources_are_told_apart_where_there_are_several():
    text = printed(report_of(check("a.between"), sources=[{"name": "a.csv"}, {"name": "b.csv"}]))
    assert "x, a.csv:2" in text
    assert "x, line 2" in printed(report_of(check("a.between")))


def test_a_batch_that_passed_says_how_close_it_came():
    text = printed(report_of(verdict="pass", gate={"quarantined": 0.05, "fail_on": "error"}))
    assert text.splitlines()[:2] == [
        "PASS  e 1.0.0  ffffffffffff",
        "1 of 100 judged records were refused (1.00%), 5% are tolerated",
    ]


def test_values_cannot_move_the_cursor_or_forge_a_line():
    evil = {"source": "a.csv", "record": 1, "line": 2, "value": "\x1b[2J\nPASS \u202e"}
    text = printed(report_of(check("a.between", examples=[evil])))
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[2J\\nPASS \\u202e" in text
    assert plain("a" * 50) == "a" * 39 + "…"


def test_shares_never_round_something_to_nothing():
    assert [percent(part) for part in (0, 0.00001, 0.5, 0.999999, 1)] == [
        "0.00%",
        "<0.01%",
        "50.00%",
        ">99.99%",
        "100.00%",
    ]
