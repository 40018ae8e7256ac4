"""Messages of brokers as records: each is one event, whatever bytes are in it.

A message is never cut and never skipped: one without content is a record that cannot be read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from dq.sources.base import Unreadable
from dq.sources.json_chunks import ChunkBuilder
from dq.sources.json_marks import joined_lines
from dq.sources.json_values import WHITE_SPACE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from dq.sources.base import Account, Chunk, Dialect, RawText

MALFORMED = "unreadable.malformed"
_EMPTY_MESSAGE = "the message is empty"


@dataclass(frozen=True, slots=True)
class Messages:
    """Some messages of one part of a source, in their order.

    `numbers` are their record numbers; `offsets` their places, where they have such; `ids` their names, by record
    number, where those are no offsets.  `lacking` says of the messages at these positions why they hold no event.
    """

    values: Sequence[bytes]
    numbers: Sequence[int]
    offsets: Sequence[int] | None = None
    origin: str | None = None
    ids: Mapping[int, str] | None = None
    lacking: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _MessageText:
    """Raw bytes of messages, which stand on no line."""

    texts: RawText

    def raw(self, rows: npt.NDArray[np.int64]) -> list[bytes]:
        """Return the bytes of some messages."""
        return self.texts.raw(rows)

    def lines(self, rows: npt.NDArray[np.int64]) -> None:
        """Return None."""
        del rows


class MessageFramer:
    """Makes a chunk of messages."""

    def __init__(self, dialect: Dialect, account: Account, most: int) -> None:
        """Read by a dialect, at most so many messages at once."""
        self._account, self._most = account, most
        self.renew(dialect)

    def renew(self, dialect: Dialect) -> None:
        """Read by another dialect from the next message on."""
        self._builder = ChunkBuilder(dialect, None, self._account, self._most)
        self._builder.begin(dialect.encoding, 0)

    def chunk(self, messages: Messages) -> Chunk:
        """Return messages as a chunk: each is a record, readable or not."""
        full = [
            at for at, value in enumerate(messages.values) if value.strip(WHITE_SPACE) and at not in messages.lacking
        ]
        self._builder.next_record = 0  # of the messages that are not empty
        if full:
            contents = [messages.values[at] for at in full]
            self._builder.read(joined_lines([content + b"\n" for content in contents], contents), 0, 1)
        return self._placed(self._builder.take(), messages, full)

    def _placed(self, chunk: Chunk, messages: Messages, full: list[int]) -> Chunk:
        """Give the records of a chunk their numbers and places, and add the empty messages."""
        numbers = np.array(messages.numbers, np.int64)
        offsets = None if messages.offsets is None else np.array(messages.offsets, np.int64)
        rows = np.array(full, np.int64)[chunk.record]
        refused = {full[item.record]: item for item in chunk.unreadable}
        empty = set(range(len(numbers))).difference(full)
        for at in empty:
            why = messages.lacking.get(at, _EMPTY_MESSAGE)
            refused[at] = Unreadable(0, 0, 0, None, MALFORMED, why, messages.values[at])
        self._account.records += len(empty)
        self._account.unreadable += len(empty)
        lengths = np.array([len(value) for value in messages.values], np.int64)
        unreadable = [
            replace(
                item,
                record=int(numbers[at]),
                offset=0 if offsets is None else int(offsets[at]),
                length=int(lengths[at]),
                line=None,
            )
            for at, item in sorted(refused.items())
        ]
        return replace(
            chunk,
            record=numbers[rows],
            offset=None if offsets is None else offsets[rows],
            length=None if offsets is None else lengths[rows],
            unreadable=unreadable,
            spans=(),
            raws=_MessageText(chunk.raws),
            origin=messages.origin,
            ids=messages.ids,
        )
