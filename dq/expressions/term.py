"""The typed tree: what an expression means, after names are found and types are known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dq.dtypes.types import Type


@dataclass(frozen=True, slots=True)
class Term:
    """One node of the typed tree.

    `operator` is `field` (its name is `value`), `constant` (its Python value is `value`, None for null, and `text` is
    how it is written), `convert` (its one operand as another type of numbers, exactly or to the nearest binary64), the
    name of a function, or an operator as in `dq.expressions.tree.Node`.  `start` and `end` are offsets in the source;
    they take no part in equality of meaning, which is that of the canonical text.
    """

    operator: str
    type: Type
    operands: tuple[Term, ...] = ()
    value: Any = None
    text: str = ""
    start: int = 0
    end: int = 0

    @property
    def is_constant(self) -> bool:
        """Whether this is a literal."""
        return self.operator == "constant"

    def walk(self) -> Iterator[Term]:
        """Iterate over this term and all below it."""
        yield self
        for operand in self.operands:
            yield from operand.walk()
