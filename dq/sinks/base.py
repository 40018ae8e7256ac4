"""What every sink is: something that takes rows and is complete or absent."""

from __future__ import annotations

from typing import Protocol

import polars as pl


class Writer(Protocol):
    """Writes the rows of one output file.  It is used once and by one thread."""

    def write(self, frame: pl.DataFrame) -> None:
        """Append rows; the frame has the columns and types that the writer was made for.  SinkError."""

    def close(self) -> int:
        """Finish the file and make it durable; return the number of rows.  SinkError."""

    def abort(self) -> None:
        """Give up without finishing.  It never raises and may be called at any time, also twice."""
