"""Measures are measured once, chunk by chunk, and only if somebody asks."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl
import pytest

from dq.states.measures import Columns, Measure, Measured, StateOf
from dq.states.moments import Moments


@dataclass(frozen=True, slots=True)
class Total:
    """A number that adds up, and how often it was made."""

    number: int = 0
    merged: int = 0

    def merge(self, other: Total) -> Total:
        return Total(self.number + other.number, self.merged + other.merged + 1)


@dataclass(frozen=True, slots=True)
class SumOf(Measure[Total]):
    """The sum of a column of integers."""

    field: str

    def neutral(self) -> Total:
        return Total()

    def fit(self, columns: Columns) -> Total:
        return Total(columns.frame[self.field].sum())


def test_equal_measures_are_measured_once() -> None:
    measured = Measured([SumOf("x"), SumOf("x"), SumOf("y")])
    for part in ([1, 2], [], [3]):
        measured.add(pl.DataFrame({"x": part, "y": [10 * x for x in part]}, schema={"x": pl.Int64, "y": pl.Int64}))
    assert measured.of(SumOf("x")) == Total(6, 3)
    assert measured.of(SumOf("y")) == Total(60, 3)


def test_what_was_not_asked_for_is_not_known() -> None:
    measured = Measured([SumOf("x")])
    with pytest.raises(KeyError):
        measured.of(SumOf("y"))


def test_a_column_is_looked_at_once() -> None:
    columns = Columns(pl.DataFrame({"x": [1, 2]}))
    assert columns.values("x") is columns.values("x")


def test_a_state_of_a_column() -> None:
    asked = StateOf("x", Moments)
    measured = Measured([asked])
    assert measured.of(asked) == Moments.neutral()
    measured.add(pl.DataFrame({"x": [1, None, 2]}))
    measured.add(pl.DataFrame({"x": [4]}))
    assert measured.of(asked).mean == 7 / 3
