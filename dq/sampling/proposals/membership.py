"""Values for `accepted_values`, `not_accepted_values` and `equals`: those that are listed, and near misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.membership import Equals, Listed
    from dq.sampling.scope import Scope

MOST = 500  # listed values that are tried
_MISSES = 20  # of which near misses are tried


def of_listed(check: Listed, scope: Scope) -> Iterator[Any]:
    """Yield the listed values, then near misses of the first of them."""
    yield from check.values[:MOST]
    for value in check.values[:_MISSES]:
        yield from around(value, scope.type)


def of_equals(check: Equals, scope: Scope) -> Iterator[Any]:
    """Yield the value, as often as other values are made of the type, and near misses."""
    yield from around(check.value, scope.type)


PROPOSALS = {"accepted_values": of_listed, "not_accepted_values": of_listed, "equals": of_equals}
