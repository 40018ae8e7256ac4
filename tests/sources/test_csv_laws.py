"""What framing promises: linear work, isolation, nothing lost silently, flat memory."""

from __future__ import annotations

import hashlib
import io
import itertools
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.errors import UsageError
from dq.sources import framing
from dq.sources.base import KEPT_RAW, Dialect
from dq.sources.csv import CsvReader

from . import reference_csv as reference
from .test_csv_framing import expected, flat, read, same

TWO = reference.Options(header=2)


def codes(found):
    return [(number, code) for number, _, _, _, code in found.unreadable]


@pytest.mark.parametrize("rows", [(5, 7), (5, 6)])
def test_two_stray_quotes_never_make_eight_clean_rows(rows):
    lines = [b"%d,x%d" % (index, index) for index in range(1, 11)]
    for row in rows:
        lines[row - 1] = b'%d,"x%d' % (row, row)
    found = flat(*read(b"\n".join(lines) + b"\n", TWO))
    kept = {record[6][0] for record in found.records}
    assert len(kept) == len(found.records)
    assert codes(found)
    assert kept <= {str(index) for index in range(1, 11)} - {str(row) for row in rows}
    assert all("\n" not in cell for record in found.records for cell in record[6])


@pytest.mark.parametrize("rows", [(5, 7), (5, 6)])
def test_two_quotes_that_close_each_other_are_suspect(rows):
    lines = [b"%d,x%d" % (index, index) for index in range(1, 11)]
    lines[rows[0] - 1] = b'5,"x5'
    lines[rows[1] - 1] = b'%d,x%d"' % (rows[1], rows[1])
    found = flat(*read(b"\n".join(lines) + b"\n", TWO))
    assert codes(found) == [(5, "suspect_quote")]
    assert len(found.records) == 10 - (rows[1] - rows[0] + 1)


def test_an_unclosed_quote_costs_its_own_line_and_marks_the_others():
    found = flat(*read(b'1,a\n2,"b\n3,c\n4,d\n', TWO))
    assert codes(found) == [(2, "quote")]
    assert [(record[0], record[4]) for record in found.records] == [(1, False), (3, True), (4, True)]


def test_recovered_records_are_refused_where_the_source_says_so():
    reader, chunks = read(b'1,a\n2,"b\n3,c\n4,d\n', TWO, recover="quarantine")
    assert codes(flat(reader, chunks)) == [(2, "quote"), (3, "recovered"), (4, "recovered")]
    assert reader.account.recovered == 2


FIELD = st.sampled_from([b"a", b"", b'"x"', b'"p\nq"', b'"a""b"', b'"p,q\r\nr"', b'"""\n"', b"\xd1\x8f"])
RECORD = st.lists(FIELD, min_size=2, max_size=3).map(b",".join)


@settings(max_examples=150)
@given(records=st.lists(RECORD, min_size=1, max_size=8), extra=RECORD, data=st.data())
def test_a_record_with_balanced_quotes_changes_no_other_records_fate(records, extra, data):
    place = data.draw(st.integers(0, len(records)))

    def fates(rows):
        found = flat(*read(b"h,i\n" + b"".join(row + b"\n" for row in rows), reference.Options(header=2, skip_rows=1)))
        known = {record[0]: ("read", record[6]) for record in found.records}
        return {**known, **dict(codes(found))}

    before, after = fates(records), fates([*records[:place], extra, *records[place:]])
    moved = {number + (number > place): fate for number, fate in before.items()}
    assert {number: fate for number, fate in after.items() if number != place + 1} == moved


UNITS = [bytes(unit) for size in (1, 2, 3, 4) for unit in itertools.product(b'",\na', repeat=size)]
# Every line opens a field that only the end of input would end: quadratic, were openers not remembered.
UNITS += [b'a","\n', b'a","a\n', b'a,"a","\n']


@pytest.mark.parametrize("bare", ["refuse", "data"])
def test_the_careful_scan_is_linear_on_adversarial_input(bare, monkeypatch):
    monkeypatch.setattr(framing, "_CALM", 1 << 40)  # never back to arithmetic
    worst = {}
    for unit in UNITS:
        for head in (b"", b'"'):
            data = head + unit * (360 // len(unit))
            reader, _ = read(data, reference.Options(header=2, bare_quotes=bare))
            worst[head + unit] = reader.scanned / len(data)
    unit = max(worst, key=worst.__getitem__)
    assert worst[unit] <= 2, unit


def test_the_careful_scan_is_linear_under_a_small_max_record():
    for unit in UNITS:
        data = b'x,"' + unit * (360 // len(unit))
        reader, _ = read(data, reference.Options(header=2, max_record=40))
        assert reader.scanned <= 2 * len(data), unit


@settings(max_examples=200)
@given(
    rows=st.lists(
        st.lists(st.sampled_from(['"p\nq"', '"', "a", "", '""', '"b', 'c"', "я"]), min_size=1, max_size=3), max_size=30
    ),
    window=st.sampled_from([4, 16, 64]),
    calm=st.sampled_from([1, 8, 64]),
)
def test_windows_and_calm_have_no_influence(rows, window, calm):
    data = "\n".join(",".join(row) for row in rows).encode()
    wanted = expected(data, TWO)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(framing, "_WINDOW", window)
        patch.setattr(framing, "_CALM", calm)
        same(flat(*read(data, TWO, 16)), wanted, data)


def test_an_endless_line_is_refused_alone_and_never_held():
    size = 40 << 20

    class Endless(io.RawIOBase):
        """`1,a`, a line of many megabytes, `3,c`."""

        def __init__(self):
            self.left = [b"1,a\n", size, b"\n3,c\n"]

        def read(self, wanted=-1):
            if not self.left:
                return b""
            if isinstance(self.left[0], bytes):
                return self.left.pop(0)
            piece = min(wanted, self.left[0])
            self.left[0] -= piece
            if not self.left[0]:
                self.left.pop(0)
            return b"x" * piece

    dialect = Dialect(name="", format="csv", fields={"a": "a", "b": "b"}, header=("a", "b"), compression="none")
    reader = CsvReader(dialect, Endless, block_size=1 << 20)
    tracemalloc.start()
    chunks = list(reader.chunks())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    (bad,) = [bad for chunk in chunks for bad in chunk.unreadable]
    assert (bad.record, bad.offset, bad.length, bad.code) == (2, 4, size + 1, "unreadable.too_long")
    assert bad.raw == b"x" * KEPT_RAW
    assert bad.sha256 == hashlib.sha256(b"x" * size + b"\n").hexdigest()
    assert sum(len(chunk.record) for chunk in chunks) == 2
    assert peak < size / 2


@pytest.mark.parametrize(
    "changes",
    [{"delimiter": ",,"}, {"delimiter": "\n"}, {"delimiter": '"'}, {"quote": "я"}, {"encoding": "utf-7"},
     {"delimiter": "|", "encoding": "cp932"}, {"delimiter": ""}],
)  # fmt: skip
def test_marks_that_cannot_frame_are_wrong_usage(changes):
    with pytest.raises(UsageError):
        CsvReader(Dialect(name="", format="csv", fields={"a": "a"}, **changes), io.BytesIO)
