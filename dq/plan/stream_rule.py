"""How a stream finds duplicates, bound: a value of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class StreamRule:
    """How a stream finds duplicates: keys are remembered for `within` after an event was accepted, `max_keys` at most.

    `time` is the field by which an event is late or from the future, and `late` what becomes of it.
    """

    within: timedelta
    max_keys: int
    time: str | None
    late: Literal["accept", "quarantine"]

    def identity(self) -> dict[str, Any]:
        """Return the rule as JSON values, for fingerprints."""
        micros = self.within // timedelta(microseconds=1)
        return {"within": micros, "max_keys": self.max_keys, "time": self.time, "late": self.late}
