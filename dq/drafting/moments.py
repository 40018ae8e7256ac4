"""Dates, times and moments: the formats that read a column's texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from dq.drafting.finding import Finding, scalar, share
from dq.dtypes.cast import CastOptions
from dq.dtypes.types import DATE, DATETIME, TIME, CellKind, Type

if TYPE_CHECKING:
    from dq.drafting.column import Column

_DATES = (
    "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%m.%d.%Y", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y",
    "%d-%b-%Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%Y%m%d", "%Y-%m-%d",
)  # fmt: skip
_CLOCKS = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_MOMENTS = (
    "rfc3339",
    *(f"%Y-%m-%d{mark}{clock}" for mark in (" ", "T") for clock in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%H:%M:%S%z")),
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%dT%H:%M:%S.%f%z",
    *(f"{date} {clock}" for date in _DATES[:8] for clock in _CLOCKS),
    "%d/%b/%Y:%H:%M:%S %z",
    "%a %b %d %H:%M:%S %z %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "%d %b %Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
    "%Y%m%d%H%M%S",
)
_LOOKED = r"^\s*\w{1,9},?[-/. :]+\w+[-/., :T]+\w|^\d{1,2}:\d\d|^\d{8}$|^\d{14}$"
_DIGITS_ONLY = frozenset({"%Y%m%d", "%Y%m%d%H%M%S"})
_GLANCE = 100  # distinct texts of which a format must read one to be tried on more
_TRIED = 2000
_ENOUGH = 0.9
_EPOCH_WORDS = frozenset({"time", "timestamp", "ts", "at", "date", "created", "updated", "modified", "epoch", "when"})
_EPOCHS = (("epoch_s", 946_684_800, 2_524_608_000), ("epoch_ms", 946_684_800_000, 2_524_608_000_000))  # 2000 to 2050


@dataclass(frozen=True, slots=True)
class Reading:
    """A type that reads a column, its options, how many cells it reads, and the lines that say so."""

    type: Type
    options: CastOptions
    read: int
    findings: tuple[Finding, ...]


def guess(column: Column) -> Reading | None:
    """Return how a column's texts are read as dates, times or moments; None where they are none."""
    if column.counts["kind"].eq(int(CellKind.TEMPORAL)).any():
        return _typed(column)
    if not column.is_text:
        return _epoch(column) or _mixed(column)
    if column.matching(_LOOKED) < _ENOUGH * column.present:
        return _epoch(column)
    for kind, forms in ((DATE, _DATES), (TIME, _CLOCKS), (DATETIME, _MOMENTS)):
        reading = _reading(column, kind, forms)
        if reading is not None:
            return reading
    return None


def _typed(column: Column) -> Reading | None:
    """Return the type of a frame's own dates, times and moments."""
    for kind in (DATE, TIME, DATETIME):
        if column.readable(kind) == column.present:
            return _plain(column, kind, column.present)
    return None


def _plain(column: Column, kind: Type, read: int) -> Reading:
    """Return the reading by the formats that the type has of itself."""
    evidence = "" if read == column.present else f"{share(read, column.present)} values read so"
    return Reading(kind, CastOptions(), read, (Finding("type", str(kind), evidence),))


def _epoch(column: Column) -> Reading | None:
    """Return moments that are counted from 1970, where the name speaks of time and all numbers lie in our years."""
    if not column.named(_EPOCH_WORDS):
        return None
    numbers = column.texts.cast(pl.Int64, strict=False)
    for name, low, high in _EPOCHS:
        read = column.count(numbers.is_between(low, high))
        if read == column.present:
            evidence = f"{share(read, column.present)} values are such numbers of the years 2000 to 2050"
            options = CastOptions(formats=(name,))
            lines = (Finding("type", "datetime", ""), Finding("formats", f"[{name}]", evidence))
            return Reading(DATETIME, options, read, lines)
    return None


def _mixed(column: Column) -> Reading | None:
    """Return moments of JSON that some records write as text and others as a number."""
    if not column.named(_EPOCH_WORDS) or not column.counts["kind"].eq(int(CellKind.TEXT)).any():
        return None
    return _reading(column, DATETIME, ("rfc3339", "epoch_s", "epoch_ms"))


def _reading(column: Column, kind: Type, forms: tuple[str, ...]) -> Reading | None:
    """Return the fewest formats that together read nearly all cells, the one that reads most first."""
    few = Part(column, kind, _TRIED)
    named = column.named(_EPOCH_WORDS | {"day", "dob", "birth", "start", "end", "from", "until"})
    glance = Part(column, kind, _GLANCE)
    usable = [form for form in forms if (named or form not in _DIGITS_ONLY) and glance.reads((form,))]
    if kind in (DATE, TIME) and few.reads(()) >= few.total:
        return _plain(column, kind, column.readable(kind))
    chosen: list[str] = []
    while few.reads(tuple(chosen)) < few.total if chosen else True:
        gains = [(few.reads((*chosen, form)), -usable.index(form), form) for form in usable if form not in chosen]
        best = max(gains, default=(0, 0, ""))
        if best[0] <= (few.reads(tuple(chosen)) if chosen else 0):
            break
        chosen.append(best[2])
    read = column.readable(kind, CastOptions(formats=tuple(chosen))) if chosen else 0
    if read < _ENOUGH * column.present:
        return None
    return _described(column, kind, tuple(chosen), read)


class Part:
    """The most frequent texts of a column, on which formats are tried."""

    def __init__(self, column: Column, kind: Type, most: int) -> None:
        """Take the first distinct texts."""
        self._column = type(column)(column.name, column.path, column.counts.head(most), column.records)
        self._kind = kind
        self.total = self._column.present

    def reads(self, forms: tuple[str, ...]) -> int:
        """Return how many cells some formats read together; none stands for the type's own."""
        return self._column.readable(self._kind, CastOptions(formats=forms))


def _described(column: Column, kind: Type, forms: tuple[str, ...], read: int) -> Reading:
    """Return the reading with the lines that say which formats were found."""
    options = CastOptions(formats=forms)
    other = next((twin for form in forms if (twin := _twin(form)) and _reads_as_well(column, kind, form, twin)), None)
    unclear = f"; {other} reads them as well: no day is above 12" if other else ""
    standard = forms == (("%Y-%m-%d",) if kind is DATE else ("%H:%M:%S",) if kind is TIME else ("rfc3339",))
    if standard and column.readable(kind) >= read:  # which wants two digits where a format takes one
        return _plain(column, kind, read)
    text = "[" + ", ".join(scalar(form) for form in forms) + "]"
    local = kind is DATETIME and not any("%z" in form or form == "rfc3339" for form in forms)
    lines = (
        Finding("type", str(kind), "without an offset: UTC, unless `timezone` says where" if local else ""),
        Finding("formats", text, f"{share(read, column.present)} values are read{unclear}"),
    )
    return Reading(kind, options, read, lines)


def _twin(form: str) -> str | None:
    """Return the format with day and month exchanged, where both are numbers; nobody writes points in another order."""
    for mark in "/-":
        for one, two in (("%d", "%m"), ("%m", "%d")):
            if form.startswith(f"{one}{mark}{two}{mark}"):
                return f"{two}{mark}{one}{mark}" + form[6:]
    return None


def _reads_as_well(column: Column, kind: Type, form: str, twin: str) -> bool:
    """Whether another format reads as many cells of a column."""
    first, second = (column.readable(kind, CastOptions(formats=(each,))) for each in (form, twin))
    return second >= first
