"""Steps of `clean` as a draft names them, and the very steps that a run would apply."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq import steps
from dq.params import ParamError
from dq.steps.base import TEXT_STEPS

if TYPE_CHECKING:
    from dq.steps.base import TextStep


def step(kind: str, params: dict[str, Any] | None = None) -> TextStep | None:
    """Return a bound step, or None where a package that it needs is not installed."""
    steps.load()
    found = TEXT_STEPS.find(kind)
    if found is None:
        return None
    try:
        return found(found.Params.model_validate(params or {}))
    except ParamError:
        return None
