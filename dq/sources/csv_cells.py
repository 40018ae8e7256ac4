"""From framed records to cells: Polars reads only what is already framed, counted and known to be UTF-8."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import polars as pl

from dq.errors import InternalError, is_panic
from dq.sources.encodings import to_utf8
from dq.sources.scanning import CR, LF, Rules, field_text, split_fields

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from dq.sources.framing import Stretch

_MARK = b"\xef\xbb\xbf"


def gather(stretch: Stretch, good: npt.NDArray[np.bool_], rules: Rules) -> bytes:
    """Return the working bytes of the good records, each with its line end."""
    if len(stretch.bare):
        return b"".join(_plain_records(stretch, good, rules))
    data = _with_line_feeds(stretch)
    if not good.all():
        edges = np.diff(good, prepend=False, append=False).nonzero()[0].tolist()
        data = b"".join(
            data[stretch.start[first] : stretch.end[last - 1]]
            for first, last in zip(edges[0::2], edges[1::2], strict=True)
        )
    return data if not data or data.endswith(b"\n") else data + b"\n"


def _with_line_feeds(stretch: Stretch) -> bytes:
    """Return the bytes with LF for every CR that ends a record alone: Polars knows LF and CRLF."""
    if b"\r" not in stretch.data:
        return stretch.data
    view = np.frombuffer(stretch.data, np.uint8)
    last = stretch.end - 1
    alone = last[view[last] == CR]
    if not len(alone):
        return stretch.data
    view = view.copy()
    view[alone] = LF
    return view.tobytes()


def _plain_records(stretch: Stretch, good: npt.NDArray[np.bool_], rules: Rules) -> Iterable[bytes]:
    """Yield the good records; those with quotes as data are written anew, every field quoted."""
    bare = set(stretch.bare.tolist())
    for row in np.flatnonzero(good).tolist():
        record = stretch.data[stretch.start[row] : stretch.stop[row]]
        yield (_requote(record, rules) if row in bare else record) + b"\n"


def _requote(record: bytes, rules: Rules) -> bytes:
    """Write a record with every field quoted."""
    quote = rules.quote
    assert quote is not None
    texts = [field_text(record, field, rules) for field in split_fields(record, rules)]
    return rules.delimiter.join(quote + text.replace(quote, quote * 2) + quote for text in texts)


def undecodable(stretch: Stretch, good: npt.NDArray[np.bool_], encoding: str) -> list[int]:
    """Return the good rows that the encoding cannot decode."""
    return [
        row
        for row in np.flatnonzero(good).tolist()
        if not _decodes(stretch.data[stretch.start[row] : stretch.stop[row]], encoding)
    ]


def _decodes(record: bytes, encoding: str) -> bool:
    """Tell whether one record can be decoded."""
    return record.isascii() or to_utf8(record, encoding) is not None


def parse(text: bytes, rules: Rules, columns: int, wanted: Sequence[int], height: int) -> pl.DataFrame:
    """Parse framed records, UTF-8, of `columns` fields each into String columns called "0", "1", ….

    Only the `wanted` columns are read.  InternalError if the parser does not find `height` records.
    """
    if not height:
        return pl.DataFrame(schema={str(index): pl.String for index in wanted})
    if not wanted:
        return pl.DataFrame(height=height)
    # Polars takes a byte-order mark off the first field, though here it is data: hide it behind a first record.
    hidden = text.startswith(_MARK)
    if hidden:
        text = rules.delimiter * (columns - 1) + b"\n" + text
    frame = _read(text, rules, columns, wanted)
    frame = frame.slice(1) if hidden else frame
    if frame.height != height:
        raise InternalError(f"{height} records were framed and {frame.height} parsed")
    return frame


def _read(text: bytes, rules: Rules, columns: int, wanted: Sequence[int]) -> pl.DataFrame:
    """Have Polars read the text.  InternalError where it refuses; its words may hold values, and are dropped."""
    try:
        return pl.read_csv(
            text,
            has_header=False,
            schema={str(index): pl.String for index in range(columns)},
            columns=list(wanted),
            separator=rules.delimiter.decode(),
            quote_char=None if rules.quote is None else rules.quote.decode(),
            empty_string_is_null=False,
            infer_schema=False,
            glob=False,
        )
    except BaseException as error:
        if isinstance(error, pl.exceptions.PolarsError) or is_panic(error):
            raise InternalError(f"framed records could not be parsed ({type(error).__name__})") from error
        raise


def json_objects(frame: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Return one JSON object a row, as text, of these columns under these names."""
    rows = frame.rename(dict(zip(frame.columns, names, strict=True))).iter_rows(named=True)
    return pl.Series([orjson.dumps(row).decode() for row in rows], dtype=pl.String)
