"""The checks of one field as what they leave open: an interval, a set, a language of texts.

Checks that ask about one thing are brought together, so that `gt: 0` and `minimum: 1` of an integer, or two patterns
with one language, are the same.  Checks are brought together only where they are asked on the same terms.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson

from dq.checks.bounds import Bounded, Bounds
from dq.checks.formats import Format
from dq.checks.lists import Counted
from dq.checks.membership import AcceptedValues, Equals, NotAcceptedValues
from dq.checks.multiples import MultipleOf
from dq.checks.references import References
from dq.checks.temporal import Moment
from dq.checks.text import Pattern, Sized
from dq.comparison.change import Effect
from dq.comparison.normal_form import normal_form
from dq.patterns import parse_pattern
from dq.patterns.automaton import Language, TooLargeError, difference

if TYPE_CHECKING:
    from dq.checks.base import Check
    from dq.dtypes.types import Type
    from dq.plan.bound import BoundCheck

End: TypeAlias = "tuple[Any, bool] | None"  # a bound, and whether it is left out
Relation: TypeAlias = "frozenset[Effect]"
NARROWER, WIDER = frozenset({Effect.NARROWS}), frozenset({Effect.WIDENS})
EITHER = NARROWER | WIDER
_SAME: Relation = frozenset()
_FEW = 5  # values that tell two sets apart
_DAY, _TICK = timedelta(days=1), timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Terms:
    """On which terms a check is asked: what its failure does, what the gate makes of it, and of which rows."""

    on_fail: str
    severity: str
    mostly: str | None
    where: str | None

    @property
    def refuses(self) -> bool:
        """Whether a failing row is refused."""
        return self.on_fail in {"quarantine", "abort"}


def terms_of(check: BoundCheck) -> Terms:
    """Return the terms of a check."""
    mostly = str(check.mostly) if check.mostly is not None else None
    return Terms(check.on_fail, check.severity, mostly, normal_form(check.where))


@dataclass
class Aspect:
    """What some checks of a field together say of one thing; `parts` are normal forms, `words` are for people."""

    name: str
    of: Type
    parts: list[Any] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)

    @property
    def said(self) -> str:
        """What was asked, in words."""
        return " and ".join(self.words)


Aspects: TypeAlias = Mapping[tuple[str, Terms], Aspect]


def aspects_of(checks: tuple[BoundCheck, ...], of: Type) -> Aspects:
    """Return the aspects of a field's own checks, by name and terms.  What cleaning refuses is no check of its own."""
    found: dict[tuple[str, Terms], Aspect] = {}
    for bound in checks:
        if bound.check is None or bound.keys or bound.kind == "clean":
            continue
        name, part = _part(bound.check, of)
        aspect = found.setdefault((name, terms_of(bound)), Aspect(name, of))
        aspect.parts.append(part)
        aspect.words.append(bound.expected if bound.kind not in {"required", "type"} else bound.kind)
        aspect.ids.append(bound.id)
    return found


def _part(check: Check, of: Type) -> tuple[str, Any]:  # noqa: C901, PLR0911, PLR0912 - one family of checks a line
    """Return which aspect a check is of, and what it says in normal form."""
    match check:
        case Bounded():
            return "range", _ends(check.bounds, of)
        case Moment() if check.offset is None:
            return "range", _ends(check.bounds(datetime.min.replace(tzinfo=UTC)), of)
        case Moment():
            return f"{check.kind} now", check.offset
        case Sized():
            return "text", ((), check.least or 0, check.most)
        case Pattern():
            return "text", ((check.params.pattern,), 0, None)
        case Format():
            return "text", (check.notation.patterns, 0, check.notation.max_length)
        case AcceptedValues():
            return "values", frozenset(check.values)
        case Equals():
            return "values", frozenset({check.value})
        case NotAcceptedValues():
            return "excluded", frozenset(check.values)
        case References():
            return f"reference {check.params.file} {check.params.column}", frozenset(check.keys)
        case Counted():
            return "count", check.ends()
        case MultipleOf():
            return "multiple", check.step
        case _:
            return f"kind:{check.kind}", orjson.dumps(check.identity(), option=orjson.OPT_SORT_KEYS, default=str)


def _ends(bounds: Bounds, of: Type) -> tuple[End, End]:
    """Return the ends of an interval; where values have a next one, both ends are included."""
    low = None if bounds.lower is None else _inner(bounds.lower, of, 1, strict=bounds.strict)
    high = None if bounds.upper is None else _inner(bounds.upper, of, -1, strict=bounds.strict)
    return low, high


def _inner(end: Any, of: Type, way: int, *, strict: bool) -> tuple[Any, bool]:
    """Return the outermost value that an end lets in, and False; or the end itself, if values lie arbitrarily near."""
    match end:
        case Decimal():
            unit = Fraction(1, 10 ** (of.scale or 0))
            steps = Fraction(end) / unit
            whole = math.ceil(steps) if way > 0 else math.floor(steps)
            return (whole + way if strict and whole == steps else whole) * unit, False
        case int():
            return (end + way if strict else end), False
        case datetime() | timedelta():
            return (end + way * _TICK if strict else end), False
        case date():
            return (end + way * _DAY if strict else end), False
        case time():
            micros = ((end.hour * 60 + end.minute) * 60 + end.second) * 1_000_000 + end.microsecond
            return (micros + way if strict else micros), False
        case _:
            return end, strict


def relation(old: Aspect, new: Aspect) -> tuple[Relation, bool]:
    """Return how a new aspect differs from an old one of the same name, and whether that is known for certain."""
    compare = _RELATIONS.get(old.name.partition(" ")[0])
    if old.name == "text":
        try:
            return _languages(_language(old.parts), _language(new.parts)), True
        except TooLargeError:
            return (_SAME if old.parts == new.parts else EITHER), False
    if compare is None or old.of != new.of:
        same = sorted(map(repr, old.parts)) == sorted(map(repr, new.parts))
        return (_SAME if same else EITHER), same
    return compare(old.parts, new.parts), True


def _language(parts: list[tuple[tuple[str, ...], int, int | None]]) -> Language:
    """Return the texts that patterns and lengths together leave."""
    sources = sorted({source for patterns, _, _ in parts for source in patterns})
    mosts = [most for _, _, most in parts if most is not None]
    least = max(least for _, least, _ in parts)
    return Language(tuple(map(parse_pattern, sources)), least, min(mosts) if mosts else None)


def _languages(old: Language, new: Language) -> Relation:
    lost, won = difference(old, new), difference(new, old)
    return (NARROWER if lost is not None else _SAME) | (WIDER if won is not None else _SAME)


def telling(old: Aspect | None, new: Aspect | None) -> list[Any]:
    """Return a few canonical values that one of two aspects of a name lets through and the other does not."""
    given = [aspect for aspect in (old, new) if aspect is not None]
    if given[0].name == "text":
        first, second = (_language(each.parts) if each is not None else Language() for each in (old, new))
        try:
            found = [difference(first, second), difference(second, first)]
        except TooLargeError:
            return []
        return [text for text in found if text is not None]
    if len(given) == len((old, new)) and given[0].name.partition(" ")[0] in {"values", "excluded", "reference"}:
        sets = [frozenset.union(*aspect.parts) for aspect in given]
        return [value for one, other in (sets, sets[::-1]) for value in sorted(one - other, key=repr)[:_FEW]]
    return []


def _ranges(old: list[tuple[End, End]], new: list[tuple[End, End]]) -> Relation:
    """Compare intervals, each the intersection of several."""
    found: Relation = _SAME
    for place, way in ((0, 1), (1, -1)):
        first, second = _outermost(old, place, way), _outermost(new, place, way)
        if first != second:
            found |= NARROWER if first is None or (second is not None and _beyond(second, first, way)) else WIDER
    return found


def _outermost(parts: list[tuple[End, End]], place: int, way: int) -> End:
    """Return the end of an intersection: the largest of lower ends (`way` 1), the least of upper ones (-1)."""
    best: End = None
    for part in parts:
        end = part[place]
        if end is not None and (best is None or _beyond(end, best, way)):
            best = end
    return best


def _beyond(end: tuple[Any, bool], other: tuple[Any, bool], way: int) -> bool:
    """Whether an end lets in less than another."""
    if end[0] == other[0]:
        return end[1] and not other[1]
    return bool(end[0] > other[0]) is (way > 0)


def _sets(old: list[frozenset[Any]], new: list[frozenset[Any]]) -> Relation:
    """Compare what is in all of several sets."""
    first, second = frozenset.intersection(*old), frozenset.intersection(*new)
    return (NARROWER if first - second else _SAME) | (WIDER if second - first else _SAME)


def _excluded(old: list[frozenset[Any]], new: list[frozenset[Any]]) -> Relation:
    """Compare what is in none of several sets."""
    first, second = frozenset.union(*old), frozenset.union(*new)
    return (NARROWER if second - first else _SAME) | (WIDER if first - second else _SAME)


def _multiples(old: list[Fraction], new: list[Fraction]) -> Relation:
    """Compare what is a multiple of every step."""
    first, second = _common(old), _common(new)
    lost, won = (first / second).denominator > 1, (second / first).denominator > 1
    return (NARROWER if lost else _SAME) | (WIDER if won else _SAME)


def _common(steps: list[Fraction]) -> Fraction:
    """Return the least common multiple of steps."""
    found = steps[0]
    for step in steps[1:]:
        top = math.lcm(found.numerator * step.denominator, step.numerator * found.denominator)
        found = Fraction(top, found.denominator * step.denominator)
    return found


def _before(old: list[timedelta], new: list[timedelta]) -> Relation:
    return _SAME if min(old) == min(new) else NARROWER if min(new) < min(old) else WIDER


def _after(old: list[timedelta], new: list[timedelta]) -> Relation:
    return _SAME if max(old) == max(new) else NARROWER if max(new) > max(old) else WIDER


def _counts(old: list[Any], new: list[Any]) -> Relation:
    """Compare numbers of elements."""

    def ends(parts: list[Any]) -> list[tuple[End, End]]:
        """Return counts as closed intervals from 0 on."""
        return [((least or 0, False), None if most is None else (most, False)) for least, most in parts]

    return _ranges(ends(old), ends(new))


_RELATIONS: dict[str, Any] = {
    "range": _ranges,
    "values": _sets,
    "excluded": _excluded,
    "reference": _sets,
    "multiple": _multiples,
    "before": _before,
    "after": _after,
    "count": _counts,
}


def leftovers(first: Aspects, second: Aspects) -> Iterator[tuple[tuple[str, Terms], Aspect]]:
    """Yield what is in the first and not, under the same name and terms, in the second."""
    for key, aspect in first.items():
        if key not in second:
            yield key, aspect
