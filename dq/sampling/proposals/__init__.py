"""Values that are worth trying for a check: some that pass, and those just beyond what passes.

One file a family of checks.  A proposal promises nothing: what a value is good for, the kernel says.  A kind without a
proposal of its own, such as one of a plugin, is tried with the examples of its documentation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from dq.dtypes.literals import parse_literal
from dq.sampling.proposals import bounds, formats, lists, membership, multiples, references, temporal, text

if TYPE_CHECKING:
    from dq.checks.base import Check
    from dq.sampling.scope import Scope

Proposal: TypeAlias = "Callable[[Any, Scope], Iterator[Any]]"
PROPOSALS: dict[str, Proposal] = {
    kind: proposal
    for family in (bounds, formats, lists, membership, multiples, references, temporal, text)
    for kind, proposal in family.PROPOSALS.items()
}


def propose(check: Check, scope: Scope) -> Iterator[Any]:
    """Yield canonical values worth trying for a check."""
    proposal = PROPOSALS.get(check.kind)
    if proposal is not None:
        yield from proposal(check, scope)
    elif check.kind == "items":
        yield from lists.of_items(check, scope, propose)
    elif type(check).example_type == str(scope.type):
        yield from _examples(check)


def _examples(check: Check) -> Iterator[Any]:
    """Yield the examples of a kind's documentation."""
    for each in (*check.example_pass, *check.example_fail):
        if each is not None:
            yield parse_literal(check.target.type, each)
