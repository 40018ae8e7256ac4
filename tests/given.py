"""An intake of pieces that a test has written down, for streams without a file or a pipe."""

from __future__ import annotations

from collections.abc import Iterator

from dq.sources.intake import Piece, Place


class Given:
    """An intake of pieces that a test has written down."""

    resumes = False

    def __init__(self, *pieces: bytes, name: str = "given") -> None:
        self.name = name
        self._pieces: Iterator[Piece] = iter(
            [Piece(data, None if number else Place()) for number, data in enumerate(pieces)]
        )
        self.ended = False

    def read(self, wait: float) -> Piece | None:
        del wait
        piece = next(self._pieces, None)
        self.ended = piece is None
        return piece

    def stop(self) -> None:
        self.ended = True

    def place(self, offset: int, line: int, record: int) -> Place | None:
        raise AssertionError((offset, line, record))

    def close(self) -> None:
        pass
