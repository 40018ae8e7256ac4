"""The fields as the page shows them: before and after, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dq.report.page.drawing import Histogram, bar, columns
from dq.report.wording import measure, percent

LABELS = {
    "rows": "rows",
    "missing": "missing",
    "distinct": "distinct",
    "min_length": "shortest",
    "max_length": "longest",
    "min": "least",
    "max": "greatest",
    "mean": "mean",
    "standard_deviation": "standard deviation",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """One statistic before and after; empty where a side does not have it."""

    label: str
    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether both sides say something, and not the same; that rows left is no change of a field."""
        return bool(self.before and self.after) and self.before != self.after and self.label != "rows"


@dataclass(frozen=True, slots=True)
class TopValue:
    """One of the most frequent values: its count, its share of the rows, and the length of its bar."""

    value: Any
    count: int
    share: float
    bar: float


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its part of the report, its number on the page, and what the page adds to it."""

    name: str
    number: int
    field: dict[str, Any]
    failed: int
    changed: int
    statistics: tuple[Compared, ...]
    before: tuple[TopValue, ...]
    after: tuple[TopValue, ...]
    histogram: Histogram | None

    @property
    def anchor(self) -> str:
        """The name of its place on the page; a field's own name can be any text."""
        return f"field-{self.number}"

    def missing(self, side: str) -> float | None:
        """Return the share of rows without a value `before` or `after`; None where nothing was read."""
        share: float | None = (self.field[side] or {}).get("missing_share")
        return share


def rows(report: dict[str, Any]) -> list[FieldRow]:
    """Return the fields in the order of the spec."""
    failed: dict[str, int] = {}
    changed: dict[str, int] = {}
    for check in report["checks"]:
        failed[check["field"]] = failed.get(check["field"], 0) + check["failed"]
    for step in report["cleaning"]:
        changed[step["field"]] = changed.get(step["field"], 0) + step["changed"]
    return [
        FieldRow(
            name,
            number,
            field,
            failed.get(name, 0),
            changed.get(name, 0),
            _statistics(field["before"] or {}, field["after"] or {}),
            _top(field["before"] or {}),
            _top(field["after"] or {}),
            _histogram(field["after"] or {}),
        )
        for number, (name, field) in enumerate(report["fields"].items(), 1)
    ]


def _statistics(before: dict[str, Any], after: dict[str, Any]) -> tuple[Compared, ...]:
    """Return the statistics that either side has, in one order."""
    listed = [
        Compared(label, _said(before, key), _said(after, key))
        for key, label in LABELS.items()
        if before.get(key) is not None or after.get(key) is not None
    ]
    quantiles, earlier = after.get("quantiles") or {}, before.get("quantiles") or {}
    for name in quantiles or earlier:
        value, past = quantiles.get(name), earlier.get(name)
        if value is not None or past is not None:
            label = "median" if name == "50%" else f"{name} are at most"
            listed.append(Compared(label, _measured(past), _measured(value)))
    return tuple(listed)


def _measured(value: Any) -> str:
    return "" if value is None else measure(value)


def _said(profile: dict[str, Any], key: str) -> str:
    """Return one statistic in words; empty where the profile does not have it."""
    value = profile.get(key)
    if value is None:
        return ""
    text = measure(value)
    if key == "missing" and profile["rows"]:
        return f"{text} ({percent(value / profile['rows'])})"
    if key == "distinct" and not profile["distinct_exact"]:
        return f"about {text}"
    return text


def _histogram(profile: dict[str, Any]) -> Histogram | None:
    found = profile.get("histogram")
    return None if found is None else columns(found)


def _top(profile: dict[str, Any]) -> tuple[TopValue, ...]:
    """Return the most frequent values with bars that are full at the most frequent one."""
    listed = profile.get("top") or []
    most = listed[0]["count"] if listed else 0
    return tuple(
        TopValue(item["value"], item["count"], item["count"] / profile["rows"], bar(item["count"], most))
        for item in listed
    )
