"""Opening files of bytes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from dq.errors import SourceError
from dq.sources.compression import Compression, DecodedStream

if TYPE_CHECKING:
    import os


def open_bytes(
    path: str | os.PathLike[str], compression: Compression = "auto", *, max_bytes: int | None = None
) -> DecodedStream:
    """Open a local file as a stream of decoded bytes.

    `compression` "auto" looks at the first bytes, never at the name.  `max_bytes` caps the decoded size.
    SourceError where the file cannot be opened or read.
    """
    try:
        stored = Path(path).open("rb", buffering=0)  # noqa: SIM115 - the stream that is returned owns it
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or type(error).__name__}") from error
    try:
        return DecodedStream(stored, compression, max_bytes=max_bytes)
    except BaseException:
        stored.close()
        raise
