"""dq: the gate between raw data and machine learning.

The public names are imported when they are first used, so that `dq --help` does not pay for an engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dq.version import VERSION

if TYPE_CHECKING:
    from dq.api import Plan, load
    from dq.drafting.draft import Draft, infer
    from dq.errors import (
        DqError,
        GateError,
        InternalError,
        LockedError,
        SinkError,
        SourceError,
        SpecError,
        UsageError,
    )
    from dq.exchange import Exported, Imported, ImportedTables, import_spec, import_tables
    from dq.outcome import EventVerdict
    from dq.plan_folder import FolderResult, PlanFolder, load_folder
    from dq.report.model import Report, load_report
    from dq.results import Result

__version__ = VERSION
_HOMES = {
    "dq.api": ("Plan", "load"),
    "dq.drafting.draft": ("Draft", "infer"),
    "dq.errors": (
        "DqError",
        "GateError",
        "InternalError",
        "LockedError",
        "SinkError",
        "SourceError",
        "SpecError",
        "UsageError",
    ),
    "dq.exchange": ("Exported", "Imported", "ImportedTables", "import_spec", "import_tables"),
    "dq.outcome": ("EventVerdict",),
    "dq.plan_folder": ("FolderResult", "PlanFolder", "load_folder"),
    "dq.report.model": ("Report", "load_report"),
    "dq.results": ("Result",),
}

__all__ = [
    "DqError",
    "Draft",
    "EventVerdict",
    "Exported",
    "FolderResult",
    "GateError",
    "Imported",
    "ImportedTables",
    "InternalError",
    "LockedError",
    "Plan",
    "PlanFolder",
    "Report",
    "Result",
    "SinkError",
    "SourceError",
    "SpecError",
    "UsageError",
    "__version__",
    "import_spec",
    "import_tables",
    "infer",
    "load",
    "load_folder",
    "load_report",
]


def __getattr__(name: str) -> Any:
    """Import a public name from its home (PEP 562)."""
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module 'dq' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
