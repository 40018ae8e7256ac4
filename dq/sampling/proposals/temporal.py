"""Moments for `before` and `after`: the limit itself, and those next to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.sampling.proposals.bounds import ends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.temporal import Moment
    from dq.sampling.scope import Scope


def of_moments(check: Moment, scope: Scope) -> Iterator[Any]:
    """Yield the limit, as of now, with its neighbours."""
    yield from ends(check.bounds(scope.now), scope.type)


PROPOSALS = dict.fromkeys(("before", "after"), of_moments)
