"""`repair: {agree: …}`: where records say the same thing several times, the few are set to what the many say."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any

import polars as pl
from pydantic import Field, PlainValidator, WithJsonSchema

from dq.dtypes.types import Family, Type
from dq.params import Count, Flag, ParamError, Params, Share, read_text, refuse
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, SCALARS, Applied, FitTarget, FittedStep, read_table, write_table
from dq.steps.fitted.nearest import Distance, need_distances, within

SIZE = "\x00size"
MOST = "\x00most"
KEY = "\x00key"  # which of several keys a row of the counts is about
Key = tuple[str, ...]


def read_keys(value: object) -> tuple[Key, ...]:
    """Read one key, a list of fields; or several, a list in which some are lists."""
    if not isinstance(value, (list, tuple)) or not value:
        raise refuse("a list of fields, or of lists of fields", value)
    if not any(isinstance(part, (list, tuple)) for part in value):
        return (tuple(read_text(part) for part in value),)
    keys = (part if isinstance(part, (list, tuple)) else [part] for part in value)
    return tuple(tuple(read_text(name) for name in key) for key in keys)


_NAMES = {"type": "array", "items": {"type": "string"}, "minItems": 1}
Keys = Annotated[
    tuple[Key, ...],
    PlainValidator(read_keys),
    WithJsonSchema({"type": "array", "items": {"anyOf": [{"type": "string"}, _NAMES]}, "minItems": 1}),
]


class AgreeParams(Params):
    """Which records say the same thing, and when many are enough."""

    by: Keys = Field(description="The fields that determine this one; a list of such lists, where several keys do.")
    min_share: Share = Field(Fraction(1, 2), description="The share of the majority below which nothing is repaired.")
    min_count: Count = Field(2, description="How many records must say what the majority says.")
    min_votes: Count = Field(1, description="Of several keys, how many must vote for a value.")
    max_distance: Distance | None = Field(
        None, description="Of text: change only what is this near (typing errors, or a share such as 25%)."
    )
    fill: Flag = Field(False, description="Whether missing values are set to the majority too.")


@FITTED_STEPS.register
class Agree(FittedStep):
    """Set the minority to the majority among records that agree in the fields of `by`.

    It speaks of a functional dependency: one provider number has one name.  A value is only changed where one
    value has at least `min_share` of those in its group, at least `min_count` records say it, and no other value
    is as frequent: ties are never guessed.  A record with a null in `by` belongs to no group.

    Where several keys determine a field, `by: [[provider_number], [phone], [zip, street]]`, each has one vote: the
    value that its group agrees on, or none.  The value with the most votes, and at least `min_votes`, is taken; where
    another has as many, nothing is changed.  So one key that is mistyped into another's is outvoted.

    With `max_distance` only values are changed that could be misspellings of the majority's.
    """

    kind = "agree"
    stage = "repair"
    families = SCALARS
    title = "The value that most records with the same key agree on."
    example = "{agree: {by: [provider_number], min_share: 0.6}}"
    Params = AgreeParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the keys.  ParamError DQ311 or DQ308 for a field that cannot be one, DQ321 or DQ325 for the distance."""
        super().__init__(params, target)
        several = len(params.by) > 1
        self.keys: tuple[Key, ...] = tuple(
            target.groups(key, self.kind, within=(place,) if several else ()) for place, key in enumerate(params.by)
        )
        self.by = tuple(dict.fromkeys(name for key in self.keys for name in key))
        for place, key in enumerate(self.keys):
            if set(key) in [set(other) for other in self.keys[:place]]:
                raise ParamError("DQ324", "by", within=(place,), name=", ".join(key), where="'agree.by'")
        if params.min_votes > len(self.keys):
            raise ParamError("DQ308", "min_votes", kind=self.kind, problem=f"there are {len(self.keys)} votes at most")
        if params.max_distance is not None:
            if target.type.family is not Family.TEXT:
                problem = f"a {target.type} has no typing errors"
                raise ParamError("DQ321", "max_distance", option="max_distance", problem=problem)
            need_distances(self.kind, "max_distance")

    @property
    def whole(self) -> tuple[str, ...]:
        """The key and its fields: every group is judged alone."""
        return (KEY, *self.by)

    def partial(self, frame: pl.DataFrame) -> GroupCounts:
        """Return the counts of the values by key: of each key its own rows, with null in the fields of the others."""
        tables = [GroupCounts.fit(frame.drop_nulls(key), key, self.name).table for key in self.keys]
        numbered = [table.with_columns(pl.lit(place, pl.Int8()).alias(KEY)) for place, table in enumerate(tables)]
        together = pl.concat(numbered, how="diagonal")
        return GroupCounts(together.select(KEY, *self.by, VALUE, COUNT))

    def _types(self, key: Key) -> dict[str, Type]:
        return {**{name: self.target.types[name] for name in key}, VALUE: self.target.type}

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the agreed value of every group that has one, key by key."""
        agreed = None if counts is None else counts.by_group(self.whole, self._agreed)
        votes: list[dict[str, Any]] = []
        for place, key in enumerate(self.keys):
            values: list[list[str | None]] = []
            if agreed is not None:
                own = agreed.filter(pl.col(KEY) == place).sort(key).select(*key, VALUE)
                values = write_table(own, self._types(key))
            votes.append({"by": list(key), "values": values})
        return {"keys": votes}

    def _agreed(self, counts: GroupCounts) -> pl.DataFrame:
        """Return the rows of the counts that are the majority of their group."""
        share, count, groups = self.params.min_share, pl.col(COUNT), list(self.whole)
        # Sums and maxima are joined to the rows: windows over millions of groups would take many times as long.
        sizes = counts.table.group_by(groups).agg(count.sum().alias(SIZE), count.max().alias(MOST))
        most = counts.table.join(sizes, on=groups, nulls_equal=True).filter(
            (count == pl.col(MOST))
            & (count >= self.params.min_count)
            & (count * share.denominator >= pl.col(SIZE) * share.numerator)
        )
        return most.filter(pl.struct(groups).is_unique()).select(*groups, VALUE)

    def thaw(self, frozen: dict[str, Any]) -> list[pl.DataFrame]:
        """Return the table of agreed values of each key."""
        return [
            read_table(vote["values"], self._types(key)) for key, vote in zip(self.keys, frozen["keys"], strict=True)
        ]

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with the minority set to the majority."""
        values = frame[self.name]
        votes = [
            frame.select(key).join(table, on=list(key), how="left", maintain_order="left")[VALUE]
            for key, table in zip(self.keys, learnt, strict=True)
        ]
        agreed = _elected(votes, self.params.min_votes)
        repaired = agreed.is_not_null() if self.params.fill else agreed.is_not_null() & values.is_not_null()
        if self.params.max_distance is not None:
            repaired &= values.is_null() | self._near(values, agreed)
        return Applied(agreed.zip_with(repaired, values).alias(self.name))

    def _near(self, values: pl.Series, agreed: pl.Series) -> pl.Series:
        """Return where a value may be a misspelling of the agreed one."""
        distance = self.params.max_distance
        assert distance is not None
        pairs = pl.DataFrame({"value": values, "agreed": agreed})
        distinct = pairs.filter(pl.col("value") != pl.col("agreed")).unique()
        near = [within(text, word, distance) for text, word in distinct.iter_rows()]
        found = distinct.with_columns(pl.Series("near", near, dtype=pl.Boolean()))
        joined = pairs.join(found, on=["value", "agreed"], how="left", maintain_order="left")
        return joined["near"].fill_null(value=False)

    def words(self) -> str:
        """Say which keys vote."""
        return f"{self.kind} by {' and by '.join(', '.join(key) for key in self.keys)}"

    def identity(self) -> dict[str, Any]:
        """Return the kind and its parameters."""
        return {
            "kind": self.kind,
            "field": self.name,
            "by": [list(key) for key in self.keys],
            "min_share": str(self.params.min_share),
            "min_count": self.params.min_count,
            "min_votes": self.params.min_votes,
            "max_distance": None if self.params.max_distance is None else str(self.params.max_distance),
            "fill": self.params.fill,
        }


def _elected(votes: list[pl.Series], least: int) -> pl.Series:
    """Return, row by row, the value that more of the votes are for than for any other, `least` at least; else null."""
    if len(votes) == 1:
        return votes[0]
    ballots = pl.DataFrame([vote.alias(str(place)) for place, vote in enumerate(votes)])
    names = ballots.columns
    votes_for = {
        name: pl.sum_horizontal((pl.col(name) == pl.col(other)).cast(pl.Int32) for other in names) for name in names
    }
    most = pl.max_horizontal(votes_for.values())
    ahead = {name: (count == most) & pl.col(name).is_not_null() for name, count in votes_for.items()}
    first = pl.coalesce(pl.when(mask).then(pl.col(name)) for name, mask in ahead.items())
    # The votes that are ahead are as many as the votes for one value, unless another value has as many.
    alone = pl.sum_horizontal(mask.cast(pl.Int32) for mask in ahead.values()) == most
    return ballots.select(pl.when((most >= max(1, least)) & alone).then(first)).to_series()
