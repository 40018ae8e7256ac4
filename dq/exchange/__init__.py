"""A specification said in other languages, and read from them; what cannot be carried over is always listed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from dq.diagnostics import did_you_mean
from dq.errors import UsageError
from dq.exchange.base import READERS, WRITERS, Exported, Imported, Loss, Reader, Writer

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan

__all__ = ["READERS", "WRITERS", "Exported", "Imported", "Loss", "Reader", "Writer", "export", "load"]

FILES = (
    "writers.draft7",
    "writers.iglu",
    "writers.jsonschema",
)


def load() -> None:
    """Import the files of the languages, each of which registers itself; a second call does nothing."""
    for name in FILES:
        import_module(f"dq.exchange.{name}")


def export(plan: CompiledPlan, language: str) -> Exported:
    """Return a plan in another language.  UsageError if there is none of this name."""
    load()
    writer = WRITERS.find(language)
    if writer is None:
        near = did_you_mean(language, WRITERS.names())
        hint = f"; did you mean {near!r}?" if near else ""
        raise UsageError(f"there is no language {language!r} to export to{hint}")
    return writer().write(plan)
