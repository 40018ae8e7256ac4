"""Texts for `format`: made from the patterns of the notation, and in the forms that people write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.sampling.proposals.text import of_sources
from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.formats import Format
    from dq.sampling.scope import Scope

# What looks as people expect it; the patterns alone would give texts that are right and odd.
_USUAL = {
    "email": "{word}@example.com",
    "hostname": "{word}.example.com",
    "url": "https://example.com/{word}",
    "uri": "https://example.com/{word}",
}


def of_format(check: Format, scope: Scope) -> Iterator[Any]:
    """Yield texts of the notation, and near misses."""
    usual = _USUAL.get(check.params.name)
    if usual is None:
        yield from of_sources(check.notation.patterns, scope)
        return
    for number in range(scope.count):
        text = usual.format(word=f"sample{scope.rng.randrange(1_000_000)}")
        yield from around(text, scope.type) if number == 0 else (text,)
    yield check.params.name  # a word, which is no address


PROPOSALS = {"format": of_format}
