"""The renderers by the name of their format.  Each is one file and turns the values of a report into bytes."""

from __future__ import annotations

from importlib import import_module
from typing import Any

RENDERERS = {"html": "dq.report.html"}


def render(report: dict[str, Any], form: str) -> bytes:
    """Return a report in a format; only its own renderer is imported.  KeyError for a format that does not exist."""
    data: bytes = import_module(RENDERERS[form]).render(report)
    return data
