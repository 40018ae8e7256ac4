"""Three topics of a real Kafka, and a stream from the first to the others."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from traffic import SPEC, doors_of, stream

from brokers.kafka import Kafka

_NAMES = count()


class Line:
    """Three topics, and a stream from the first to the others."""

    def __init__(self, kafka: Kafka, folder: Path, spec: str = SPEC) -> None:
        (folder / "spec.yaml").write_text(spec)
        self.kafka, self.folder = kafka, folder
        self.group = name = f"t{next(_NAMES)}"
        self.source, self.accepted, self.refused = (kafka.topic(f"{name}.{part}") for part in ("in", "out", "dead"))
        self.origin = f"kafka://{kafka.hosts}/{self.source}?group={name}"
        self.targets = [f"kafka://{kafka.hosts}/{topic}" for topic in (self.accepted, self.refused)]

    def stream(self, *more: str, code: str = ""):
        """Start the stream."""
        return stream(self.folder, self.origin, *self.targets, *more, code=code)

    def doors(self):
        """Return what a reader of committed messages finds."""
        return doors_of(self.kafka.committed(self.accepted), self.kafka.committed(self.refused))
