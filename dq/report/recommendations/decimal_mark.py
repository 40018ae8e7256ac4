"""Numbers whose decimal mark is not the declared one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import Counted, readable_as, records_of, unreadable
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

MARKS = ((",", None), (",", "."), (",", " "), (",", "\u00a0"), (",", "'"), (".", ","), (".", " "), (".", "\u00a0"),
         (".", "'"))  # fmt: skip
"""Decimal marks with the marks between thousands, in the order in which they are tried."""
_GROUP_OR_FRACTION = re.compile(r"-?[0-9]{1,3}[.,][0-9]{3}")
_NAMES = {",": "a comma", ".": "a point", " ": "a space", "\u00a0": "a no-break space", "'": "an apostrophe"}


@RECOMMENDATIONS.register
class DecimalMark(Recommendation):
    """Find the marks of numbers that are written in another country's way, and read them so.

    A number such as `1,234` may be of either kind; where nothing else was found, nothing is recommended.
    """

    kind = "decimal_mark"
    title = "numbers have another decimal mark, or marks between thousands"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field whose numbers have other marks."""
        for check, field, texts in unreadable(run):
            marks = _marks(field, texts) if field.type.family is Family.NUMBER else None
            if marks is None:
                continue
            read = _read(field, [text for text, _ in texts], marks)
            records, named = records_of(texts, read), [t for (t, _), good in zip(texts, read, strict=True) if good][:3]
            decimal, thousands = marks
            between = "" if thousands is None else f" and {_NAMES[thousands]} between thousands"
            text = (
                f"{several(records, 'number')} of {field.name} (for example {'; '.join(named)}) "
                f"{'has' if records == 1 else 'have'} {_NAMES[decimal]} before the fraction{between}: read them so"
            )
            evidence = {"share": share_of(records, check["failed"]), "values": named}
            edits = _edits(field, decimal, thousands, alone=not check["passed"])
            yield Advice(check["id"], text, records, edits, evidence)


def _marks(field: BoundField, texts: Counted) -> tuple[str, str | None] | None:
    """Return the marks that read most of the numbers that tell them; None where nothing does."""
    telling = [(text, count) for text, count in texts if not _GROUP_OR_FRACTION.fullmatch(text)]
    words = [text for text, _ in telling]
    found = {marks: records_of(telling, _read(field, words, marks)) for marks in MARKS} if words else {}
    best = max(found, key=lambda marks: found[marks], default=None)
    return best if best is not None and found[best] else None


def _read(field: BoundField, texts: list[str], marks: tuple[str, str | None]) -> list[bool]:
    return readable_as(field, texts, decimal_mark=marks[0], thousands=marks[1])


def _edits(field: BoundField, decimal: str, thousands: str | None, *, alone: bool) -> tuple[Edit, ...]:
    """Return the step that reads such numbers; `alone` says that no number of the field is written otherwise.

    A comma is only ever replaced where it can mean nothing else.  Where points stand between thousands, other numbers
    of the field could have one before the fraction, and a step for all of them would misread those.
    """
    step: dict[str, Any]
    if thousands is None:
        step = {"replace": {"pattern": ",", "with": "."}}
    elif decimal == ".":
        step = {"number": {"decimal": decimal, "thousands": thousands}}
    elif alone:
        step = {"number": {"decimal": decimal, "thousands": thousands, "otherwise": "refuse"}}
    else:
        return ()
    return (Edit("append", ("fields", field.name, "clean"), step),)
