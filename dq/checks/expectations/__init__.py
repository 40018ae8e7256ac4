"""Expectations: questions of the whole batch, one family a file.

`load()` imports the files of the kinds, each of which registers its classes in `EXPECTATIONS`.
"""

from __future__ import annotations

from importlib import import_module

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject

_FAMILIES = (
    "correlation",
    "coverage",
    "distinct",
    "drift",
    "extremes",
    "freshness",
    "missing",
    "quantiles",
    "referential",
    "rows",
    "statistics",
)


def load() -> None:
    """Register every kind that comes with dq; calling it again changes nothing."""
    for family in _FAMILIES:
        import_module(f"{__name__}.{family}")


__all__ = ["EXPECTATIONS", "Batch", "Expectation", "FieldParams", "Judgement", "Subject", "load"]
