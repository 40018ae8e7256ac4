"""Messages as records: none is skipped, none is cut, and each keeps its place."""

from __future__ import annotations

import numpy as np

from dq.sources.base import Account, Dialect
from dq.sources.messages import MessageFramer, Messages

DIALECT = Dialect("", "jsonl", {"id": "id"}, max_record=100)


def test_every_message_is_a_record_with_its_place() -> None:
    account = Account()
    values = [b'{"id":"a"}', b"", b'{\n"id":\r\n"b"}', b" \n", b"oops", b'{"id":"' + b"x" * 100 + b'"}', b'{"id":"c"}']
    offsets = [3, 4, 7, 8, 9, 20, 21]
    messages = Messages(values, [offset + 1 for offset in offsets], offsets, "t/0", lacking={6: "no field"})
    framer = MessageFramer(DIALECT, account, 10)
    for _ in range(2):  # a framer is used again
        chunk = framer.chunk(messages)
        assert (chunk.cells["id"].to_list(), chunk.origin) == (["a", "b"], "t/0")
        assert chunk.offset is not None
        assert (chunk.record.tolist(), chunk.offset.tolist()) == ([4, 8], [3, 7])
        assert chunk.raws.raw(np.array([0, 1])) == [values[0], values[2]]
        assert chunk.raws.lines(np.array([0, 1])) is None
        found = [(item.record, item.offset, item.length, item.code, item.raw[:5]) for item in chunk.unreadable]
        assert found == [
            (5, 4, 0, "unreadable.malformed", b""),
            (9, 8, 2, "unreadable.malformed", b" \n"),
            (10, 9, 4, "unreadable.malformed", b"oops"),
            (21, 20, 109, "unreadable.too_long", b'{"id"'),
            (22, 21, 10, "unreadable.malformed", b'{"id"'),
        ]
        assert chunk.unreadable[-1].message == "no field"
        assert chunk.records == len(values)
    assert (account.records, account.unreadable, account.blank) == (2 * len(values), 10, 0)


def test_messages_without_offsets_have_names() -> None:
    chunk = MessageFramer(DIALECT, Account(), 10).chunk(
        Messages([b'{"id":"a"}', b""], [7, 8], ids={7: "1-0", 8: "1-1"})
    )
    assert (chunk.offset, chunk.length, chunk.ids) == (None, None, {7: "1-0", 8: "1-1"})
    assert chunk.record.tolist() == [7]
