"""The compiled plan: immutable, printable, fingerprinted.

A plan is what a specification means.  It holds no YAML but spans, opens no file, and gives for every chunk
of records, whoever drives it, the same outcome (`Kernel`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from dq.diagnostics import did_you_mean
from dq.errors import UsageError
from dq.plan.bound import (
    BoundCheck,
    BoundDedupe,
    BoundExample,
    BoundExpectation,
    BoundField,
    BoundFilter,
    BoundFit,
    BoundMl,
    BoundSource,
    Level,
)
from dq.plan.decisions import NO_DECISIONS, Decisions
from dq.plan.departure import EXAMPLES, Departure
from dq.plan.entry import Entry
from dq.plan.fitting import fit_levels
from dq.sources.base import UNKNOWN_COLUMN

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dq.outcome import Outcome
    from dq.plan.rows import Rows
    from dq.sources.base import Chunk
    from dq.states.measures import Measure
    from dq.states.profile import Profile
    from dq.states.reference import ReferenceOf


@dataclass(frozen=True, slots=True)
class Gate:
    """When the batch is refused: the tolerated share of refused records, and the severity that fails.

    `profile` is the name under which the spec states these thresholds; None for the gate itself.
    """

    quarantined: Fraction | None
    fail_on: str
    profile: str | None = None

    def identity(self) -> dict[str, str]:
        """Return the canonical form of the gate."""
        named = {} if self.profile is None else {"profile": self.profile}
        return {"quarantined": str(self.quarantined), "fail_on": self.fail_on, **named}


@dataclass(frozen=True)
class CompiledPlan:
    """An event specification, bound and ordered.

    `checks` holds every check in the order in which reasons are given: by field, then filters, then rows.
    `derived` is in the order in which derived fields can be computed.
    """

    event: str
    version: str
    title: str | None
    owner: str | None
    missing: tuple[str, ...]
    unknown_fields: str
    fields: tuple[BoundField, ...]
    derived: tuple[BoundField, ...]
    checks: tuple[BoundCheck, ...]
    filters: tuple[BoundFilter, ...]
    dedupe: BoundDedupe | None
    expectations: tuple[BoundExpectation, ...]
    sources: tuple[BoundSource, ...]
    gate: Gate
    output_format: str
    output_fields: tuple[str, ...]
    levels: tuple[Level, ...]
    profiles: tuple[Gate, ...] = ()
    ml: BoundMl | None = None
    references: tuple[tuple[str, str], ...] = field(default=())  # reference files and their SHA-256
    examples: tuple[BoundExample, ...] = ()  # they decide nothing, and are no part of the identity
    match: tuple[tuple[str, tuple[str, ...]], ...] = ()  # paths of raw records, and the values there that it takes
    mask_key: bytes | None = field(default=None, repr=False, compare=False)  # given for a run; no part of the plan
    whole: CompiledPlan | None = field(default=None, repr=False)  # the plan of which this one judges records alone

    @cached_property
    def by_name(self) -> dict[str, BoundField]:
        """The fields by name."""
        return {bound.name: bound for bound in self.fields}

    @cached_property
    def canonical_columns(self) -> list[str]:
        """The columns of an accepted row: the declared fields, then the kept unknown ones as JSON text."""
        names = [bound.name for bound in self.fields]
        return [*names, UNKNOWN_COLUMN] if self.unknown_fields == "keep" else names

    @cached_property
    def hashed(self) -> tuple[str, ...]:
        """The fields of the output that are written as keyed hashes."""
        return tuple(name for name in self.output_fields if self.by_name[name].mask == "hash")

    @cached_property
    def fits(self) -> list[tuple[BoundFit, ...]]:
        """The fitted steps, level by level."""
        return fit_levels(self.fields)

    @cached_property
    def stated(self) -> dict[str, Any]:
        """What those fitted steps apply that learn nothing, since the spec states it."""
        return {
            fit.id: fit.step.thaw(fit.step.freeze(None)) for level in self.fits for fit in level if not fit.step.learns
        }

    @cached_property
    def learns(self) -> bool:
        """Whether any step must learn from many records, or be given a state."""
        return any(fit.step.learns and not fit.is_of_batch for level in self.fits for fit in level)

    @cached_property
    def of_batch(self) -> tuple[str, ...]:
        """The ids of the fitted steps that decide about the batch at hand."""
        return tuple(fit.id for level in self.fits for fit in level if fit.is_of_batch)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """The plan's canonical form: JSON values that say everything that decides an outcome or a verdict."""
        if self.whole is not None:
            return self.whole.identity
        return {
            "dq": 1,
            "event": self.event,
            "version": self.version,
            "missing": list(self.missing),
            "unknown_fields": self.unknown_fields,
            "sources": {source.name: source.identity() for source in self.sources},
            "fields": [bound.identity() for bound in self.fields],
            "filters": [{"id": f.id, "keep": f.keep.canonical} for f in self.filters],
            "checks": [check.identity() for check in self.checks],
            "dedupe": _dedupe_identity(self.dedupe),
            "expect": [
                {"id": e.id, "severity": e.severity, "expectation": e.expectation.identity()} for e in self.expectations
            ],
            "gate": self.gate.identity(),
            **({"profiles": [profile.identity() for profile in self.profiles]} if self.profiles else {}),
            "output": {"format": self.output_format, "fields": list(self.output_fields)},
            "ml": self.ml.identity() if self.ml else {"target": None, "features": []},
            "references": [list(reference) for reference in self.references],
        } | ({"match": [[path, list(values)] for path, values in self.match]} if self.match else {})

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 over the canonical form, in hexadecimal."""
        return fingerprint(self.identity)

    @cached_property
    def compared(self) -> dict[str, ReferenceOf]:
        """The fields that are compared with the reference profile of a state, and what such a profile measures."""
        asked = (bound.expectation.compares() for bound in self.expectations)
        return {measure.field: measure for measure in asked if measure is not None}

    @cached_property
    def measures(self) -> tuple[Measure[Any], ...]:
        """What must be measured of the accepted rows, each once."""
        measures = [bound.expectation.measures() for bound in self.expectations]
        measures += [bound.check.measures() for bound in (self.ml.checks if self.ml else ())]
        asked = (measure for some in measures for measure in some)
        return tuple(dict.fromkeys(asked))

    def measures_against(self, references: Mapping[str, Profile]) -> tuple[Measure[Any], ...]:
        """Return what must be measured of the accepted rows beside that, to compare them with reference profiles."""
        comparing = ((bound, bound.expectation.compares()) for bound in self.expectations)
        asked = (
            measure
            for bound, reference in comparing
            if reference is not None and reference.field in references
            for measure in bound.expectation.measures_against(references[reference.field])
        )
        return tuple(dict.fromkeys(asked))

    def under(self, profile: str) -> CompiledPlan:
        """Return the plan whose gate is a profile of the spec; a plan with a fingerprint of its own.

        UsageError for a name that the spec does not have.
        """
        named = {gate.profile: gate for gate in self.profiles}
        if profile not in named:
            names = [str(name) for name in named]
            near = did_you_mean(profile, names)
            hint = f"; did you mean {near!r}?" if near else f": there are {', '.join(names)}" if names else ""
            raise UsageError(f"the gate of {self.event} has no profile {profile!r}{hint}")
        return replace(self, gate=named[profile])

    def alone(self, *, keys: bool = False) -> CompiledPlan:
        """Return the plan that judges records each by itself, and does not ask what only a batch can answer.

        That is without expectations and `ml`, without levels that learn (their states are given), and, unless
        `keys`, without deduplication and uniqueness.  It has the fingerprint of this plan.
        """
        if keys:
            levels = tuple(level for level in self.levels if level.kind != "fit")
            return replace(self, levels=levels, expectations=(), ml=None, whole=self)
        return replace(
            self,
            fields=tuple(map(_without_keys, self.fields)),
            derived=tuple(map(_without_keys, self.derived)),
            checks=tuple(check for check in self.checks if not check.keys),
            dedupe=None,
            levels=(),
            expectations=(),
            ml=None,
            whole=self,
        )

    def source(self, name: str) -> BoundSource:
        """Return the source of this name; KeyError if there is none."""
        return next(source for source in self.sources if source.name == name)

    def closure(self, names: frozenset[str]) -> frozenset[str]:
        """Return these fields and every field that their values depend on.

        A derived field depends on its operands, and any field on the conditions of checks that set it to null and on
        the fields that its cleaning reads.
        """
        wanted: set[str] = set()
        left = set(names)
        while left:
            wanted |= left
            found: set[str] = set()
            for bound in (self.by_name[name] for name in sorted(left)):
                found |= bound.operands | set(bound.beside)
                found |= {bound.indicates} if bound.indicates is not None else frozenset()
                for check in bound.checks:
                    if check.on_fail == "set_null" and check.where is not None:
                        found |= check.where.fields
            left = found - wanted
        return frozenset(wanted)


def _dedupe_identity(rule: BoundDedupe | None) -> dict[str, Any] | None:
    """Return the rule of batches, and that of streams where there is one."""
    if rule is None or rule.stream is None:
        return rule.identity() if rule is not None else None
    return rule.identity() | {"stream": rule.stream.identity()}


def _without_keys(bound: BoundField) -> BoundField:
    return replace(bound, checks=tuple(check for check in bound.checks if not check.keys))


def fingerprint(identity: Any) -> str:
    """Return the SHA-256, in hexadecimal, of JSON values written with sorted keys."""
    return hashlib.sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()


class Kernel:
    """`apply(chunk) -> outcome`: the one function that every engine drives."""

    def __init__(
        self,
        plan: CompiledPlan,
        now: datetime,
        wanted: frozenset[str] | None = None,
        shown: int = EXAMPLES,
        halves: tuple[Entry, Departure] | None = None,
        *,
        noted: bool = True,
    ) -> None:
        """Prepare the plan's expressions for this `now`; `wanted` narrows them to some fields (`enter` only).

        `shown` is how many failing rows of each check an outcome names.  `halves` are those of another moment.  Without
        `noted` an outcome has nothing that only a report asks for: what cleaning changed, examples, wrong values.
        """
        self.plan = plan
        noted = noted and wanted is None  # a narrow entry leads to no outcome
        self._entry, self._departure = halves or (
            Entry(plan, now, wanted, noted=noted),
            Departure(plan, now, shown if noted else 0),
        )

    def at(self, now: datetime) -> Kernel:
        """Return the kernel of another moment, which shares every expression that no moment changes."""
        return Kernel(self.plan, now, halves=(self._entry.at(now), self._departure.at(now)))

    def enter(self, chunk: Chunk, source: BoundSource) -> Rows:
        """Clean and cast the chunk's rows."""
        return self._entry.enter(chunk, source)

    def apply(self, chunk: Chunk, source: BoundSource, first: int = 0, decisions: Decisions = NO_DECISIONS) -> Outcome:
        """Return the outcome of a chunk whose first row has the ordinal `first`."""
        return self.leave(self.enter(chunk, source), first, decisions)

    def leave(self, rows: Rows, first: int = 0, decisions: Decisions = NO_DECISIONS) -> Outcome:
        """Return the outcome of rows that have entered."""
        return self._departure.leave(rows, first, decisions)
