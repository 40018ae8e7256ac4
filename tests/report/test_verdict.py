"""The reasons of a verdict: worst first, in words that do not count one fault twice."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dq.outcome import Counts
from dq.report.verdict import Judged, Weight, _judge_check


def judged(name, counts, severity="error", mostly=None, *, counted=False):
    result = Judged()
    verdict = _judge_check(result, name, counts, severity, mostly, strict=False, counted=counted)
    return verdict, result.because


def test_reasons_stand_worst_first():
    result = Judged()
    result.warn("a warning of many rows", rows=1000)
    result.fail("a check of one row", rows=1)
    result.fail("a check that was only blocked", Weight.BLOCKED, 50)
    result.fail("a check of nine rows", rows=9)
    result.fail("a source", Weight.SOURCE)
    result.fail("the gate", Weight.RUN)
    assert result.because == [
        "the gate", "a source", "a check of nine rows", "a check of one row", "a check that was only blocked",
        "a warning of many rows",
    ]  # fmt: skip
    assert result.verdict == "fail"


@pytest.mark.parametrize(
    ("counts", "mostly", "verdict", "words"),
    [
        (Counts(), None, "not_evaluated", []),
        (Counts(skipped=9), None, "not_evaluated", []),
        (Counts(passed=9), None, "pass", []),
        (Counts(passed=8, failed=1), None, "fail", ["c: 1 of 9 fails"]),
        (Counts(passed=7, failed=2, blocked=1), None, "fail", ["c: 2 of 10 fail, and 1 of 10 cells could not be read"]),
        (Counts(passed=9, blocked=1), None, "fail", ["c: not asked, because 1 of 10 cells could not be read"]),
        (Counts(blocked=3), None, "not_evaluated", ["c: not asked, because 3 of 3 cells could not be read"]),
        (Counts(passed=99, failed=1), Fraction(99, 100), "pass", []),
        (Counts(passed=98, failed=2), Fraction(99, 100), "fail", ["c: 2 of 100 fail, 99% must pass"]),
    ],
)
def test_words_of_a_check(counts, mostly, verdict, words):
    assert judged("c", counts, mostly=mostly) == (verdict, words)


def test_a_gate_that_counts_refusals_judges_only_checks_with_a_share_of_their_own():
    assert judged("c", Counts(passed=1, failed=1), counted=True) == ("tolerated", [])
    assert judged("c", Counts(blocked=1), counted=True) == ("tolerated", [])
    assert judged("c", Counts(passed=1, failed=1), mostly=Fraction(1, 2), counted=True) == ("pass", [])
    assert judged("c", Counts(passed=1, failed=2), mostly=Fraction(1, 2), counted=True)[0] == "fail"
