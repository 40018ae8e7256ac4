"""A checked expression, as the rest of dq sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from dq.dtypes.types import Type
from dq.expressions.canonical import canonical_text
from dq.expressions.lower import lower_term
from dq.expressions.term import Term


@dataclass(frozen=True, slots=True)
class Typed:
    """An expression whose fields exist and whose types fit."""

    root: Term

    @property
    def type(self) -> Type:
        """The type of the result."""
        return self.root.type

    @property
    def fields(self) -> frozenset[str]:
        """The names of the fields that the expression reads."""
        return frozenset(str(term.value) for term in self.root.walk() if term.operator == "field")

    @property
    def canonical(self) -> str:
        """The normal form: one text for all spellings that differ in white space, case of words and parentheses."""
        return canonical_text(self.root)

    def lower(self, column: Callable[[str], pl.Expr], now: datetime) -> pl.Expr:
        """Return one elementwise Polars expression, of the dtype `self.type.polars`.

        `column` gives the canonical column of a field; `now` is the run's, with a time zone.  Null is unknown.  An
        expression without fields is a literal of length one, which Polars broadcasts.
        """
        return lower_term(self.root, column, now)
