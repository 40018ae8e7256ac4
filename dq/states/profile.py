"""The profile of one column: what a report says of it before and after the river, and what drift compares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from dq.dtypes.types import Family, Type
from dq.states.base import STATES, State
from dq.states.counts import Counts
from dq.states.distinct import Distinct
from dq.states.extremes import Extremes, Lengths
from dq.states.moments import Moments
from dq.states.quantiles import Quantiles
from dq.states.top import Top
from dq.states.values import Values

if TYPE_CHECKING:
    from typing import Self

    import polars as pl

Kinds = tuple[type[State], ...]
S = TypeVar("S", bound=State)

TEXT: Kinds = (Counts, Distinct, Lengths, Top)
_TEMPORAL: Kinds = (Counts, Distinct, Extremes, Top)
_BY_FAMILY: dict[Family, Kinds] = {
    Family.TEXT: TEXT,
    Family.NUMBER: (Counts, Distinct, Extremes, Moments, Quantiles, Top),
    Family.BOOLEAN: (Counts, Distinct, Top),
    Family.DATE: _TEMPORAL,
    Family.TIME: _TEMPORAL,
    Family.DATETIME: _TEMPORAL,
    Family.DURATION: _TEMPORAL,
    Family.LIST: (Counts, Lengths),
    Family.OBJECT: (Counts, Distinct, Lengths),
}


@dataclass(frozen=True, slots=True)
class Profile:
    """Some states of one column, always the same kinds in the same order; it obeys their laws."""

    states: tuple[State, ...]

    @classmethod
    def fit(cls, kinds: Kinds, values: Values) -> Self:
        """Return the profile of a column by these kinds."""
        return cls(tuple(kind.fit(values) for kind in kinds))

    def merge(self, other: Self) -> Self:
        """Return the profile of both; ValueError if they are not of the same kinds."""
        if [state.kind for state in self.states] != [state.kind for state in other.states]:
            raise ValueError("profiles of different kinds of columns cannot be merged")
        return type(self)(tuple(one.merge(two) for one, two in zip(self.states, other.states, strict=True)))

    def update(self, series: pl.Series) -> Self:
        """Return the profile with more values of the same column."""
        values = Values(series, few=self._few)
        return type(self)(tuple(state.update(values) for state in self.states))

    @property
    def _few(self) -> bool | None:
        """Whether the column has few distinct values so far; None where nothing is known yet."""
        known = next((state for state in self.states if isinstance(state, Distinct)), None)
        return known.exact if known is not None and (known.hashes or known.registers) else None

    def state(self, kind: type[S]) -> S:
        """Return the state of this kind; KeyError if the profile has none."""
        for state in self.states:
            if isinstance(state, kind):
                return state
        raise KeyError(kind.kind)

    def has(self, kind: type[State]) -> bool:
        """Whether the profile has a state of this kind."""
        return any(isinstance(state, kind) for state in self.states)

    def as_report(self, *, pii: bool) -> dict[str, Any]:
        """Return what a report says of the column, as JSON values; of a `pii` field, nothing that tells a value."""
        report: dict[str, Any] = {}
        for state in self.states:
            if not (pii and state.reveals):
                report |= state.report()
        return report

    def as_json(self) -> dict[str, Any]:
        """Return every state whole, by its kind."""
        return {state.kind: state.as_json() for state in self.states}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the profile that `as_json` described; KeyError for a kind that does not exist."""
        kinds = {kind.kind: kind for kind in STATES}
        return cls(tuple(kinds[name].from_json(state) for name, state in raw.items()))


def profile_text(series: pl.Series) -> Profile:
    """Return the profile of a column of raw text, in which null is what is missing."""
    return Profile.fit(TEXT, Values(series))


def profile_values(series: pl.Series, type: Type) -> Profile:  # noqa: A002
    """Return the profile of a canonical column of a type."""
    return Profile.fit(_BY_FAMILY[type.family], Values(series))
