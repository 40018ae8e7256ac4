"""Drift as the page shows it: what the state learnt and what the batch has, laid over each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dq.report.page.drawing import Overlay, overlay
from dq.report.wording import measure


@dataclass(frozen=True, slots=True)
class BinRow:
    """One bin: what it holds in words, and the counts of both."""

    label: str
    reference: int
    batch: int


@dataclass(frozen=True, slots=True)
class DriftRow:
    """One comparison: its part of the report, its verdict, its picture and its bins."""

    drift: dict[str, Any]
    verdict: str | None
    overlay: Overlay | None
    bins: tuple[BinRow, ...]


def rows(report: dict[str, Any]) -> list[DriftRow]:
    """Return the comparisons in the order of the report; their verdicts stand among the expectations."""
    verdicts = {item["id"]: item["verdict"] for item in report["expectations"]}
    return [_row(drift, drift.get("verdict") or verdicts.get(drift.get("id"))) for drift in report["drift"]]


def _row(drift: dict[str, Any], verdict: str | None) -> DriftRow:
    bins = drift.get("histogram") or []
    hidden = sum("value" in b and b["value"] is None for b in bins) > 1  # personal data: no category is named
    labels = ["not shown" if hidden else _label(b) for b in bins]
    picture = overlay(bins, labels) if bins else None
    return DriftRow(
        drift,
        verdict,
        picture,
        tuple(BinRow(label, b["reference"], b["batch"]) for label, b in zip(labels, bins, strict=True)),
    )


def _label(found: dict[str, Any]) -> str:
    """Return what a bin holds: one value, a stretch of values, or the values that the reference does not have."""
    if "value" in found:
        return "other values" if found["value"] is None else measure(found["value"])
    low, high = found["from"], found["to"]
    if low is None and high is None:
        return "not shown"
    if low is None:
        return f"below, up to {measure(high)}"
    return f"above, from {measure(low)}" if high is None else f"{measure(low)} to {measure(high)}"
