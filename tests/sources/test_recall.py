"""What the first scan noted spares the second one the framing, and changes nothing that it gives."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dq.errors import SourceError
from dq.sources.base import Dialect
from dq.sources.csv import CsvReader
from dq.sources.recall import Recall

from .reference_csv import Options
from .test_csv_framing import NASTY, flat, options, read

PLAIN = Dialect(name="", format="csv", fields={"a": "a", "b": "b"}, header=True)


@settings(max_examples=300)
@given(
    data=st.one_of(NASTY, st.lists(st.sampled_from([b"a,b\n", b"c,dd\n", b'"x\n",y\n', b"z\n", b"\n"])).map(b"".join)),
    opt=options(),
    block=st.sampled_from([1, 3, 1 << 20]),
    size=st.sampled_from([1, 2, 100]),
    encoding=st.sampled_from(["utf-8", "cp1251", "utf-16-le"]),
)
@example(data=b"a,b\r\n1,2\r\n3,4\r\n", opt=Options(header=2), block=3, size=2, encoding="utf-8")
def test_two_scans_give_the_same(data, opt, block, size, encoding):
    recall = Recall(size, 1 << 20)
    first = flat(*read(data, opt, block, size, encoding=encoding, recall=recall))
    second = flat(*read(data, opt, block, size, encoding=encoding, recall=recall))
    alone = flat(*read(data, opt, block, size, encoding=encoding))
    assert first == second == alone


def scan(data: bytes, recall: Recall, columns: frozenset[str] | None = None):
    reader = CsvReader(PLAIN, lambda: io.BytesIO(data), columns=columns, chunk_records=2, recall=recall)
    return reader, list(reader.chunks())


def test_the_second_scan_does_not_look_for_rows(monkeypatch):
    data, recall = b"a,b\n" + b"1,2\n" * 50 + b'"3",4\n', Recall(10, 1 << 20)
    scan(data, recall, frozenset({"a"}))
    monkeypatch.setattr("dq.sources.framing.frame_block", None)
    _, chunks = scan(data, recall)
    assert [len(chunk.record) for chunk in chunks if len(chunk.record)] == [51]
    assert chunks[0].cells["b"].to_list() == ["2"] * 50 + ["4"]


def test_what_there_is_no_room_for_is_framed_again():
    data, recall = b"a,b\n" + b"1,2\n" * 50, Recall(10, 100)
    reader, _ = scan(data, recall)
    again, chunks = scan(data, recall)
    assert reader.account == again.account
    assert np.concatenate([chunk.record for chunk in chunks]).tolist() == list(range(1, 51))


@pytest.mark.parametrize("changed", [b"a,b\n1,2\n", b"a,b\n1,2\n3,4,5\n6,7\n", b"a,b\n1,2\n3\n4,56\n7"])
def test_a_file_that_changed_ends_the_run(changed):
    recall = Recall(10, 1 << 20)
    scan(b"a,b\n1,2\n3,4\n5,6\n", recall)
    with pytest.raises(SourceError, match="changed while it was read"):
        scan(changed, recall)
