"""What a change of a spec is: where, from what to what, and what it does to those who send and those who read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, TypeAlias


class Effect(StrEnum):
    """What a change does.  The first six break somebody's work, the next three add to it, the last does neither."""

    NARROWS = "narrows"  # a record that was accepted is refused, or leaves by another door
    VALUES = "values"  # a record that is accepted gets other values, or another of several records stays
    SHAPE = "shape"  # what consumers read is gone, or of another type or form
    TIGHTENS = "tightens"  # a batch that passed its gate may fail
    FORM = "form"  # a file as it is sent today is read otherwise, or not at all
    TRAINING = "training"  # a model is trained on something else
    WIDENS = "widens"  # a record that was refused is accepted
    EXTENDS = "extends"  # consumers get something beside what they had
    LOOSENS = "loosens"  # a batch that failed its gate may pass
    TELLS = "tells"  # only what is told of the same outcome is another


Part: TypeAlias = Literal["major", "minor", "patch"]
_MAJOR = frozenset({Effect.NARROWS, Effect.VALUES, Effect.SHAPE, Effect.TIGHTENS, Effect.FORM, Effect.TRAINING})
_MINOR = frozenset({Effect.WIDENS, Effect.EXTENDS, Effect.LOOSENS})
_OF_PRODUCERS = frozenset({Effect.NARROWS, Effect.TIGHTENS, Effect.FORM})
_OF_CONSUMERS = frozenset({Effect.VALUES, Effect.SHAPE, Effect.TRAINING})


@dataclass(frozen=True, slots=True)
class Witness:
    """Records that show an effect, as a source gives them, with what either spec makes of them.

    There is one record, or two where the specs differ about records of one key.
    """

    records: tuple[Mapping[str, Any], ...]
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change of meaning.

    `where` is the part of the spec, `what` names the change, `old` and `new` say what was there and what is.  `old_ids`
    and `new_ids` are the checks that show it, and `fields` those on whose values it depends.  `is_open` says that its
    effects are what it may have: they are settled by records.
    """

    where: str
    what: str
    old: str | None
    new: str | None
    effects: frozenset[Effect]
    old_ids: tuple[str, ...] = ()
    new_ids: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    is_open: bool = False
    witnesses: Mapping[Effect, Witness] | None = None

    @property
    def part(self) -> Part:
        """The part of the version that it forces."""
        return part_of(self.effects)


def part_of(effects: Iterable[Effect]) -> Part:
    """Return the largest part of a version that any of these effects forces."""
    found = frozenset(effects)
    return "major" if found & _MAJOR else "minor" if found & _MINOR else "patch"


def producers(effects: frozenset[Effect]) -> str:
    """Say what changes mean for those who send: what they send today is taken, or not."""
    return "breaking" if effects & _OF_PRODUCERS else "compatible"


def consumers(effects: frozenset[Effect]) -> str:
    """Say what changes mean for those who read: `extended` where they may get what they have never seen."""
    if effects & _OF_CONSUMERS:
        return "breaking"
    return "extended" if effects & {Effect.WIDENS, Effect.EXTENDS} else "compatible"


def compatibility(effects: frozenset[Effect]) -> str:
    """Say which way the specs are compatible, as schema registries do.

    Backward: the new one takes what the old one took.  Forward: the old one takes what the new one takes.  Both keep
    what consumers read as it is.
    """
    kept = not effects & _OF_CONSUMERS
    backward, forward = kept and not effects & _OF_PRODUCERS, kept and Effect.WIDENS not in effects
    return {(True, True): "full", (True, False): "backward", (False, True): "forward"}.get((backward, forward), "none")
