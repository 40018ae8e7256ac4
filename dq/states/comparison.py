"""Two profiles of one field side by side: the same bins or categories, with the counts of both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dq.states.divergence import Counts
from dq.states.occurrences import Occurrences
from dq.states.quantiles import Quantiles
from dq.states.scalars import plain
from dq.states.spans import Spans
from dq.states.top import Top

BINS = 10
FEW = 20  # distinct numbers of a reference that are compared one by one, like categories
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Binned = Quantiles | Spans


class Bin(NamedTuple):
    """One bin: what it is called in a report, and the counts of both samples."""

    label: dict[str, Any]
    reference: int
    batch: int


@dataclass(frozen=True, slots=True)
class Histograms:
    """The same bins of both samples, in order."""

    bins: tuple[Bin, ...]

    @property
    def reference(self) -> Counts:
        """The counts of the reference."""
        return np.array([b.reference for b in self.bins], np.int64)

    @property
    def batch(self) -> Counts:
        """The counts of the batch."""
        return np.array([b.batch for b in self.bins], np.int64)

    def report(self, *, pii: bool) -> list[dict[str, Any]]:
        """Return the bins as JSON values; of a `pii` field without what they are called."""
        return [
            (_nameless(b.label) if pii else b.label) | {"reference": b.reference, "batch": b.batch} for b in self.bins
        ]


def _nameless(label: dict[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(label)


def categories(reference: Top, batch: Occurrences) -> Histograms:
    """Return the categories of the reference, the most frequent first, and one of all others."""
    ranked = reference.ranked()
    bins = [Bin({"value": plain(value)}, count, now) for (value, count), now in zip(ranked, batch.counts, strict=True)]
    return Histograms((*bins, Bin({"value": None}, 0, batch.others)))


def aligned(reference: Binned, batch: Binned) -> tuple[Binned, Counts, Counts]:
    """Return all fine bins of both, in order: a state that knows their ends, and the counts of both.

    The state holds the index of every bin; its own counts are those of both together.
    """
    if isinstance(reference, Spans) and isinstance(batch, Spans):
        shift = max(reference.shift, batch.shift)
        reference, batch = reference.coarser(shift), batch.coarser(shift)
    one, two = dict(reference.bins), dict(batch.bins)
    indices = sorted({*one, *two})
    bins = tuple((index, one.get(index, 0) + two.get(index, 0)) for index in indices)
    known = reference if reference.bins else batch
    both: Binned = (
        Quantiles(bins, known.scale) if isinstance(known, Quantiles) else Spans(bins, known.shift, known.unit)
    )
    counts = [np.array([side.get(index, 0) for index in indices], np.int64) for side in (one, two)]
    return both, counts[0], counts[1]


def quantile_bins(reference: Binned, batch: Binned) -> Histograms:
    """Return both samples in about ten bins that hold equal shares of the reference, and one on either side.

    The bins begin and end where fine bins do, so the counts are exact.  A fine bin that holds a tenth or more by itself
    has its own, so that it hides nothing.  What lies below the least value of the reference, or above its greatest, is
    beyond what was learnt, and has a bin, too.
    """
    both, one, two = aligned(reference, batch)
    indices = [index for index, _ in both.bins]
    cumulated = np.cumsum(one)
    total = int(cumulated[-1])
    ranks = [1, *(min(-(-total * part // BINS) + 1, total) for part in range(1, BINS))]
    stop = int(np.searchsorted(cumulated, total)) + 1
    heavy = np.flatnonzero(one * BINS >= total).tolist()
    begins = {int(np.searchsorted(cumulated, rank)) for rank in ranks} | {*heavy, *(place + 1 for place in heavy)}
    starts = sorted(place for place in begins if place < stop)
    places = [0, *starts, stop, len(indices)]
    edges = [None, *(_edge(both, indices[place]) for place in starts), _edge(both, indices[stop - 1] + 1), None]
    sides = [[int(side[start:end].sum()) for start, end in pairwise(places)] for side in (one, two)]
    labels = ({"from": low, "to": high} for low, high in pairwise(edges))
    return Histograms(tuple(Bin(*item) for item in zip(labels, *sides, strict=True)))


def _edge(both: Binned, index: int) -> float | str:
    """Return where a fine bin begins: a number, or a date or time as text."""
    return both.edge(index) if isinstance(both, Quantiles) else _moment(both.unit, index << both.shift)


def _moment(unit: str, units: int) -> str | float:
    """Return units as text (a duration in seconds); what lies beyond the calendar ends with it."""
    try:
        if unit == "duration":
            return timedelta(microseconds=units).total_seconds()
        if unit == "time":
            return str(plain(time.max if units >= 86_400 * 10**6 else (_EPOCH + timedelta(microseconds=units)).time()))
        moment = _EPOCH + (timedelta(days=units) if unit == "date" else timedelta(microseconds=units))
    except OverflowError:
        return str(plain(date.max if units > 0 else date.min))
    return str(plain(moment.date() if unit == "date" else moment))


def single(both: Binned) -> npt.NDArray[np.bool_]:
    """Return which fine bins hold one value only, so that nothing is unknown within them."""
    if isinstance(both, Quantiles):
        return np.array([both.alone(index) for index, _ in both.bins], np.bool_)
    return np.full(len(both.bins), both.shift == 0)


def values_in_order(reference: Top, batch: Top) -> tuple[Counts, Counts]:
    """Return the counts of every single value of both, in order of value; both are complete."""
    values = sorted({*reference.counts, *batch.counts})
    sides = [np.array([side.counts.get(value, 0) for value in values], np.int64) for side in (reference, batch)]
    return sides[0], sides[1]
