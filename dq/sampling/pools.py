"""What a field may be given: candidates, each with what the kernel says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dq.checks.text import Sized
from dq.sampling.form import AS_JSON, Form
from dq.sampling.judge import Judge
from dq.sampling.proposals import propose
from dq.sampling.proposals.text import LONGEST
from dq.sampling.raw import json_text, raw_of
from dq.sampling.scope import Scope, typical

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from dq.checks.bounds import Bounds
    from dq.plan.bound import BoundCheck, BoundField
    from dq.plan.plan import CompiledPlan

# What is none of most types, thrown at every field to see what it does with it.
_STRANGE: tuple[Any, ...] = (
    "?", "none", "12,5 %", "0x1F", "1.005", "99999999999999999999999999999999999999999", "2026-02-30", "31.12.2026",
    "2026-11-01T25:00:00Z", "[1", "{", " x ", "É", "x" * 300, -1, 1.5, True, ["x"], {"x": 1}, "",
)  # fmt: skip


_STRETCHED = 5  # texts


@dataclass(frozen=True, slots=True)
class Candidate:
    """A raw value of a field, the canonical value that it becomes, and the checks of the field that it fails.

    Whether a check's `where` holds is another field's matter, so it counts as failed here whatever that says.  `value`
    is None where there is none.  `plain` says that the value was made for the field, and not merely thrown at it.
    """

    raw: Any
    value: Any = None
    fails: frozenset[str] = frozenset()
    plain: bool = True


@dataclass(frozen=True)
class Pool:
    """The candidates of one field."""

    field: BoundField
    candidates: tuple[Candidate, ...]

    @cached_property
    def valid(self) -> tuple[Candidate, ...]:
        """Those that fail nothing and have a value; what was merely thrown at the field only where nothing else is."""
        return tuple(each for each in self.fitting if each.plain) or self.fitting

    @cached_property
    def fitting(self) -> tuple[Candidate, ...]:
        """All that fail nothing and have a value."""
        return tuple(each for each in self.candidates if not each.fails and each.value is not None)

    @cached_property
    def null(self) -> Candidate | None:
        """The missing value, where the field may have it."""
        return next((each for each in self.candidates if each.value is None and not each.fails), None)

    def violating(self, check: str) -> tuple[Candidate, ...]:
        """Those that fail this check, and if possible no other."""
        alone = tuple(each for each in self.candidates if each.fails == {check})
        return alone or tuple(each for each in self.candidates if check in each.fails)


def pool_of(
    plan: CompiledPlan,
    field: BoundField,
    now: datetime,
    rng: Random,
    count: int,
    hints: Iterable[Any] = (),
    more: Iterable[Any] = (),
    form: Form = AS_JSON,
) -> Pool:
    """Return a pool with about `count` valid values of a field that records bring.

    Canonical values (`hints`) and raw ones (`more`) that others have found are tried, too.  Where the checks of the
    field leave few of the values that each of them proposes, more are proposed.
    """
    judge = Judge(_opened(plan, field), now, source=form.source)
    given = [(_raw(value, field, turn), False) for turn, value in enumerate(hints)]
    given += [(raw, False) for raw in (*more, *words_of(plan, field))]
    for factor in (1, 4):
        scope = _scope(field, now, rng, count * factor)
        pool = Pool(field, tuple(_classified(judge, _proposed(field, form, scope, given))))
        pool = replace(pool, candidates=(*pool.candidates, *_classified(judge, _stretched(pool))))
        if len(pool.valid) >= count // 2:
            break
    return pool


def words_of(plan: CompiledPlan, field: BoundField) -> tuple[str, ...]:
    """Return the words that mean no value of a field, but for those of a source."""
    return field.missing if field.missing is not None else plan.missing


def raws_of(plan: CompiledPlan, field: BoundField, now: datetime, rng: Random, count: int) -> list[Any]:
    """Return raw values that are worth trying for a field, by its own checks, type and steps; nothing is asked yet."""
    words = [(word, False) for word in words_of(plan, field)]
    return [raw for raw, _ in _proposed(field, AS_JSON, _scope(field, now, rng, count), words)]


def _scope(field: BoundField, now: datetime, rng: Random, count: int) -> Scope:
    """Return the scope of a field: the interval is what all of its bounds leave."""
    low = high = None
    for bounds in (_bounds(check, now) for check in field.checks):
        if bounds is not None:
            low = bounds.lower if low is None else low if bounds.lower is None else max(low, bounds.lower)
            high = bounds.upper if high is None else high if bounds.upper is None else min(high, bounds.upper)
    return Scope(field.type, rng, now, count, low, high)


def _bounds(bound: BoundCheck, now: datetime) -> Bounds | None:
    """Return the interval of a check of bounds, or None for any other."""
    bounds = getattr(bound.check, "bounds", None)
    return bounds(now) if callable(bounds) else bounds


def _proposed(
    field: BoundField, form: Form, scope: Scope, given: Iterable[tuple[Any, bool]]
) -> Iterator[tuple[Any, bool]]:
    """Yield raw values in the form that is wanted, with whether they were made for the field; each once."""
    seen: set[str] = set()
    for value, plain in _all_proposed(field, scope, given):
        raw = form.of(value, field)
        key = json_text(raw)
        if key not in seen:
            seen.add(key)
            yield raw, plain


def _all_proposed(field: BoundField, scope: Scope, given: Iterable[tuple[Any, bool]]) -> Iterator[tuple[Any, bool]]:
    """Yield raw values: of the steps, for each check, of the type, and strange ones."""
    yield None, True
    for bound in field.steps:
        yield from ((text, True) for text in _entries(bound.step.identity()["params"]))
        yield from ((before, False) for before, _ in bound.step.example_values)
    for check in field.checks:
        if check.check is not None:
            yield from ((_raw(value, field, turn), True) for turn, value in enumerate(propose(check.check, scope)))
    yield from ((_raw(value, field, turn), True) for turn, value in enumerate(typical(scope)))
    yield from given
    yield from ((raw, False) for raw in _STRANGE)


def _raw(value: Any, field: BoundField, turn: int) -> Any:
    return raw_of(value, field.type, field.options, turn)


def _entries(params: Any) -> list[str]:
    """Return the keys of a step's table of values, where it has one."""
    table = params.get("table") if isinstance(params, Mapping) else None
    return sorted(table) if isinstance(table, Mapping) else []


def _opened(plan: CompiledPlan, field: BoundField) -> CompiledPlan:
    """Return the plan of one field whose checks are all asked, and refuse nothing."""
    checks = tuple(
        replace(check, where=None, on_fail="keep" if check.kind not in {"type", "clean"} else check.on_fail)
        for check in field.checks
        if not check.keys
    )
    alone = replace(field, checks=checks, fits=(), lookup=None, mask=None)
    return replace(
        plan.alone(),
        fields=(alone,),
        derived=(),
        checks=checks,
        filters=(),
        sources=(),
        output_fields=(field.name,),
        examples=(),
    )


def _stretched(pool: Pool) -> Iterator[tuple[Any, bool]]:
    """Yield texts that are valid but for being too long: patterns that match are rarely as long as a limit."""
    limits = [check.check.most for check in pool.field.checks if isinstance(check.check, Sized)]
    for most in (limit for limit in limits if limit is not None and limit <= LONGEST):
        for each in pool.fitting[:_STRETCHED]:
            if isinstance(each.raw, str) and each.raw:
                yield each.raw + each.raw[-1] * (most + 1 - len(each.raw)), False


def _classified(judge: Judge, proposed: Iterable[tuple[Any, bool]]) -> Iterator[Candidate]:
    """Yield the candidates with what the kernel says of them."""
    pairs = list(proposed)
    name = judge.plan.fields[0].name
    answers = judge.ask([{name: raw} for raw, _ in pairs])
    for (raw, plain), answer in zip(pairs, answers, strict=True):
        yield Candidate(raw, None if answer.row is None else answer.row[0], answer.fails, plain)
