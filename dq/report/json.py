"""The report as it stands in `report.json`."""

from __future__ import annotations

from typing import Any

from dq.report.build import dump
from dq.report.findings import Paths


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return the bytes of `report.json`."""
    del paths
    return dump(report)
