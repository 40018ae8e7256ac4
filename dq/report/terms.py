"""On which terms a batch is judged, beside what its plan says: each is an input of the run, and the report shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caller asks of the gate: `fail_on` "warning" tightens it."""

    fail_on: str | None = None


PLAIN_TERMS = Terms()
"""The gate as the plan has it."""
