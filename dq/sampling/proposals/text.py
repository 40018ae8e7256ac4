"""Texts for `pattern`, `min_length`, `max_length` and `length`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.patterns import parse_pattern
from dq.patterns.generate import matching
from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dq.checks.text import Pattern, Sized
    from dq.sampling.scope import Scope

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
LONGEST = 5000  # a text that is made of a length


def of_pattern(check: Pattern, scope: Scope) -> Iterator[Any]:
    """Yield texts that match, and near misses."""
    yield from of_sources([check.params.pattern], scope)


def of_sources(sources: Sequence[str], scope: Scope) -> Iterator[str]:
    """Yield texts that match one of some patterns, and near misses of the first."""
    nodes = [parse_pattern(source) for source in sources]
    for number in range(scope.count):
        text = matching(nodes[number % len(nodes)], scope.rng)
        yield from around(text, scope.type) if number < len(nodes) else (text,)


def of_lengths(check: Sized, scope: Scope) -> Iterator[Any]:
    """Yield texts of the least and the largest length, of one less and one more, and of lengths between."""
    low, high = check.least or 0, check.most if check.most is not None else (check.least or 0) + 10
    for length in (low, high, low - 1, high + 1):
        if 0 <= length <= LONGEST:
            yield _word(length, scope)
    for _ in range(scope.count):
        yield _word(scope.rng.randint(low, min(high, low + 20)), scope)


def _word(length: int, scope: Scope) -> str:
    return "".join(scope.rng.choices(_LETTERS, k=length))


PROPOSALS = {"pattern": of_pattern, **dict.fromkeys(("min_length", "max_length", "length"), of_lengths)}
