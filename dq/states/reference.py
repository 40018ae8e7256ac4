"""Reference profiles: what a state keeps of a field, so that later batches can be compared with it.

A reference is a profile like those of the report, of the states that measures of drift need: counts, moments, a
histogram in bins that do not depend on the order of the data, and the counts of the values where they are few.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.dtypes.types import Family, Type
from dq.states.counts import Counts
from dq.states.measures import Measure
from dq.states.moments import Moments
from dq.states.profile import Kinds, Profile
from dq.states.quantiles import Quantiles
from dq.states.spans import Spans
from dq.states.top import Top

if TYPE_CHECKING:
    from dq.states.measures import Columns

_TEMPORAL: Kinds = (Counts, Spans)
_BY_FAMILY: dict[Family, Kinds] = {
    Family.TEXT: (Counts, Top),
    Family.BOOLEAN: (Counts, Top),
    Family.NUMBER: (Counts, Moments, Quantiles, Top),
    Family.DATE: _TEMPORAL,
    Family.TIME: _TEMPORAL,
    Family.DATETIME: _TEMPORAL,
    Family.DURATION: _TEMPORAL,
}
COMPARABLE = frozenset(_BY_FAMILY)


@dataclass(frozen=True, slots=True)
class ReferenceOf(Measure[Profile]):
    """The reference profile of one field of a type that has one."""

    field: str
    type: Type

    @property
    def kinds(self) -> Kinds:
        """The kinds of states in it."""
        return _BY_FAMILY[self.type.family]

    def neutral(self) -> Profile:
        """Return the profile of no values."""
        return Profile(tuple(kind.neutral() for kind in self.kinds))

    def fit(self, columns: Columns) -> Profile:
        """Return the profile of the field's accepted values."""
        return Profile.fit(self.kinds, columns.values(self.field))
