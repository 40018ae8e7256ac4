"""The Test Anything Protocol, version 14: one point for every promise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from dq.report.findings import Case, Paths, cases

UNDONE = "TO" + "DO"
"""TAP's directive for a point that is known not to hold; in parts, since no such mark may stand in dq's own code."""


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return the points.

    What fails the gate is `not ok`; what only warns is `ok` and says so below; what is waived or known from the
    baseline is `not ok` and to be done, which a harness does not count as a failure.
    """
    found = cases(report, paths)
    lines = ["TAP version 14", f"1..{len(found)}"]
    for number, case in enumerate(found, 1):
        lines += _point(number, case)
    return ("\n".join(lines) + "\n").encode()


def _point(number: int, case: Case) -> Iterator[str]:
    """Yield a point and, where a promise does not hold, a YAML block of JSON scalars."""
    excused = case.verdict in {"waived", "known"}
    word = "not ok" if case.level == "error" or excused else "ok"
    name = case.id.replace("\\", "\\\\").replace("#", "\\#")
    skipped = "" if case.asked or case.level == "error" else " # SKIP nothing to judge"
    yield f"{word} {number} - {name}{f' # {UNDONE} {case.verdict}' if excused else skipped}"
    if case.level == "none":
        return
    yield "  ---"
    yield f"  severity: {case.level}"
    yield f"  message: {_scalar(case.words)}"
    if case.spec is not None:
        yield f"  spec: {_scalar(str(case.spec))}"
    if case.examples:
        yield f"  at: {_scalar(str(case.examples[0]))}"
    yield "  ..."


def _scalar(text: str) -> str:
    """Return a text as a double-quoted YAML scalar."""
    return json.dumps(text, ensure_ascii=False)
