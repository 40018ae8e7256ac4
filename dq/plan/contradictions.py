"""Checks that cannot be meant: those that always give the same answer, alone or beside another of the same field.

Only what is certain is refused: bounds beyond what the type can hold, intervals and lengths that do not overlap, and
listed values of which another check lets none through.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Context, Decimal
from itertools import combinations
from typing import TYPE_CHECKING, Any

import polars as pl

from dq.checks.bounds import Bounded, Bounds
from dq.checks.lists import Counted
from dq.checks.membership import AcceptedValues, Equals
from dq.checks.temporal import Moment
from dq.checks.text import Sized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq.checks.base import Check
    from dq.dtypes.types import Type
    from dq.plan.bound import BoundCheck, BoundExpectation
    from dq.plan.notes import Notes

Counts = tuple[int | None, int | None]
_WIDE = Context(prec=40)
_SOME_TIME = datetime(2000, 1, 1, tzinfo=UTC)  # checks that depend on the moment are not asked


def note_contradictions(notes: Notes, checks: tuple[BoundCheck, ...]) -> None:
    """Note the checks of one field, or of whole rows, that always give the same answer."""
    for bound in checks:
        problem = _alone(bound)
        if problem:
            notes.note("DQ322", bound.span, problem=problem)
    asked = [bound for bound in checks if bound.check is not None and bound.where is None and not bound.keys]
    for first, second in combinations(asked, 2):
        if first.check is not None and second.check is not None and _exclude(first.check, second.check):
            other = f"`{first.kind}` in line {first.span.line}"
            notes.note("DQ322", second.span, problem=f"no value passes both this and {other}")


def note_idle(notes: Notes, expectations: Iterable[BoundExpectation]) -> None:
    """Note the expectations that no batch can fail."""
    for bound in expectations:
        if bound.expectation.idle():
            notes.note("DQ322", bound.span, problem="every batch passes")


def _alone(bound: BoundCheck) -> str | None:
    """Return in words why one check has always the same answer, or None."""
    if bound.mostly == 0:
        return "with `mostly: 0%` its verdict can never fail; use `severity: warning` to count only"
    check = bound.check
    if isinstance(check, (Sized, Counted)):
        least, most = _counts(check)
        return "nothing has fewer than 0, so it never fails" if most is None and not least else None
    if isinstance(check, Bounded) and check.target.type.name == "decimal":
        return _beyond(check.bounds, check.target.type)
    return None


def _beyond(bounds: Bounds, of: Type) -> str | None:
    """Return in words that every decimal of a type, or none, lies within the bounds; None where it depends."""
    digits = f"the numbers of {of} end at {'9' * ((of.precision or 0) - (of.scale or 0)) or '0'}"
    digits += f".{'9' * of.scale}" if of.scale else ""
    farthest = Decimal(10 ** (of.precision or 0) - 1).scaleb(-(of.scale or 0), _WIDE)
    whole = Bounds(-farthest, farthest)
    if _apart(bounds, whole):
        return f"{digits}, so it never passes"
    covers_low = bounds.lower is None or bounds.lower < -farthest or (bounds.lower == -farthest and not bounds.strict)
    covers_high = bounds.upper is None or bounds.upper > farthest or (bounds.upper == farthest and not bounds.strict)
    return f"{digits}, so it never fails" if covers_low and covers_high else None


def _exclude(first: Check, second: Check) -> bool:
    """Return whether no value passes both checks of one field."""
    one, other = _interval(first), _interval(second)
    if one is not None and other is not None and _apart(one, other):
        return True
    if isinstance(first, (Sized, Counted)) and isinstance(second, (Sized, Counted)):
        return _disjoint(_counts(first), _counts(second))
    for listed, judge in ((first, second), (second, first)):
        values = _listed(listed)
        if values is not None and not _depends_on_now(judge):
            return not _any_passes(values, judge)
    return False


def _interval(check: Check) -> Bounds | None:
    """Return the interval that a check allows, or None if it is of another kind or depends on `now`."""
    if isinstance(check, Bounded):
        return check.bounds
    return check.bounds(_SOME_TIME) if isinstance(check, Moment) and check.offset is None else None


def _depends_on_now(check: Check) -> bool:
    """Return whether the answer of a check depends on the moment of the run."""
    return isinstance(check, Moment) and check.offset is not None


def _apart(one: Bounds, other: Bounds) -> bool:
    """Return whether two intervals have no value in common."""
    return _ends_before(one, other) or _ends_before(other, one)


def _ends_before(one: Bounds, other: Bounds) -> bool:
    """Return whether one interval ends before the other begins."""
    if one.upper is None or other.lower is None:
        return False
    return bool(one.upper < other.lower or (one.upper == other.lower and (one.strict or other.strict)))


def _counts(check: Sized | Counted) -> Counts:
    """Return the smallest and the largest number of characters or elements."""
    return check.ends() if isinstance(check, Counted) else (check.least, check.most)


def _disjoint(one: Counts, other: Counts) -> bool:
    """Return whether no number lies within both ranges."""
    least = max((low for low in (one[0], other[0]) if low is not None), default=None)
    most = min((high for high in (one[1], other[1]) if high is not None), default=None)
    return least is not None and most is not None and least > most


def _listed(check: Check) -> list[Any] | None:
    """Return the only values that a check accepts, or None if it does not list them."""
    if isinstance(check, AcceptedValues):
        return check.values
    return [check.value] if isinstance(check, Equals) else None


def _any_passes(values: list[Any], judge: Check) -> bool:
    """Return whether a check lets any of the values through."""
    column = pl.Series("value", values, dtype=judge.target.type.polars)
    verdicts = column.to_frame().select(judge.expression(pl.col("value"), _SOME_TIME)).to_series()
    return bool(verdicts.fill_null(value=True).any())
