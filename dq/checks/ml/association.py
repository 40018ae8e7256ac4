"""How much one column alone tells of the target: the share of the mistakes that knowing it removes.

* **Classes.**  Who knows nothing guesses the commonest class.  Who knows the column guesses by it, and the share of
  the mistakes that this saves is Goodman and Kruskal's lambda ("Measures of association for cross classifications",
  1954): 0 where the column says nothing, 1 where it settles the class.
* **Numbers.**  Who knows nothing guesses the mean rank of the target; the share of the squared error that knowing the
  column saves is the correlation ratio of the ranks (Pearson 1905), 1 where the column settles the rank.  Ranks make it
  blind to scale and to outliers.

A column can settle the target in two ways, and the better of the two counts.

* **By value.**  Each value, null included, is a guess of its own.  A row is guessed from the *other* rows of its value
  (leave one out), since a value that occurs once settles its own row whatever it says; all values that occur once are
  taken as one value.  So an identifier tells nothing here, and a missing value may.
* **By range**, of ordered types.  Of classes the ranges are those of the 1R rule (Holte 1993: each range holds `LEAST`
  rows of its commonest class or more, neighbours with the same one are joined); of numbers they are ranges of about
  equally many rows.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.states.contingency import COUNT, X, Y

if TYPE_CHECKING:
    from dq.states.contingency import Contingency

Integers: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
LEAST = 6  # rows of its commonest class that a range has (Holte's SMALL)
RANGES = 64  # of equally many rows, against a target that is a number
ROWS_OF_A_RANGE = 8


def told_of_classes(pairs: Contingency, *, ordered: bool) -> float | None:
    """Return the share of the wrong guesses that the column removes, 0 to 1; None where no guess is wrong."""
    table = pairs.table.filter(pl.col(Y).is_not_null())
    known, missing = _matrix(table)
    whole = known.sum(axis=0) + missing
    wrong = int(whole.sum() - whole.max()) if whole.size else 0
    if not wrong:
        return None
    rest = _wrong_of(missing)
    mistakes = [_wrong_by_value(known) + rest]
    if ordered:
        mistakes.append(_wrong_by_range(known) + rest)
    return max(0.0, 1 - min(mistakes) / wrong)


def _matrix(table: pl.DataFrame) -> tuple[Integers, Integers]:
    """Return the counts by value of the column (in order of its key) and class, and those of null by class."""
    classes = table[Y].unique().sort()
    column = classes.search_sorted(table[Y]).to_numpy()
    present = table[X].is_not_null().to_numpy()
    values = table[X].drop_nulls().unique().sort()
    known = np.zeros((len(values), len(classes)), np.int64)
    known[values.search_sorted(table[X].drop_nulls()).to_numpy(), column[present]] = table[COUNT].to_numpy()[present]
    missing = np.zeros(len(classes), np.int64)
    missing[column[~present]] = table[COUNT].to_numpy()[~present]
    return known, missing


def _wrong_by_value(known: Integers) -> int:
    """Return how many rows the other rows of their value guess wrongly."""
    if not known.size:
        return 0
    sizes = known.sum(axis=1)
    return int(_wrong(known[sizes > 1]).sum()) + _wrong_of(known[sizes == 1].sum(axis=0))


def _wrong_of(counts: Integers) -> int:
    """Return how many rows of one value are guessed wrongly."""
    return int(_wrong(counts[np.newaxis])[0])


def _wrong(counts: Integers) -> Integers:
    """Return how many rows of each value are guessed wrongly by the others; where these are of two minds, all."""
    ranked = np.sort(np.pad(counts, ((0, 0), (2, 0))), axis=1)
    first, second = ranked[:, -1], ranked[:, -2]
    wrong: Integers = np.where(first - 1 > second, counts.sum(axis=1) - first, counts.sum(axis=1))
    return wrong


def _wrong_by_range(known: Integers) -> int:
    """Return how many rows are guessed wrongly by the ranges of the 1R rule."""
    ranges: list[tuple[int, Integers]] = []  # the commonest class of each range, and its counts
    current = np.zeros(known.shape[1], np.int64)
    for counts in known:
        common = int(current.argmax())
        if current[common] >= LEAST and int(counts.argmax()) != common:
            _append(ranges, current)
            current = np.zeros_like(current)
        current = current + counts
    _append(ranges, current)
    return sum(int(counts.sum() - counts.max()) for _, counts in ranges)


def _append(ranges: list[tuple[int, Integers]], counts: Integers) -> None:
    """Add a range; one that is too short, or of the same class as the one before, is joined with that."""
    common = int(counts.argmax()) if counts.size else 0
    if ranges and (counts.max() < LEAST or ranges[-1][0] == common):
        before = ranges.pop()[1] + counts
        ranges.append((int(before.argmax()), before))
    elif counts.size:
        ranges.append((common, counts))


def told_of_numbers(pairs: Contingency, *, ordered: bool) -> float | None:
    """Return the share of the squared error in the target's rank that the column removes; None if there is none."""
    table = pairs.table.filter(pl.col(Y).is_not_null())
    counts, ranks = table[COUNT].to_numpy(), _ranks(table)
    error = _error(np.zeros(len(counts), np.int64), counts, ranks)
    if not error:
        return None
    value = table[X].rle_id().to_numpy().astype(np.int64)  # the table is sorted by it
    missing = table[X].is_null().to_numpy()
    sizes = np.bincount(value, weights=counts).astype(np.int64)
    once = np.where((sizes[value] == 1) & ~missing, len(sizes), value)
    left = [_error(once, counts, ranks)]
    if ordered:
        left.append(_error(_ranges(value, missing, sizes), counts, ranks))
    return max(0.0, 1 - min(left) / error)


def _ranks(table: pl.DataFrame) -> Floats:
    """Return the rank of the target in each row of a table, the middle one of equal values, less the mean rank."""
    targets = table[Y].unique().sort()
    place = targets.search_sorted(table[Y]).to_numpy()
    sizes: Floats = np.bincount(place, weights=table[COUNT].to_numpy(), minlength=len(targets)).astype(np.float64)
    middle = np.cumsum(sizes) - (sizes - 1) / 2 - (sizes.sum() + 1) / 2
    ranks: Floats = middle[place]
    return ranks


def _ranges(value: Integers, missing: npt.NDArray[np.bool_], sizes: Integers) -> Integers:
    """Return the number of the range that each row of a table lies in; what is missing has a range of its own."""
    sizes = sizes.copy()
    sizes[value[missing]] = 0
    total = int(sizes.sum())
    ranges = min(RANGES, max(1, total // ROWS_OF_A_RANGE))
    before = np.cumsum(sizes) - sizes
    found: Integers = np.where(missing, ranges, (before * ranges // max(1, total))[value])
    return found


def _error(group: Integers, counts: Integers, ranks: Floats) -> float:
    """Return the squared error of guessing each row's rank from the mean of the other rows of its group.

    The residual of a row that is left out is n / (n - 1) of its distance from the mean (Allen 1974).  A row that is
    alone in its group is guessed from the mean of all, which is 0.
    """
    n = np.bincount(group, weights=counts)
    total = np.bincount(group, weights=counts * ranks)
    squares = np.bincount(group, weights=counts * ranks**2)
    several = n > 1
    n, total = np.where(several, n, 2), np.where(several, total, 0)
    within = (squares - total**2 / n) * np.where(several, n / (n - 1), 1) ** 2
    return math.fsum(within.tolist())
