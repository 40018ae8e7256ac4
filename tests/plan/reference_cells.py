"""What becomes of one cell, in plain Python: words for no value, cleaning, the cast, and one question at a time.

It is written from the rules of the language, value by value, and shares nothing with the kernel but the types.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from dq.dtypes.types import Type

TRUE, FALSE = {"true", "1", "yes", "t", "y"}, {"false", "0", "no", "f", "n"}
INTEGER = re.compile(r"(?:0|-?[1-9][0-9]*)\Z", re.ASCII)
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z", re.ASCII)
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?\Z", re.ASCII)
RFC3339 = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,6}))?(Z|z|[+-][0-9]{2}:[0-9]{2})\Z",
    re.ASCII,
)


class NotCastableError(ValueError):
    """The text is not of the type."""


@dataclass
class Cell:
    """One cell on its way.  `shown` is what a reason shows; `refused_by` the cleaning step that refused it."""

    shown: str | None = None
    value: Any = None
    missing: bool = True
    refused_by: str | None = None
    passed: list[str] = field(default_factory=list)
    failed_cast: bool = False
    changed: list[str] = field(default_factory=list)


def text_of(raw: Any) -> tuple[str | None, str]:
    """Return a raw value as text, and what it was before: text, number, boolean or a JSON structure."""
    if raw is None or isinstance(raw, str):
        return raw, "text"
    if isinstance(raw, bool):
        return ("true" if raw else "false"), "boolean"
    if isinstance(raw, (int, float)):
        return repr(raw), "number"
    return json.dumps(raw, separators=(",", ":"), ensure_ascii=False), "structure"


def apply_step(step: Any, text: str) -> tuple[str | None, bool]:
    """Return the text after one cleaning step, and whether the step refuses it."""
    if step == "strip":
        return text.strip(), False
    if step in ("lower", "upper"):
        return getattr(text, step)(), False
    name = next(iter(step))
    if name == "map":
        table, otherwise = step["map"], step.get("otherwise", "keep")
        if text in table:
            return table[text], False
        return (None if otherwise == "blank" else text), otherwise == "refuse"
    assert name == "slice", step
    start, length = step["slice"]["start"], step["slice"]["length"]
    return text[start:][:length], False


def step_ids(name: str, steps: list[Any]) -> list[str]:
    """Return the ids of a field's steps: `field.kind`, with `#2` for a second of the kind."""
    kinds = [step if isinstance(step, str) else next(iter(step)) for step in steps]
    ids = []
    for at, kind in enumerate(kinds):
        count = kinds[: at + 1].count(kind)
        ids.append(f"{name}.{kind}" + (f"#{count}" if count > 1 else ""))
    return ids


def may_refuse(step: Any) -> bool:
    return isinstance(step, dict) and step.get("otherwise") == "refuse"


def read_cell(name: str, spec: dict[str, Any], type_: Type, words: list[str], raw: Any) -> Cell:
    """Return what one raw value becomes: a value is missing if it is one of the words before or after cleaning."""
    text, kind = text_of(raw)
    cell = Cell()
    if text is None or text in words:
        return cell
    before: str | None = text
    steps = spec.get("clean", [])
    for step, given in zip(steps, step_ids(name, steps), strict=True):
        if before is None:
            break
        after, refused = apply_step(step, before)
        if refused:
            cell.shown, cell.missing, cell.refused_by, cell.changed = text, False, given, []
            return cell
        if may_refuse(step):
            cell.passed.append(given)
        if after != before:
            cell.changed.append(given)
        before = after
    if before == text:
        cell.changed = []  # steps that undo one another have changed nothing
    if before is None or before in words:
        return cell
    if before != text and kind != "structure":
        kind = "text"  # what cleaning has changed is text
    cell.shown, cell.missing = before, False
    try:
        cell.value = cast(type_, before, kind, spec.get("formats", ["default"]))
    except NotCastableError:
        cell.failed_cast = True
    return cell


def cast(type_: Type, text: str, kind: str, formats: list[str]) -> Any:
    """Return the value of a text, exactly, or raise NotCastableError."""
    if kind == "structure":
        raise NotCastableError
    if type_.name == "string":
        return text
    if type_.name == "boolean":
        if kind == "number" and text not in ("0", "1"):
            raise NotCastableError
        if text.lower() in TRUE | FALSE:
            return text.lower() in TRUE
        raise NotCastableError
    if kind == "boolean":
        raise NotCastableError
    return {"integer": _integer, "number": _number, "decimal": _decimal, "date": _date, "datetime": _datetime}[
        type_.name
    ](type_, text, kind, formats)


def _integer(_: Type, text: str, kind: str, __: list[str]) -> int:
    if kind == "number" and NUMBER.match(text):
        exact = Decimal(text)
        if exact != int(exact):
            raise NotCastableError
        text = str(int(exact))
    if not INTEGER.match(text) or not -(2**63) <= int(text) < 2**63:
        raise NotCastableError
    return int(text)


def _number(_: Type, text: str, __: str, ___: list[str]) -> float:
    if not NUMBER.match(text):
        raise NotCastableError
    value, exact = float(text), Decimal(text)
    whole = not re.search(r"[.eE]", text)
    if value in (float("inf"), float("-inf")) or (value == 0 and exact != 0) or (whole and abs(exact) > 2**53):
        raise NotCastableError
    return value


def _decimal(type_: Type, text: str, kind: str, __: list[str]) -> Decimal:
    match = DECIMAL.match(text)
    if kind == "number" or (match and len(match[1] or "") <= (type_.scale or 0)):
        exact = Decimal(text)
    else:
        raise NotCastableError
    step = Decimal(1).scaleb(-(type_.scale or 0))
    rounded = exact.quantize(step)
    if rounded != exact or abs(exact) >= Decimal(10) ** (type_.precision - (type_.scale or 0)):
        raise NotCastableError
    return rounded


def _date(_: Type, text: str, kind: str, formats: list[str]) -> date:
    if kind == "number":
        raise NotCastableError
    patterns = {
        "default": r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{2})-(?P<d>[0-9]{2})\Z",
        "%Y-%m-%d": r"(?P<Y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})\Z",
        "%d.%m.%Y": r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<Y>[0-9]{4})\Z",
    }
    for form in formats:
        if match := re.match(patterns[form], text, re.ASCII):
            try:
                return date(int(match["Y"]), int(match["m"]), int(match["d"]))
            except ValueError:
                continue
    raise NotCastableError


def _datetime(_: Type, text: str, kind: str, __: list[str]) -> datetime:
    match = RFC3339.match(text)
    if kind == "number" or not match:
        raise NotCastableError
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError:
        raise NotCastableError from None


def literal(type_: Type, written: Any) -> Any:
    """Return the value of a literal of the spec, read by the field's type."""
    text, _ = text_of(written)
    assert text is not None
    return cast(type_, text, "text", ["default"])


def answer(kind: str, parameter: Any, type_: Type, value: Any) -> bool | None:  # noqa: PLR0911 - a line a kind
    """Return what one check says of one value: true, false, or None where there is nothing to judge."""
    if kind == "required":
        return value is not None
    if value is None:
        return None
    match kind:
        case "between":
            low, high = (literal(type_, end) for end in parameter)
            return low <= value <= high
        case "minimum":
            return value >= literal(type_, parameter)
        case "maximum":
            return value <= literal(type_, parameter)
        case "lt":
            return value < literal(type_, parameter)
        case "equals":
            return value == literal(type_, parameter)
        case "accepted_values":
            return value in [literal(type_, item) for item in parameter]
        case "not_accepted_values":
            return value not in [literal(type_, item) for item in parameter]
        case "pattern":
            return re.search(parameter, value) is not None
        case "max_length":
            return len(value) <= parameter
    raise AssertionError(kind)


def shown(value: Any) -> Any:
    """Return a value as it stands in a reason: JSON's own types as they are, the others as canonical text."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    return value.isoformat().replace("+00:00", "Z") if isinstance(value, date) else str(value)
