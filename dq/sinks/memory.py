"""Rows that stay in memory, for the library."""

from __future__ import annotations

import polars as pl


class MemoryWriter:
    """Keeps frames of one schema; `frame` is all of them."""

    def __init__(self, schema: pl.Schema) -> None:
        """Begin empty."""
        self._frames = [pl.DataFrame(schema=schema)]
        self._rows = 0

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows."""
        self._rows += frame.height
        self._frames.append(frame)

    def close(self) -> int:
        """Return the number of rows."""
        return self._rows

    def abort(self) -> None:
        """Give up all rows."""
        self._frames = self._frames[:1]

    def frame(self) -> pl.DataFrame:
        """Return all rows."""
        return pl.concat(self._frames)
