"""By what `dq stream` judges: specs and states that are read at its start, and again on SIGHUP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dq.cli.options import read_key
from dq.errors import DqError, UsageError

if TYPE_CHECKING:
    from dq.api import Plan
    from dq.engines.bearing import AnyBearing, Bearing
    from dq.plan.state import State
    from dq.sinks.checkpoint import Checkpoint
    from dq.sources.base import Dialect

Spec = tuple[str, str]
"""An event and its version."""


@dataclass(frozen=True, slots=True)
class Given:
    """What says by what a stream judges: the options that are read again on SIGHUP.

    Where `target` gives each event and version a place of its own, none can come and none can go.
    """

    specs: Sequence[str]
    state: str | None
    mask_key: str | None
    source: str | None
    target: str
    alone: bool
    watches_drift: bool
    reports: bool


def bear(given: Given, memory: Checkpoint) -> AnyBearing:
    """Read the specs and the states; return by what the stream judges.  DqError where it cannot go by them."""
    from dq.engines.bearing import SortingBearing

    plans = _plans(given.specs)
    parts = [_part(given, plan, memory, one=len(plans) == 1) for plan in plans]
    if given.watches_drift and not any(part.references for part in parts):
        raise UsageError("--drift-window: no spec asks for drift of a field that its state knows")
    return parts[0] if len(parts) == 1 else SortingBearing(parts)


def _part(given: Given, plan: Plan, memory: Checkpoint, *, one: bool) -> Bearing:
    """Return by what the events of one spec are judged."""
    from dq.engines.bearing import Bearing
    from dq.engines.events import EventJudge
    from dq.plan.demands import need_mask_key
    from dq.plan.streaming import need_for_stream

    plan = plan.with_mask_key(read_key(given.mask_key)) if given.mask_key is not None else plan
    state = _state_of(plan, given.state, one=one)
    compiled = plan.compiled
    need_for_stream(compiled, has_state=state is not None, alone=given.alone, watches_drift=given.watches_drift)
    need_mask_key(compiled)
    fitted = state.thaw(compiled) if state is not None else {}
    judge = EventJudge(compiled, fitted, memory, shared=not one, reported=given.reports)
    references = state.profiles(compiled) if state is not None and given.watches_drift else {}
    return Bearing(judge, judge.stream_source(given.source), references)


def _plans(specs: Sequence[str]) -> list[Plan]:
    """Return the plans of files, and of all files of folders.  SpecError, UsageError."""
    from dq.api import load
    from dq.plan_folder import load_folder

    return [
        plan for spec in specs for plan in (load_folder(spec).plans.values() if Path(spec).is_dir() else [load(spec)])
    ]


def _state_of(plan: Plan, state: str | None, *, one: bool) -> State | None:
    """Return the state of a plan: the file that is named or, of several plans, the one in the folder of states."""
    from dq.api import load_state
    from dq.folder_conditions import FolderConditions

    if state is None or one:
        return load_state(state) if state is not None else None
    return FolderConditions(state=state).conditions(plan).state


class Steering:
    """The bearing of a stream, which is exchanged for a sound and compatible one when the specs are read again."""

    def __init__(self, given: Given, memory: Checkpoint, say: Callable[[str], None]) -> None:
        """Read the specs and the states.  DqError where the stream cannot go by them."""
        self._given, self._memory, self._say = given, memory, say
        self.bearing = bear(given, memory)

    @property
    def events(self) -> list[Spec]:
        """The events and versions of the specs."""
        return [_named(part) for part in self.bearing.parts]

    @property
    def name(self) -> str:
        """By what name a checkpoint knows the specs: their events."""
        return ", ".join(sorted({event for event, _ in self.events}))

    def renew(self, old: AnyBearing) -> AnyBearing | None:
        """Return the new bearing, or None, and say why the stream goes on as before."""
        from dq.engines.ends import has_places

        placed = has_places(self._given.target)
        try:
            self.bearing = _compatible(old, bear(self._given, self._memory), placed=placed)
        except DqError as error:
            self._say(f"the stream goes on as before: {error}")
            return None
        self._say("the spec and the state were read again")
        return self.bearing


def _compatible(old: AnyBearing, new: AnyBearing, *, placed: bool) -> AnyBearing:
    """Return the new bearing.  UsageError where it is of another stream."""
    mine, other = ({_named(part): part.judge.keys for part in bearing.parts} for bearing in (old, new))
    if len(mine) == len(other) == 1 and not placed:
        _same_event(old.parts[0], new.parts[0])
    elif mine.keys() != other.keys():
        raise UsageError(f"{_changed(set(mine), set(other))}; begin a stream with the specs as they are now")
    if _framing(old.dialect) != _framing(new.dialect):
        raise UsageError("the source is now declared in another form; begin a stream with it")
    if [mine[name] for name in sorted(mine)] != [other[name] for name in sorted(other)]:
        raise UsageError("the spec has another key of deduplication, and the keys that were seen are of the old one")
    return new


def _changed(mine: set[Spec], other: set[Spec]) -> str:
    """Return in words which events and versions have come, and which have gone."""
    sides = (("there is now", other - mine), ("there is no more", mine - other))
    return " and ".join(
        f"{words} {', '.join(' '.join(spec) for spec in sorted(specs))}" for words, specs in sides if specs
    )


def _framing(dialect: Dialect) -> tuple[str, str, int]:
    """Return what says where events begin and end."""
    return dialect.format, dialect.encoding, dialect.max_record


def _same_event(old: Bearing, new: Bearing) -> None:
    """UsageError where the only spec is now of another event; its version may change."""
    mine, other = old.judge.plan.event, new.judge.plan.event
    if mine != other:
        raise UsageError(f"the spec is now of the event {other}, and the stream of {mine}")


def _named(part: Bearing) -> Spec:
    return part.judge.plan.event, part.judge.plan.version
