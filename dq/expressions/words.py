"""Words for messages about types."""

from __future__ import annotations

from dq.dtypes.types import STRING, Type
from dq.expressions.canonical import canonical_text
from dq.expressions.term import Term

_LONGEST = 40


def described(kind: Type) -> str:
    """Return the type with its article: `a decimal(12,2)`, `an integer`, `a text`."""
    word = "text" if kind == STRING else str(kind)
    return f"{'an' if word[0] in 'aio' else 'a'} {word}"


def named(term: Term) -> str:
    """Return what was written and its type, for a message: "`amount` (a decimal(12,2))"."""
    text = canonical_text(term)
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return f"`{shown}` ({described(term.type)})"
