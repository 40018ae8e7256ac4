"""Checks as calls of pandera's own kinds: what its source and its YAML can say.

Every check makes its pandera form with a module that it is given (`Check.pandera`).  Given one that only writes down
what is called, it tells which kind of pandera it uses, and with which values.  A check that brings a function of its
own has no such form, and neither has one whose values depend on the moment.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dq.checks.formats import Format
from dq.checks.text import Pattern

if TYPE_CHECKING:
    from dq.plan.bound import BoundCheck

_MOMENTS = (datetime(2001, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Call:
    """One call of `pandera.Check`: the name of the kind, and its arguments in order and by name."""

    name: str
    args: tuple[Any, ...]
    kwargs: tuple[tuple[str, Any], ...] = ()


class _Kinds:
    """Stands for `pandera.Check`: every kind writes down its call, and a function of one's own is none."""

    def __call__(self, *_args: Any, **_kwargs: Any) -> None:
        """Write nothing down."""

    def __getattr__(self, name: str) -> Any:
        """Return what writes down a call of the kind of this name, without the words of its error."""

        def write(*args: Any, **kwargs: Any) -> Call:
            named = tuple((key, value) for key, value in kwargs.items() if key != "error" and value is not None)
            return Call(name, args, named)

        return write


class _Module:
    """Stands for the module `pandera.polars`."""

    Check = _Kinds()


def calls(check: BoundCheck) -> list[Call] | None:
    """Return the calls that say a check, or None where pandera's own kinds cannot."""
    asked = check.check
    if asked is None:
        return None
    if isinstance(asked, Pattern):
        return [Call("str_contains", (asked.pattern.polars,))]
    if isinstance(asked, Format):
        length = asked.notation.max_length
        found = [Call("str_contains", (pattern.polars,)) for pattern in asked.patterns]
        return found + ([Call("str_length", (None, length))] if length is not None else [])
    early, late = (asked.pandera(_Module, now) for now in _MOMENTS)
    return [early] if isinstance(early, Call) and early == late else None
