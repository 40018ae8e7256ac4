"""Lines at the end of an input that are no records."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dq.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable

_LINE_END = re.compile(rb"\r\n?|\n")


class FooterHold:
    """Reads bytes and holds the last `count` physical lines back; at the end they are in `footer`.

    Where the input breaks off, its last lines are unknown and nothing is a footer.  A line longer than
    `max_record` cannot be held: SourceError.
    """

    def __init__(
        self, read: Callable[[int], bytes], count: int, max_record: int, is_broken: Callable[[], bool]
    ) -> None:
        """Read by `read`."""
        self._read, self._count, self._max_record, self._is_broken = read, count, max_record, is_broken
        self._held = b""
        self._ended = False
        self.footer = b""

    def read(self, size: int) -> bytes:
        """Return bytes that are not of the footer; b"" at their end."""
        while not self._ended:
            piece = self._read(size)
            self._ended = not piece
            self._held += piece
            cut = self._cut()
            if cut:
                data, self._held = self._held[:cut], self._held[cut:]
                if self._ended:
                    self.footer = self._held
                return data
        self.footer = self._held
        return b""

    def _cut(self) -> int:
        """Return the place before which no footer can begin."""
        if self._ended and self._is_broken():
            return len(self._held)
        starts, longest = [0], 0
        for found in _LINE_END.finditer(self._held):
            if found.end() == len(self._held) and found.group() == b"\r" and not self._ended:
                break  # LF may follow
            longest = max(longest, found.start() - starts[-1])
            starts.append(found.end())
        longest = max(longest, len(self._held) - starts[-1])
        if longest > self._max_record:
            raise SourceError(f"a line longer than {self._max_record} bytes cannot be told from the footer")
        whole = len(starts) - 1
        unfinished = self._ended and starts[-1] < len(self._held)
        keep = self._count - unfinished
        return starts[max(0, whole - keep)]
