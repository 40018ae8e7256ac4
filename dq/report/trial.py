"""What `dq try` says to people: the way of one record, field by field, check by check."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from dq.report.wording import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LONGEST = 100
_LABEL = 22  # columns of the name of a step
_TOLD_WITH_THE_FIELD = frozenset({"type", "clean"})
_ANSWERS = {"passed": "pass", "failed": "FAIL", "skipped": "no value", "blocked": "blocked"}


def way(told: Mapping[str, Any]) -> str:
    """Return the way of a record as text, each step on a line."""
    spec = told["spec"]
    lines = [f"{spec['event']} {spec['version']}"]
    for field in told["fields"]:
        lines += ["", *_field(field)]
    lines += ["", *_checks(told)]
    for unknown in told["unknown"]:
        meant = f"; did you mean {plain(unknown['meant'])}?" if unknown["meant"] else ""
        lines.append(f"not read: {plain(unknown['key'])}{meant}")
    if told["not_asked"]:
        lines.append(f"not asked of one record: {', '.join(told['not_asked'])}")
    lines += ["", told["door"], *_reasons(told)]
    if told["record"] is not None:
        lines.append(json.dumps(told["record"], ensure_ascii=False, indent=2))
    return "\n".join(lines)


def _line(label: str, text: str) -> str:
    """Return one step: what it is called, and what comes out of it."""
    return f"  {label.ljust(_LABEL)}  {text}".rstrip()


def _field(field: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of one field: what was found, each step, the cast, what was changed afterwards."""
    yield field["field"]
    if field["from"] == "record":
        yield _line("found", "nothing" if field["found"] is None else _quoted(field["found"]))
    for step in field["steps"]:
        yield _line(step["step"], _after(step))
    if field["missing"]:
        yield _line("missing", "this word means no value")
    elif field["unreadable"]:
        yield _line(field["type"], "cannot be read so")
    elif field["found"] is not None or field["from"] != "record":
        label = field["type"] if field["from"] == "record" else f"{field['from']} {field['type']}"
        first = field["changes"][0]["before"] if field["changes"] else field["value"]
        yield _line(label, "no value" if first is None else _value(first))
    for change in field["changes"]:
        before = "no value" if change["before"] is None else _value(change["before"])
        after = "no value" if change["after"] is None else _value(change["after"])
        yield _line(change["step"].removeprefix(f"{field['field']}."), f"{before} → {after}")


def _after(step: Mapping[str, Any]) -> str:
    """Say what a step made of a text."""
    if step["refused"]:
        return "refused"
    if not step.get("changed", step["before"] != step["after"]):
        return "unchanged"
    return "no value" if step["after"] is None else _quoted(step["after"])


def _quoted(text: str) -> str:
    """Return a text in quotes, so that blanks at its ends are seen."""
    return text if text.startswith("[personal") else f'"{plain(text, _LONGEST)}"'


def _value(value: Any) -> str:
    """Return a value as the language of JSON says it, but for quotes around text."""
    return plain(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), _LONGEST)


def _checks(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the checks with their answers; those of the cast are told with the fields."""
    width = max((len(check["check"]) for check in told["checks"]), default=0)
    for check in told["checks"]:
        if check["answer"] != "failed" and check["check"].rpartition(".")[2] in _TOLD_WITH_THE_FIELD:
            continue
        answer = _ANSWERS[check["answer"]]
        mild = " (a warning)" if check["answer"] == "failed" and check["severity"] == "warning" else ""
        yield f"  {answer.ljust(8)}  {check['check'].ljust(width)}  {check['expected']}{mild}"


def _reasons(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the reasons by which a record was refused or left out."""
    for reason in told["reasons"]:
        found = "" if reason["value"] is None else f"; found {_found(reason['value'])}"
        expected = "" if reason["check"].startswith("unreadable.") else "expected "
        yield f"  {reason['check']}: {expected}{reason['message']}{found}"


def _found(value: Any) -> str:
    """Return the value of a reason; of a check across fields each with its name."""
    return plain(value, _LONGEST) if isinstance(value, (dict, str)) else _value(value)
