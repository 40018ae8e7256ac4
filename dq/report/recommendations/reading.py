"""Whether texts could be read under another declaration: the cast itself is asked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.dtypes.cast import cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dq.plan.bound import BoundField
    from dq.report.recommendations.base import Run

Counted = list[tuple[str, int]]


def unreadable(run: Run) -> Iterator[tuple[dict[str, Any], BoundField, Counted]]:
    """Yield each check of a type that failed, with its field and the texts that could not be read, most frequent first.

    There is nothing of a `pii` field, nor of one that is computed.
    """
    for check in run.failing("type"):
        sample, field = run.tally.wrong.get(check["id"]), run.field_of(check)
        if sample is not None and sample.kept and field.is_read:
            yield check, field, sample.ranked()


def readable_as(field: BoundField, texts: Iterable[str], **options: Any) -> list[bool]:
    """Return which texts the field's type reads, with these cast options in place of the field's own."""
    caster = cast(field.type, replace(field.options, **options))
    frame = pl.DataFrame({"text": pl.Series(list(texts), dtype=pl.String)})
    return frame.select(caster.expression(pl.col("text")).is_not_null()).to_series().to_list()


def records_of(texts: Counted, which: Iterable[bool]) -> int:
    """Return how many values are one of the texts that are marked."""
    return sum(count for (_, count), marked in zip(texts, which, strict=True) if marked)
