"""Values for `references`: keys of the file, and near misses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.dtypes.literals import parse_literal
from dq.sampling.proposals.membership import MOST
from dq.sampling.scope import around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dq.checks.references import References
    from dq.sampling.scope import Scope


def of_references(check: References, scope: Scope) -> Iterator[Any]:
    """Yield keys that the field's type can say, and near misses of the first."""
    keys = [value for value in (_read(key, scope) for key in check.keys[:MOST]) if value is not None]
    yield from keys
    for key in keys[:3]:
        yield from around(key, scope.type)


def _read(key: str, scope: Scope) -> Any:
    """Return a key as a value of the type, None if it is none."""
    try:
        return parse_literal(scope.type, key)
    except ValueError:
        return None


PROPOSALS = {"references": of_references}
