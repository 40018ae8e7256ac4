"""What a server has done, in the OpenMetrics text format."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)  # seconds

Endpoint = tuple[str, str]
"""An event and its version."""


@dataclass(slots=True)
class Metrics:
    """Counts of events by endpoint and door, of requests by status, and how long answers took."""

    events: Counter[tuple[Endpoint, str]] = field(default_factory=Counter)
    requests: Counter[int] = field(default_factory=Counter)
    seconds: Counter[float] = field(default_factory=Counter)
    total: float = 0.0
    lock: Lock = field(default_factory=Lock)

    def judged(self, endpoint: Endpoint, doors: Counter[str]) -> None:
        """Count events."""
        with self.lock:
            self.events.update({(endpoint, door): count for door, count in doors.items()})

    def answered(self, status: int, seconds: float) -> None:
        """Count one request and how long its answer took."""
        with self.lock:
            self.requests[status] += 1
            self.total += seconds
            for bucket in BUCKETS:
                self.seconds[bucket] += seconds <= bucket

    def text(self) -> str:
        """Return everything, in a fixed order."""
        with self.lock:
            lines = ["# TYPE dq_events counter", "# HELP dq_events Events judged, by the door through which they left."]
            for ((event, version), door), count in sorted(self.events.items()):
                lines.append(f'dq_events_total{{event="{event}",version="{version}",door="{door}"}} {count}')
            lines += ["# TYPE dq_requests counter", "# HELP dq_requests Requests answered, by status."]
            lines += [
                f'dq_requests_total{{status="{status}"}} {count}' for status, count in sorted(self.requests.items())
            ]
            count = sum(self.requests.values())
            lines += ["# TYPE dq_answer_seconds histogram", "# UNIT dq_answer_seconds seconds"]
            lines += ["# HELP dq_answer_seconds From the first byte of a request to its answer."]
            lines += [f'dq_answer_seconds_bucket{{le="{bucket}"}} {self.seconds[bucket]}' for bucket in BUCKETS]
            lines += [f'dq_answer_seconds_bucket{{le="+Inf"}} {count}', f"dq_answer_seconds_count {count}"]
            lines += [f"dq_answer_seconds_sum {self.total:.6f}", "# EOF", ""]
        return "\n".join(lines)
