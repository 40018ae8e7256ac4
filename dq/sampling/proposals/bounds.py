"""Values for `between`, `minimum`, `maximum`, `gt` and `lt`: the bounds themselves, and those next to them."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Any

from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.bounds import Bounded, Bounds
    from dq.dtypes.types import Type
    from dq.sampling.scope import Scope


def of_bounds(check: Bounded, scope: Scope) -> Iterator[Any]:
    """Yield the ends of the interval with their neighbours."""
    yield from ends(check.bounds, scope.type)


def ends(bounds: Bounds, of: Type) -> Iterator[Any]:
    """Yield the ends of an interval with their neighbours; of a decimal, the nearest values that it can have."""
    for end in (bounds.lower, bounds.upper):
        if isinstance(end, Decimal):
            for rounding in (ROUND_FLOOR, ROUND_CEILING):
                yield from around(end.quantize(Decimal(1).scaleb(-(of.scale or 0)), rounding), of)
        elif end is not None:
            yield from around(end, of)


PROPOSALS = dict.fromkeys(("between", "minimum", "maximum", "gt", "lt"), of_bounds)
