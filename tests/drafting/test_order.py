"""What ends does not end before it begins: said where the records say so."""

from __future__ import annotations

import polars as pl

from dq.drafting import fields, order
from dq.drafting.column import columns
from dq.dtypes.cast import CastOptions

STARTS = [f"2026-01-{day % 28 + 1:02d} 10:00:00" for day in range(100)]
ENDS = [f"2026-01-{day % 28 + 1:02d} 1{day % 3 + 1}:30:00" for day in range(100)]


def lines(table):
    """Return the assertions without their evidence."""
    cells = pl.DataFrame({name: pl.Series(texts, dtype=pl.String) for name, texts in table.items()})
    drafts = [fields.draft(column, CastOptions()) for column in columns(cells, {name: name for name in table})]
    return [line.rpartition("  # ")[0] for line in order.guess(drafts, cells)]


def test_one_moment_is_never_before_the_other():
    assert lines({"ended": ENDS, "began": STARTS}) == ["- {id: ended_not_before_began, assert: ended >= began}"]


def test_where_one_is_missing_nothing_is_asked():
    ends = [None if at % 9 == 0 else end for at, end in enumerate(ENDS)]
    expected = "- {id: ended_not_before_began, assert: ended >= began, where: began is not null and ended is not null}"
    assert lines({"began": STARTS, "ended": ends}) == [expected]


def test_what_nearly_all_keep_is_a_doubt():
    ends = ["2025-12-31 00:00:00", *ENDS[1:]]
    assert lines({"began": STARTS, "ended": ends}) == ["# - {id: ended_not_before_began, assert: ended >= began}"]


def test_dates_without_an_order_are_left_alone():
    assert lines({"one": STARTS, "other": STARTS[::-1]}) == []
    assert lines({"one": STARTS, "other": STARTS}) == []


def test_numbers_are_ordered_where_their_names_say_so():
    low, high = [str(at % 40) for at in range(100)], [str(at % 40 + 5) for at in range(100)]
    assert lines({"price_low": low, "price_high": high}) == [
        "- {id: price_high_not_below_price_low, assert: price_high >= price_low}"
    ]
    assert lines({"width": low, "height": high}) == []


def test_words_of_expressions_are_no_names_in_them():
    assert lines({"in": STARTS, "is": ENDS}) == []
