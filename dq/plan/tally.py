"""The tally of a run: counts that add up, from which the report is built.

An engine fills it chunk by chunk; nothing in it grows with the number of rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dq.checks.ml import TrainingSet
from dq.errors import InternalError
from dq.outcome import Counts, Door
from dq.sources.guessing import likely_encodings
from dq.states.measures import Measured
from dq.states.profile import Profile
from dq.states.sample import Sample

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Account

EXAMPLES = 5
LOOKED_AT = 100
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Example:
    """One failing row of a check: where it is, and the value (None for `pii` fields and unknown ones)."""

    source: str
    record: int
    line: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Conflict:
    """A record that lost to another with the same key and other content.

    `lost` and `kept` name source and record.  `values` has, for each field that differs, the value that was lost
    and the one that was kept, or None for `pii` fields.
    """

    ordinal: int
    lost: tuple[str, int]
    kept: tuple[str, int]
    values: dict[str, tuple[Any, Any] | None]


@dataclass(frozen=True, slots=True)
class Matching:
    """What was done to find near duplicates.

    `linked` records lost to one that they are not near to themselves, by way of others.  Blocks that were too large
    were skipped, with so many records in them, a record counting once for each.
    """

    pairs_compared: int
    pairs_matched: int
    clusters: int
    largest: int
    deduplicated: int
    linked: int
    blocks_skipped: int
    records_skipped: int


@dataclass(slots=True)
class Duplicates:
    """How the records that lost to one with the same key compare with it.

    `natural` ones say the same once more, `conflicting` ones something else; `differs` counts by field.
    `earlier` ones lost to a row of an earlier output, with which they are not compared.  `apart` says by how much, at
    least and at most, the moments of a field that differ do so: that of the record that was lost less that of the one
    that stays.
    """

    earlier: int = 0
    natural: int = 0
    conflicting: int = 0
    keys_conflicting: int = 0
    differs: Counter[str] = field(default_factory=Counter)
    apart: dict[str, tuple[timedelta, timedelta]] = field(default_factory=dict)
    examples: list[Conflict] = field(default_factory=list)


@dataclass(slots=True)
class SourceTally:
    """What one input gave.

    `looks_like` counts the encodings in which those of the `undecodable` records that were `looked_at` are likely
    text; a record may be so in several.
    """

    name: str
    account: Account
    dialect: dict[str, Any]
    explicit: frozenset[str] = frozenset()
    doors: Counter[str] = field(default_factory=Counter)
    looks_like: Counter[str] = field(default_factory=Counter)
    undecodable: int = 0
    looked_at: int = 0

    def note_undecodable(self, raw: bytes) -> None:
        """Count a record that could not be decoded, and look at it; the first hundred of an input are enough."""
        self.undecodable += 1
        if self.looked_at < LOOKED_AT:
            self.looked_at += 1
            self.looks_like.update(likely_encodings(raw, str(self.dialect["encoding"])))


@dataclass(slots=True)
class Tally:
    """Everything that a run counted.  `read` counts every record, readable or not.

    `changed` counts cells by the step that changed them, `changed_accepted` those of accepted rows.  `wrong` has, for
    the checks of which recommendations are made, a sample of the values that failed.
    """

    doors: Counter[str] = field(default_factory=Counter)
    read: int = 0
    sources: list[SourceTally] = field(default_factory=list)
    checks: dict[str, Counts] = field(default_factory=dict)
    examples: dict[str, list[Example]] = field(default_factory=dict)
    wrong: dict[str, Sample] = field(default_factory=dict)
    unreadable: Counter[str] = field(default_factory=Counter)
    unreadable_examples: dict[str, list[Example]] = field(default_factory=dict)
    waived: int = 0  # refused rows that only waived checks refuse
    filtered: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    changed_accepted: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    entered: int = 0
    before: dict[str, Profile] = field(default_factory=dict)
    after: dict[str, Profile] = field(default_factory=dict)
    keys_lost: int = 0
    earlier: list[tuple[str, str, int]] = field(default_factory=list)  # name, SHA-256 and rows of earlier outputs
    trained_on: TrainingSet | None = None
    matching: Matching | None = None
    duplicates: Duplicates = field(default_factory=Duplicates)
    aborted: str | None = None
    measured: Measured = field(default_factory=Measured)
    references: Mapping[str, Profile] | None = None
    now: datetime = EPOCH
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: CompiledPlan, now: datetime = EPOCH, references: Mapping[str, Profile] | None = None) -> Tally:
        """Return an empty tally that knows every check and measure of the plan, and the `now` of the run.

        `references` are the reference profiles of the state that was given, by field; None where none was.
        """
        return cls(
            checks={check.id: Counts() for check in plan.checks},
            measured=Measured((*plan.measures, *plan.measures_against(references or {}))),
            references=references,
            now=now,
        )

    @property
    def accepted(self) -> int:
        """Records that were accepted."""
        return self.doors[Door.ACCEPTED]

    @property
    def quarantined(self) -> int:
        """Records that were refused, unreadable ones included."""
        return self.doors[Door.QUARANTINED]

    @property
    def refused_sources(self) -> list[SourceTally]:
        """Sources that were refused as a whole."""
        return [source for source in self.sources if source.account.refused is not None]

    def check_conservation(self) -> None:
        """InternalError unless every record that was read left through exactly one door."""
        out = sum(self.doors[door] for door in Door)
        framed = sum(source.account.records for source in self.sources)
        if not self.read == out == framed:
            raise InternalError(
                f"{framed} records were framed, {self.read} read, and {out} left through the four doors"
            )
