"""Texts that a pattern matches, made from its tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.patterns.tree import Assertion, Chars, Choice, Repeat, Sequence

if TYPE_CHECKING:
    from collections.abc import Sequence as Texts
    from random import Random

    from dq.patterns.characters import Ranges
    from dq.patterns.tree import Node

# What a reader takes for plain text comes first: digits and small letters, then capitals, then all that is printable.
_PLAIN: Texts[tuple[int, int]] = ((48, 57), (97, 122), (65, 90), (33, 126), (0x400, 0x44F), (32, 32))
_MORE = 4  # repetitions beyond the least, where there is no end


def matching(node: Node, rng: Random) -> str:
    r"""Return a text made of the parts of a pattern.

    Places (`^`, `\b`) add nothing, so of a pattern with one in its middle the text may not match: ask the pattern.
    """
    match node:
        case Chars(ranges):
            return _character(ranges, rng)
        case Assertion():
            return ""
        case Sequence(items):
            return "".join(matching(item, rng) for item in items)
        case Choice(branches):
            return matching(rng.choice(branches), rng)
        case Repeat(item, low, high):
            most = max(low, 1) + _MORE if high is None else min(high, low + 2 * _MORE)
            return "".join(matching(item, rng) for _ in range(rng.randint(low, most)))


def _character(ranges: Ranges, rng: Random) -> str:
    """Return one character of a set, a plain one if it has any."""
    plain = [
        (max(low, first), min(high, last))
        for low, high in ranges
        for first, last in _PLAIN[:3]
        if max(low, first) <= min(high, last)
    ]
    for first, last in () if plain else _PLAIN[3:]:
        plain = [(max(low, first), min(high, last)) for low, high in ranges if max(low, first) <= min(high, last)]
        if plain:
            break
    low, high = rng.choice(plain or list(ranges))
    return chr(rng.randint(low, high))
