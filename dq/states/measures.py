"""Measures: what a run counts because somebody asks for it, and for nothing else.

An expectation (or anything else that judges a batch) names the measures that it needs, as values.  The engine shows
every chunk of accepted rows to each of them once, however many ask for it, and merges the partials.  A measure's
partial obeys the laws of `dq.states.base`: the whole is the merge of its parts, in any cut and order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from dq.states.values import Values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    import polars as pl

    from dq.states.base import State


class Partial(Protocol):
    """What a measure found in some rows: a value that merges exactly."""

    def merge(self, other: Self) -> Self:
        """Return what is found in the rows of both."""


P = TypeVar("P", bound=Partial)
S = TypeVar("S", bound="State")


class Columns:
    """The accepted rows of one chunk; a column is looked at once, whoever asks for it."""

    def __init__(self, frame: pl.DataFrame) -> None:
        """Keep the canonical rows."""
        self.frame = frame
        self._values: dict[str, Values] = {}

    def values(self, name: str) -> Values:
        """Return the values of a column."""
        if name not in self._values:
            self._values[name] = Values(self.frame[name])
        return self._values[name]


class Measure(ABC, Generic[P]):
    """One thing to measure.  Subclasses are frozen dataclasses: equal measures are measured once."""

    @abstractmethod
    def neutral(self) -> P:
        """Return what is found in no rows."""

    @abstractmethod
    def fit(self, columns: Columns) -> P:
        """Return what is found in the accepted rows of one chunk."""


@dataclass(frozen=True, slots=True)
class StateOf(Measure[S]):
    """A kind of state of one column, for example its moments."""

    field: str
    kind: type[S]

    def neutral(self) -> S:
        """Return the state of no values."""
        return self.kind.neutral()

    def fit(self, columns: Columns) -> S:
        """Return the state of the column."""
        return self.kind.fit(columns.values(self.field))


class Measured:
    """What some measures have found so far."""

    def __init__(self, measures: Iterable[Measure[Any]] = ()) -> None:
        """Begin with nothing found by any of them."""
        self._found: dict[Measure[Any], Any] = {measure: measure.neutral() for measure in measures}

    def add(self, frame: pl.DataFrame) -> None:
        """Take the accepted rows of one more chunk."""
        if not self._found:
            return
        columns = Columns(frame)
        for measure, found in self._found.items():
            self._found[measure] = found.merge(measure.fit(columns))

    def merge(self, other: Measured) -> Measured:
        """Return what the same measures found in the rows of both."""
        both = Measured()
        both._found = {measure: found.merge(other._found[measure]) for measure, found in self._found.items()}
        return both

    def of(self, measure: Measure[P]) -> P:
        """Return what a measure found; KeyError for one that was not asked for."""
        found: P = self._found[measure]
        return found
