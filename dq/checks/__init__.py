"""Checks: one boolean question of a row, said in Polars, pandera and JSON Schema.

`load()` imports the files of the kinds, each of which registers its classes in `CHECKS` or `EXPECTATIONS`.
"""

from __future__ import annotations

from importlib import import_module

from dq.checks import expectations
from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.checks.expectations import EXPECTATIONS, Expectation

_FAMILIES = (
    "bounds",
    "formats",
    "lists",
    "membership",
    "multiples",
    "presence",
    "references",
    "temporal",
    "text",
    "uniqueness",
)


def load() -> None:
    """Register every kind that comes with dq; calling it again changes nothing."""
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")
    expectations.load()


__all__ = ["CHECKS", "EXPECTATIONS", "Check", "Expectation", "ParamError", "Target", "load"]
