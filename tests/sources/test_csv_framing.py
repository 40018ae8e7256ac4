"""The fast framer is held to the literal one, over arbitrary bytes, options and cuts."""

from __future__ import annotations

import io

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dq.sources.base import Dialect
from dq.sources.csv import CsvReader

from . import reference_csv as reference

ALPHABET = [
    b'"',
    b'"',
    b",",
    b",",
    b"\n",
    b"\n",
    b"\r",
    b"\r\n",
    b"a",
    b"bc",
    b'","',
    b'""',
    b"\xd1\x8f",
    b"\xff",
    b"\0",
]
NASTY = st.lists(st.sampled_from(ALPHABET), max_size=40).map(b"".join)


def options(headers=(True, 1, 2, 3)):
    return st.builds(
        reference.Options,
        quote=st.sampled_from([ord('"'), ord('"'), ord('"'), None]),
        bare_quotes=st.sampled_from(["refuse", "data"]),
        multiline=st.sampled_from(["check", "trust", "false"]),
        max_record=st.sampled_from([1 << 20, 1, 3, 7, 12]),
        header=st.sampled_from(headers),
        skip_rows=st.sampled_from([0, 0, 0, 1, 2]),
    )


def read(data, opt, block_size=2 << 20, chunk_records=100_000, recall=None, **changes):
    names = [f"c{index}" for index in range(int(opt.header))] if opt.header is not True else []
    dialect = Dialect(
        name="",
        format="csv",
        fields={name: name for name in names},
        delimiter=chr(opt.delimiter),
        quote=None if opt.quote is None else chr(opt.quote),
        header=True if opt.header is True else tuple(names),
        skip_rows=opt.skip_rows,
        skip_footer=opt.skip_footer,
        bare_quotes=opt.bare_quotes,
        multiline=opt.multiline,
        max_record=opt.max_record,
        compression="none",
        keep_unknown=opt.header is True,
        **changes,
    )
    sizes = {"block_size": block_size, "chunk_records": chunk_records}
    reader = CsvReader(dialect, lambda: io.BytesIO(data), **sizes, recall=recall)
    return reader, list(reader.chunks())


def merged(spans):
    out = []
    for kind, offset, length in sorted(spans, key=lambda span: span[1]):
        if out and out[-1][0] == kind == "blank" and sum(out[-1][1:]) == offset:
            out[-1] = (kind, out[-1][1], out[-1][2] + length)
        elif length:
            out.append((kind, offset, length))
    return out


def flat(reader, chunks):
    """Return what the fast framer found in the shape of the reference."""
    out = reference.Reading(refused=reader.account.refused and reader.account.refused[0], blank=reader.account.blank)
    spans = []
    for chunk in chunks:
        rows = np.arange(len(chunk.record))
        marks = np.zeros(len(rows), bool) if chunk.recovered is None else chunk.recovered
        cells = chunk.cells.rows() if chunk.cells.width else [()] * len(rows)
        for row, raw, line in zip(rows, chunk.raws.raw(rows), chunk.raws.lines(rows), strict=True):
            out.records.append(
                (
                    int(chunk.record[row]), int(chunk.offset[row]), int(chunk.length[row]), len(raw),
                    bool(marks[row]), line, cells[row],
                )
            )  # fmt: skip
        for bad in chunk.unreadable:
            out.unreadable.append((bad.record, bad.offset, bad.length, bad.line, bad.code.removeprefix("unreadable.")))
        spans += [(span.kind, span.offset, span.length) for span in chunk.spans]
    out.spans = merged(spans)
    return out


def decodes(record):
    try:
        record.decode()
    except UnicodeDecodeError:
        return False
    return True


def expected(data, opt):
    out = reference.read(data, opt, decodes)
    out.spans = merged(out.spans)
    return out


def same(found, wanted, data):
    assert found.refused == wanted.refused
    if wanted.refused:
        assert not found.records
        assert not found.unreadable
        return
    assert [record[:6] for record in found.records] == [record[:6] for record in wanted.records]
    assert found.unreadable == wanted.unreadable
    assert found.spans == wanted.spans
    assert found.blank == wanted.blank
    tile(found, data)


def tile(found, data):
    pieces = [record[1:3] for record in found.records] + [bad[1:3] for bad in found.unreadable]
    pieces += [span[1:] for span in found.spans]
    at = 0
    for offset, length in sorted(pieces):
        assert offset == at
        at = offset + length
    assert at == len(data)


@settings(max_examples=600)
@given(data=NASTY, opt=options(), block=st.sampled_from([1, 2, 3, 5, 8, 1 << 20]))
@example(data=b'a,b\n"x\ry",z', opt=reference.Options(), block=1)
@example(data=b'"\n","x"\n1,2\n', opt=reference.Options(header=2, max_record=4), block=1)
@example(data=b'"\n"",', opt=reference.Options(header=2), block=1)
def test_the_fast_framer_agrees_with_the_literal_one(data, opt, block):
    wanted = expected(data, opt)
    reader, chunks = read(data, opt, block)
    refused = reader.account.refused[0] if reader.account.refused else None
    if wanted.refused is None and refused in {"source.header", "source.duplicate_header"}:
        assert len(set(wanted.header)) < len(wanted.header) or not all(decodes(name) for name in wanted.header)
    else:
        same(flat(reader, chunks), wanted, data)
    assert reader.account.bytes == len(data)
    assert reader.account.records == sum(chunk.records for chunk in chunks)
    assert reader.account.unreadable == sum(len(chunk.unreadable) for chunk in chunks)


@settings(max_examples=300)
@given(data=NASTY, opt=options([1, 2, 3]), block=st.sampled_from([1, 3, 1 << 20]), size=st.sampled_from([1, 2, 100]))
def test_cells_are_the_literal_values(data, opt, block, size):
    wanted = expected(data, opt)
    found = flat(*read(data, opt, block, size))
    values = [tuple(value.decode() for value in record[6]) for record in wanted.records]
    assert [record[6] for record in found.records] == values
