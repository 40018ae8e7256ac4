"""Steps that are asked about one value at a time, and about equal values once.

Python works on the distinct values of a column, never on its rows, and the answers are remembered from chunk
to chunk within a bound.  What is remembered changes how fast a step is and never what it answers.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from threading import Lock
from typing import Any, Final

import polars as pl

from dq.steps.base import TextStep

MOST_VALUES: Final = 200_000
MOST_CHARACTERS: Final = 16_000_000
_LONG: Final = 4096  # a longer value is answered anew each time rather than remembered
_UNKNOWN: Final[Any] = object()


class Answers:
    """What a function answered, for at most `most` values and `most_characters` of text; the rest is asked again.

    Two generations are kept.  A value that is asked for moves to the young one; when that is half of what may be
    kept, it becomes the old one and the old one is forgotten, so that what was asked for lately stays.  Columns
    are answered in several threads; the lock sees to it that no two ask about the same value.
    """

    def __init__(
        self, ask: Callable[[str], str | None], most: int = MOST_VALUES, most_characters: int = MOST_CHARACTERS
    ) -> None:
        self._ask = ask
        self._most, self._most_characters = most // 2, most_characters // 2
        self._young: dict[str, str | None] = {}
        self._old: dict[str, str | None] = {}
        self._characters = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many values are remembered."""
        return len(self._young) + len(self._old)

    def of(self, values: list[str]) -> list[str | None]:
        """Return the answers to these values, in order."""
        with self._lock:
            return [self._of(value) for value in values]

    def _of(self, value: str) -> str | None:
        answer: Any = self._young.get(value, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = self._old.pop(value, _UNKNOWN)
            if answer is _UNKNOWN:
                answer = self._ask(value)
            if len(value) <= _LONG:
                self._remember(value, answer)
        return answer if answer is None else str(answer)

    def _remember(self, value: str, answer: str | None) -> None:
        if len(self._young) >= self._most or self._characters >= self._most_characters:
            self._old, self._young, self._characters = self._young, {}, 0
        self._young[value] = answer
        self._characters += len(value) + len(answer or "")


class DistinctStep(TextStep):
    """A step whose answer to a value is computed in Python."""

    def __init__(self, params: Any) -> None:
        """Keep the parameters; nothing is remembered yet."""
        super().__init__(params)
        self._answers = Answers(self.answer)

    @abstractmethod
    def answer(self, text: str) -> str | None:
        """Return what a value becomes, or None where there is no answer; the value and the parameters decide."""

    def answered(self, column: pl.Series, finish: Callable[[pl.Series, pl.Series], pl.Series]) -> pl.Series:
        """Return, in the rows of a String column, what `finish` makes of its distinct values and their answers.

        `finish` is given both as columns of equal length; null stays null.
        """
        distinct = column.drop_nulls().unique(maintain_order=True)
        finished = finish(distinct, pl.Series(self._answers.of(distinct.to_list()), dtype=pl.String))
        if len(distinct) == len(column):
            return finished.alias(column.name)
        if distinct.is_empty():
            return pl.Series(column.name, [None] * len(column), dtype=finished.dtype)
        return column.replace_strict(distinct, finished, default=None, return_dtype=finished.dtype)
