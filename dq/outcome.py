"""What becomes of a record: four doors, and the reasons of those that are refused."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Door(StrEnum):
    """The four doors.  Every record leaves through exactly one."""

    ACCEPTED = "accepted"
    QUARANTINED = "quarantined"
    DEDUPLICATED = "deduplicated"
    FILTERED = "filtered"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one row was refused, or warned about.

    `code` is the stable word of the fault (`between`, `type`, `unreadable.ragged`), `check` the id of the
    check that speaks.  `message` says what was expected and never holds the value; `value` does.
    """

    check: str
    code: str
    field: str | None
    value: Any
    message: str
    severity: str

    def as_json(self) -> dict[str, Any]:
        """Return the reason in the shape of `quarantine.jsonl`."""
        return {
            "check": self.check,
            "code": self.code,
            "field": self.field,
            "value": self.value,
            "message": self.message,
            "severity": self.severity,
        }
