"""Steps that are asked about one value at a time, and about equal values once.

Python works on the distinct values of a column, never on its rows, and the answers are remembered from chunk
to chunk within a bound.  A step that reads other fields, too, is asked once about each distinct combination.
What is remembered changes how fast a step is and never what it answers.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, Final

import polars as pl

from dq.steps.base import TextStep, beside_column

MOST_VALUES: Final = 200_000
MOST_CHARACTERS: Final = 16_000_000
_LONG: Final = 4096  # a longer value is answered anew each time rather than remembered
_UNKNOWN: Final[Any] = object()

Finish = Callable[[pl.Series, pl.Series], pl.Series]
Question = str | tuple[str | None, ...]  # a value, or a value and the texts of the fields beside it


class Answers:
    """What a function answered, for at most `most` values and `most_characters` of text; the rest is asked again.

    Two generations are kept.  A value that is asked for moves to the young one; when that is half of what may be
    kept, it becomes the old one and the old one is forgotten, so that what was asked for lately stays.  Columns
    are answered in several threads; the lock sees to it that no two ask about the same value.
    """

    def __init__(
        self, ask: Callable[[Any], str | None], most: int = MOST_VALUES, most_characters: int = MOST_CHARACTERS
    ) -> None:
        self._ask = ask
        self._most, self._most_characters = most // 2, most_characters // 2
        self._young: dict[Question, str | None] = {}
        self._old: dict[Question, str | None] = {}
        self._characters = 0
        self._lock = Lock()

    def __len__(self) -> int:
        """Return how many values are remembered."""
        return len(self._young) + len(self._old)

    def of(self, values: Sequence[Question]) -> list[str | None]:
        """Return the answers to these values, in order."""
        with self._lock:
            return [self._of(value) for value in values]

    def _of(self, value: Question) -> str | None:
        answer: Any = self._young.get(value, _UNKNOWN)
        if answer is _UNKNOWN:
            answer = self._old.pop(value, _UNKNOWN)
            if answer is _UNKNOWN:
                answer = self._ask(value)
            if _characters(value) <= _LONG:
                self._remember(value, answer)
        return answer if answer is None else str(answer)

    def _remember(self, value: Question, answer: str | None) -> None:
        if len(self._young) >= self._most or self._characters >= self._most_characters:
            self._old, self._young, self._characters = self._young, {}, 0
        self._young[value] = answer
        self._characters += _characters(value) + len(answer or "")


def _characters(question: Question) -> int:
    return len(question) if isinstance(question, str) else sum(len(text or "") for text in question)


class DistinctStep(TextStep):
    """A step whose answer to a value is computed in Python."""

    def __init__(self, params: Any) -> None:
        """Keep the parameters; nothing is remembered yet."""
        super().__init__(params)
        self._answers = Answers(self._ask if self.beside else self.answer)

    @abstractmethod
    def answer(self, text: str) -> str | None:
        """Return what a value becomes, or None where there is no answer; the value and the parameters decide."""

    def answer_beside(self, text: str, others: tuple[str | None, ...]) -> str | None:
        """Return what a value becomes beside the cleaned texts of the fields in `beside`; by default, of it alone."""
        del others
        return self.answer(text)

    def _ask(self, question: tuple[str, ...]) -> str | None:
        return self.answer_beside(question[0], question[1:])

    def answering(self, text: pl.Expr, finish: Finish, dtype: type[pl.DataType]) -> pl.Expr:
        """Return, in the rows of a String expression, what `finish` makes of distinct values and their answers."""
        if not self.beside:
            return text.map_batches(
                lambda column: self.answered(column, finish), return_dtype=dtype, is_elementwise=True
            )
        columns = [text, *(pl.col(beside_column(name)) for name in self.beside)]
        return pl.map_batches(
            columns, lambda all_of: self._answered_beside(all_of, finish), return_dtype=dtype, is_elementwise=True
        )

    def _answered_beside(self, columns: Sequence[pl.Series], finish: Finish) -> pl.Series:
        """Return the same for the distinct combinations of a value with the texts beside it."""
        names = [str(place) for place in range(len(columns))]
        frame = pl.DataFrame([column.alias(name) for column, name in zip(columns, names, strict=True)])
        distinct = frame.filter(pl.col("0").is_not_null()).unique(maintain_order=True)
        finished = finish(distinct["0"], pl.Series(self._answers.of(distinct.rows()), dtype=pl.String))
        answers = distinct.with_columns(finished.alias("answer"))
        joined = frame.join(answers, on=names, how="left", nulls_equal=True, maintain_order="left")
        return joined["answer"].alias(columns[0].name)

    def answered(self, column: pl.Series, finish: Finish) -> pl.Series:
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
