"""How a field and the keys of a reference file meet: `referential`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.dtypes.render import text_of
from dq.dtypes.types import Family, Type
from dq.params import ParamError, Share, Text
from dq.states.measures import Columns, Measure


@dataclass(frozen=True, slots=True)
class Met:
    """How many values stand among the keys, how many there are, and the places of the keys that occurred."""

    found: int = 0
    values: int = 0
    seen: frozenset[int] = frozenset()

    def merge(self, other: Met) -> Met:
        """Add the counts, and unite the keys."""
        return Met(self.found + other.found, self.values + other.values, self.seen | other.seen)


@dataclass(frozen=True)
class MeetingOf(Measure[Met]):
    """Looks the values of a column up among some keys, by their canonical text."""

    field: str
    type: Type
    keys: tuple[str, ...]

    @cached_property
    def known(self) -> pl.DataFrame:
        """The keys with their places."""
        return pl.DataFrame({"key": pl.Series(self.keys, dtype=pl.String), "place": np.arange(len(self.keys))})

    def neutral(self) -> Met:
        """Return what no values meet."""
        return Met()

    def fit(self, columns: Columns) -> Met:
        """Look up."""
        values = columns.values(self.field)
        weighted = values.weighted
        texts = weighted.keys.to_frame("value").select(key=text_of(self.type, pl.col("value")))
        found = texts.join(self.known, on="key", how="left", maintain_order="left")["place"]
        counts = np.ones(len(found), np.int64) if weighted.counts is None else weighted.counts
        met = found.is_not_null().to_numpy()
        return Met(int(counts[met].sum()), len(values.present), frozenset(found.drop_nulls().unique().to_list()))


@EXPECTATIONS.register
class Referential(Expectation):
    """The values of a field and the keys of a reference file meet: a share of the values, or of the keys, at least.

    `values` is the share of the accepted values, missing ones left out, that stand in the column of the file; the check
    `references` asks the same of every row. `keys` is the share of the file's keys that occur among the values. Values
    are compared by their canonical text (`7` for an integer, `2026-01-31` for a date). The file lies inside the spec's
    folder, and its content is part of the plan's fingerprint.
    """

    kind = "referential"
    families = frozenset(Family) - {Family.LIST, Family.OBJECT}
    title = "Values stand in a reference file, and its keys among the values."
    example = "referential: {file: shops.csv, column: code, values: 99%, keys: 50%}"
    example_type = "string"
    example_values = ("MSK-1", "SPB-2")

    class Params(FieldParams):
        """The file and its column, and at least one share."""

        file: Text = Field(description="A CSV or Parquet file, by its path from the spec's folder.")
        column: Text = Field(description="The column that holds the keys.")
        values: Share | None = Field(None, description="The smallest share of the values that stand in the file.")
        keys: Share | None = Field(None, description="The smallest share of the file's keys that occur.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Read the keys.  ParamError DQ306 without a share, DQ320 if the file cannot be used or holds no key."""
        super().__init__(params, subject)
        if params.values is None and params.keys is None:
            raise ParamError("DQ306", "values", kind=self.kind)
        if subject.reference is None:
            raise ParamError("DQ320", "file", file=params.file, problem="no reference files can be read here")
        self.keys = subject.reference(params.file, params.column)
        if not self.keys:
            raise ParamError("DQ320", "file", file=params.file, problem=f"column {params.column!r} holds no value")
        self.measure = MeetingOf(subject.field, subject.type, self.keys)

    def measures(self) -> tuple[MeetingOf, ...]:
        """Return how the values and the keys meet."""
        return (self.measure,)

    def judge(self, batch: Batch) -> Judgement:
        """Compare both shares with the smallest."""
        met = batch.measured.of(self.measure)
        wanted = {"values": self.params.values, "keys": self.params.keys}
        limits = {name: least for name, least in wanted.items() if least is not None}
        reached = {"keys": Fraction(len(met.seen), len(self.keys))}
        if met.values:
            reached["values"] = Fraction(met.found, met.values)
        place = f"column {self.params.column} of {self.params.file}"
        says = {"values": f"of the values in {place}", "keys": f"of the keys in {place} among the values"}
        expected = ", ".join(f"at least {float(least * 100):g}% {says[name]}" for name, least in limits.items())
        shown = ", ".join(f"{name} {float(reached[name]):.2%}" for name in limits if name in reached)
        passed = [reached[name] >= least if name in reached else None for name, least in limits.items()]
        verdict = False if False in passed else None if None in passed else True
        return Judgement(verdict, shown or None, expected, "there are no values" if verdict is None else None)

    def idle(self) -> bool:
        """Whether every share is right."""
        return not self.params.values and not self.params.keys

    def identity(self) -> dict[str, Any]:
        """Return the parameters, and the SHA-256 of the keys."""
        digest = hashlib.sha256("\n".join(self.keys).encode()).hexdigest()
        return super().identity() | {"sha256": digest}
