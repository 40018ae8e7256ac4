"""A format of dates or times that is missing from the list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import Counted, readable_as, records_of, unreadable
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

DATES = (
    "%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y",
)  # fmt: skip
TIMES = ("%H:%M:%S", "%H:%M", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
EPOCHS = ("epoch_s", "epoch_ms", "epoch_us")
DEFAULTS = {Family.DATE: "%Y-%m-%d", Family.TIME: "%H:%M:%S", Family.DATETIME: "rfc3339"}
_SAMPLE = datetime(2026, 11, 22, 10, 44, 55, 666666, tzinfo=UTC)
_FRACTION = re.compile(r"(:[0-9]{1,2}\.)[0-9]+")
_RUN = re.compile(r"[A-Za-z]+|[0-9]+")
_OFFSET = re.compile(r"a|[+-]9:9|[+-]Y")
_NUMBER = re.compile(r"[+-]?[0-9Y<>]+(?:\.[0-9Y<>]+)?")
LEAST = 0.05
"""A format that reads a smaller share of what could not be read is not worth a recommendation."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A format, how many of the values it reads, and the formats that read exactly the same texts."""

    format: str
    records: int
    rivals: tuple[str, ...]


@RECOMMENDATIONS.register
class DateFormat(Recommendation):
    """Find the format of values that no declared format reads.

    Where the values do not tell which of two formats is meant (day and month that are both below 13), both are named
    and none is recommended: dq does not guess.
    """

    kind = "date_format"
    title = "a format of dates or times is missing from the list"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field whose values have another format."""
        for check, field, texts in unreadable(run):
            if field.type.family not in DEFAULTS:
                continue
            best = _best(field, texts)
            if best is None or best.records < LEAST * sum(count for _, count in texts):
                continue
            records = min(best.records, check["failed"])
            named = [text for text, _ in texts][:3]
            lead = f"{several(records, 'value')} of {field.name} (for example {', '.join(named)})"
            evidence = {"share": share_of(best.records, sum(count for _, count in texts)), "values": named}
            if best.rivals:
                formats = " or ".join((best.format, *best.rivals))
                text = f"{lead} could be {formats}, and nothing tells which: declare the one that is meant in `formats`"
                yield Advice(check["id"], text, records, evidence=evidence)
                continue
            declared = list(field.options.formats) or [DEFAULTS[field.type.family]]
            edit = Edit("set", ("fields", field.name, "formats"), [*declared, best.format])
            yield Advice(check["id"], f"{lead} have the format {best.format}: declare it", records, (edit,), evidence)


def _best(field: BoundField, texts: Counted) -> Candidate | None:
    """Return the format that reads most of the values; None where none reads any."""
    words = [text for text, _ in texts]
    shapes = {_shape(text) for text in words}
    likely = [name for name in _candidates(field.type.family) if any(_may_read(name, shape) for shape in shapes)]
    reads = {name: tuple(readable_as(field, words, formats=(name,))) for name in likely}
    found = {name: records_of(texts, marks) for name, marks in reads.items() if any(marks)}
    if not found:
        return None
    most = max(found.values())
    names = [name for name, count in found.items() if count == most]
    return Candidate(names[0], most, tuple(name for name in names[1:] if reads[name] == reads[names[0]]))


def _may_read(name: str, shape: str) -> bool:
    """Whether texts of a shape look enough like a format that a cast, which is dear, is worth a try."""
    if name in EPOCHS:
        return _NUMBER.fullmatch(shape) is not None
    wanted = _shape_of(name.removesuffix("%z"))
    if not name.endswith("%z"):
        return shape == wanted
    return shape.startswith(wanted) and _OFFSET.fullmatch(shape, len(wanted)) is not None


@cache
def _shape_of(name: str) -> str:
    """Return the shape of the texts that a format without an offset reads."""
    return _shape(_SAMPLE.strftime(name))


def _shape(text: str) -> str:
    """Return a text with its words and numbers told apart only by what formats tell them apart by.

    A word is `a`, a part of a second `#`; one or two digits are `9`, four are `Y`, others say how many.
    """
    return _RUN.sub(_class_of, _FRACTION.sub(r"\1#", text))


def _class_of(found: re.Match[str]) -> str:
    """Return what stands in a shape for a word or a number."""
    run = found.group()
    return "a" if run.isalpha() else {1: "9", 2: "9", 4: "Y"}.get(len(run), f"<{len(run)}>")


def _candidates(family: Family) -> Iterator[str]:
    """Yield the formats that are tried: dates, times, or both with a space or a T between them."""
    if family is Family.DATE:
        yield from DATES
    elif family is Family.TIME:
        yield from TIMES
    else:
        yield from EPOCHS
        for date in DATES:
            yield from (f"{date}{sign}{time}{zone}" for sign in (" ", "T") for time in TIMES for zone in ("", "%z"))
