"""Fitted steps: what they do to a record was learnt from many, and can be frozen and applied to others."""

from __future__ import annotations

from importlib import import_module

FILES = ("from_field", "impute", "model", "neighbours", "outliers", "repair", "vocabulary")


def load() -> None:
    """Import the files of the package's own kinds, so that they register.  A second call changes nothing."""
    for name in FILES:
        import_module(f"dq.steps.fitted.{name}")
