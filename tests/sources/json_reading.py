"""Reading bytes with the JSON readers, and what every reading must satisfy."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from dq.sources.base import Account, Dialect, Span, Unreadable
from dq.sources.json_array import JsonArrayReader
from dq.sources.jsonl import JsonLinesReader

READERS = {"jsonl": JsonLinesReader, "json": JsonArrayReader}


@dataclass
class Reading:
    """All that one pass gave."""

    account: Account
    rows: list[dict[str, Any]] = field(default_factory=list)
    places: list[tuple[int, int, int]] = field(default_factory=list)  # record, offset, length
    raws: list[bytes] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    chunks: int = 0

    @property
    def codes(self) -> list[str]:
        return [each.code.removeprefix("unreadable.") for each in self.unreadable]

    def outcome(self) -> tuple[Any, ...]:
        """Return everything that must not depend on how the input was cut."""
        spans: list[tuple[str, int, int]] = []
        for span in self.spans:
            if spans and spans[-1][0] == span.kind and spans[-1][1] + spans[-1][2] == span.offset:
                spans[-1] = (span.kind, spans[-1][1], spans[-1][2] + span.length)
            else:
                spans.append((span.kind, span.offset, span.length))
        return (self.rows, self.places, self.raws, self.lines, self.unreadable, spans, self.account)


def read(
    form: str, data: bytes, fields: dict[str, str] | None = None, *, open_stream=None, columns=None, **options
) -> Reading:
    settings = {key: options.pop(key) for key in ("block_size", "chunk_records", "recall") if key in options}
    dialect = Dialect(name="s", format=form, fields={"a": "a"} if fields is None else fields, **options)
    reader = READERS[form](dialect, open_stream or (lambda: io.BytesIO(data)), columns=columns, **settings)
    reading = Reading(reader.account)
    for chunk in reader.chunks():
        every = np.arange(len(chunk.record))
        reading.chunks += 1
        reading.rows += chunk.cells.to_dicts()
        reading.places += zip(chunk.record.tolist(), chunk.offset.tolist(), chunk.length.tolist(), strict=True)
        reading.raws += chunk.raws.raw(every)
        reading.lines += chunk.raws.lines(every)
        reading.unreadable += chunk.unreadable
        reading.spans += chunk.spans
        assert all(dtype in (pl.String, pl.UInt8) for dtype in chunk.cells.dtypes)
        assert chunk.records == len(chunk.record) + len(chunk.unreadable)
    return reading


def assert_tiled(reading: Reading, size: int) -> None:
    """Hold that records and spans cover every byte once, and that records are numbered without a gap."""
    pieces = [(offset, length) for _, offset, length in reading.places]
    pieces += [(each.offset, each.length) for each in (*reading.unreadable, *reading.spans)]
    position = 0
    for offset, length in sorted(pieces):
        assert offset == position
        position += length
    assert position == size
    numbers = sorted([number for number, _, _ in reading.places] + [each.record for each in reading.unreadable])
    assert numbers == list(range(1, len(numbers) + 1))
    assert reading.account.records == len(numbers)
    assert reading.account.unreadable == len(reading.unreadable)
    assert reading.account.bytes == size
