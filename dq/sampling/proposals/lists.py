"""Lists for `min_items`, `max_items` and `items`: of so many elements, and with one wrong element."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dq.sampling.scope import Scope, typical

if TYPE_CHECKING:
    from dq.checks.base import Check
    from dq.checks.lists import Counted, Items

MOST = 1000  # elements of a list that is made
_TRIED = 20  # values of an element that make a list each


def of_counts(check: Counted, scope: Scope) -> Iterator[Any]:
    """Yield lists of the number itself, and of one less and one more."""
    wanted = next(end for end in check.ends() if end is not None)
    for count in (wanted, wanted - 1, wanted + 1):
        if 0 <= count <= MOST:
            yield list(typical(_element(scope, count)))


def of_items(check: Any, scope: Scope, propose: Callable[[Check, Scope], Iterator[Any]]) -> Iterator[Any]:
    """Yield lists of what is worth trying for the checks of an element, and one with a null."""
    items: Items = check
    element = _element(scope, _TRIED)
    values = [value for nested in items.checks for value in propose(nested, element)] or list(typical(element))
    for value in values[: 5 * _TRIED]:
        yield [value]
    for _ in range(scope.count):
        yield scope.rng.choices(values, k=scope.rng.randint(1, 3))
    yield [*values[:1], None]


def _element(scope: Scope, count: int) -> Scope:
    """Return the scope of the elements of a list."""
    return replace(scope, type=scope.type.element or scope.type, count=count, low=None, high=None)


PROPOSALS = dict.fromkeys(("min_items", "max_items"), of_counts)
