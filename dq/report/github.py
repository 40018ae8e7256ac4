"""Annotations for workflows of GitHub: one command a line, which the runner reads from the output of a step."""

from __future__ import annotations

from typing import Any

from dq.report.findings import Case, Paths, cases, worst_first

COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return an annotation for every promise that does not hold, the worst first, and one for the verdict.

    A reader is led to the line of the spec that asks, and told where the data break it.  A runner shows the first ten
    of a step; so the verdict comes first.
    """
    gate, *others = cases(report, paths)
    word = {"pass": "notice", "warn": "warning", "fail": "error"}[report["verdict"]]
    lines = [_command(word, {"title": "dq"}, gate.words)]
    lines += [_annotation(case) for case in worst_first(others)]
    return ("\n".join(lines) + "\n").encode()


def _annotation(case: Case) -> str:
    place = case.spec or (case.examples[0] if case.examples else None)
    properties = {} if place is None else {"file": place.path}
    if place is not None and place.line is not None:
        properties["line"] = str(place.line)
    text = case.words
    if case.examples and case.spec is not None:
        text += f" at {case.examples[0]}"
    return _command(COMMANDS[case.level], {**properties, "title": case.id}, text)


def _command(word: str, properties: dict[str, str], text: str) -> str:
    """Return one command; nothing in its texts can end it, or begin another."""
    said = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{word} {said}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
