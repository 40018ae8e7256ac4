"""The renderers by the name of their format.  Each is one file and turns the values of a report into bytes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

RENDERERS = {
    name: f"dq.report.{name}"
    for name in (
        "html", "json", "ndjson", "markdown", "junit", "sarif", "github", "gitlab", "tap", "openmetrics", "openlineage",
    )
}  # fmt: skip


def render(report: dict[str, Any], form: str, paths: Mapping[str, str] | None = None) -> bytes:
    """Return a report in a format; only its own renderer is imported.  KeyError for a format that does not exist.

    A report knows files by name only.  `paths` says where a reader finds them, for formats that lead there.
    """
    data: bytes = import_module(RENDERERS[form]).render(report, paths)
    return data
