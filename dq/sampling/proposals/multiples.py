"""Numbers for `multiple_of`: multiples of the step, and those next to them."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from dq.sampling.scope import around, as_number, typical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.multiples import MultipleOf
    from dq.sampling.scope import Scope


def of_multiples(check: MultipleOf, scope: Scope) -> Iterator[Any]:
    """Yield typical numbers, each brought to the multiple below it, and neighbours of the first."""
    for number, value in enumerate(typical(scope)):
        whole = (Fraction(value) // check.step) * check.step
        multiple = as_number(Decimal(whole.numerator) / Decimal(whole.denominator), scope.type)
        yield from around(multiple, scope.type) if number == 0 else (multiple,)


PROPOSALS = {"multiple_of": of_multiples}
