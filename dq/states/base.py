"""What every mergeable state is.

A state (a *partial*) is a sufficient statistic of some values.  For every kind, for all values a and b:

* `fit(a + b) == fit(a).merge(fit(b))`, however the values are split and ordered;
* merging is associative and commutative, and `neutral()` changes nothing;
* `from_json(as_json()) == state`, and `as_json()` is the same for equal states.

They hold exactly, not within a tolerance: states hold integers, fractions and sets, never running floats.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from dq.registry import Registry

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values


class State(ABC):
    """One kind of state.  Subclasses are frozen dataclasses, compared by value."""

    kind: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    reveals: ClassVar[bool]  # whether `report` tells values of the data, which it must not for `pii` fields

    @classmethod
    @abstractmethod
    def neutral(cls) -> Self:
        """Return the state of no values."""

    @classmethod
    @abstractmethod
    def fit(cls, values: Values) -> Self:
        """Return the state of these values.  A dtype that the kind has nothing to say of gives `neutral()`."""

    @abstractmethod
    def merge(self, other: Self) -> Self:
        """Return the state of the values of both."""

    @abstractmethod
    def as_json(self) -> dict[str, Any]:
        """Return the whole state as JSON values."""

    @classmethod
    @abstractmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described."""

    @abstractmethod
    def report(self) -> dict[str, Any]:
        """Return what the state says, as JSON values for a report, rounded once."""

    def update(self, values: Values) -> Self:
        """Return this state with more values."""
        return self.merge(type(self).fit(values))


STATES: Registry[type[State]] = Registry("state")
