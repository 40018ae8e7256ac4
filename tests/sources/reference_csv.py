"""A literal, slow framer of CSV: the rules of DESIGN, "Framing rules", byte by byte, over the whole input at once.

It knows nothing of blocks, windows or arithmetic.  The fast framer is held to it.  Input is working bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

CR, LF = 13, 10


@dataclass
class Options:
    """The dialect, as bytes."""

    delimiter: int = ord(",")
    quote: int | None = ord('"')
    bare_quotes: str = "refuse"
    multiline: str = "check"
    max_record: int = 1 << 20
    header: bool | int = True  # True, or the number of columns
    skip_rows: int = 0
    skip_footer: int = 0


@dataclass
class Reading:
    """What came out: records, unreadable ones and spans, each by record number or place."""

    header: list[bytes] | None = None
    refused: str | None = None
    records: list[tuple[int, int, int, int, bool, int, tuple[bytes, ...]]] = field(default_factory=list)
    unreadable: list[tuple[int, int, int, int, str]] = field(default_factory=list)
    spans: list[tuple[str, int, int]] = field(default_factory=list)
    blank: int = 0


@dataclass
class Found:
    """A record found by `scan`: where its content and its line end stop, and its fields as (start, stop, value)."""

    stop: int
    end: int
    fields: list[tuple[int, int, bytes]]
    quoted: list[tuple[int, int]]


@dataclass
class Failed:
    """A record that could not be framed: why, and where that was noticed."""

    code: str
    noticed: int


def physical_line(data: bytes, start: int) -> tuple[int, int]:
    """Return where the content of the physical line that begins at `start` stops, and where the next begins."""
    at = start
    while at < len(data) and data[at] not in (CR, LF):
        at += 1
    if data[at : at + 2] == b"\r\n":
        return at, at + 2
    return at, min(at + 1, len(data))


def scan(  # noqa: PLR0911 - one return a rule
    data: bytes, start: int, opt: Options, doomed: dict[int, Failed]
) -> tuple[Found | Failed, list[int]]:
    """Read one record; also return the opening quotes that were met."""
    limit = start + opt.max_record
    at, openers, fields, quoted = start, [], [], []
    state, begin, value = "field", start, bytearray()
    while True:
        byte = data[at] if at < len(data) else None
        if state == "field":  # nothing of the field was read
            begin, value = at, bytearray()
            if byte is not None and byte == opt.quote and at < limit:
                if at in doomed:
                    return doomed[at], openers
                openers.append(at)
                state, at = "quoted", at + 1
                continue
            state = "unquoted"
        if state == "quoted":
            if byte is None or at >= limit:
                return Failed("quote", at), openers
            if opt.multiline == "false" and byte in (CR, LF):
                return Failed("quote", at), openers
            if byte == opt.quote:
                state = "closing"
            else:
                value.append(byte)
            at += 1
            continue
        if state == "closing":  # a quote inside a quoted field was read
            if byte is not None and byte == opt.quote:
                if at >= limit:
                    return Failed("quote", limit), openers
                value.append(byte)
                state, at = "quoted", at + 1
                continue
            if byte is not None and byte not in (CR, LF, opt.delimiter):
                return Failed("quote", at), openers
            quoted.append((begin, at))
        # outside quotes
        if byte is None or byte in (CR, LF):
            fields.append((begin, at, bytes(value)))
            return Found(at, physical_line(data, at)[1], fields, quoted), openers
        if at >= limit:
            return Failed("too_long", limit), openers
        if byte == opt.delimiter:
            fields.append((begin, at, bytes(value)))
            state, at = "field", at + 1
            continue
        if byte == opt.quote and opt.bare_quotes == "refuse":
            return Failed("bare_quote", at), openers
        value.append(byte)
        at += 1


def lines_of(data: bytes, start: int, stop: int) -> list[tuple[int, int]]:
    """Return the physical lines of a record's content."""
    lines, at = [], start
    while True:
        end, following = physical_line(data[:stop], at)
        lines.append((at, end))
        if following == end:
            return lines
        at = following


def is_suspect(data: bytes, start: int, found: Found, columns: int, opt: Options) -> bool:
    """Tell whether records were swallowed."""
    lines = lines_of(data, start, found.stop)
    if opt.multiline != "check" or columns < 2 or len(lines) < 2:
        return False
    alike = [data[begin:end].count(opt.delimiter) + 1 == columns for begin, end in lines]
    if all(alike):
        return True
    for (begin, end), like in zip(lines, alike, strict=True):
        for first, last in found.quoted:
            if like and first < begin and end < last - 1:
                return True
    return False


def read(data: bytes, opt: Options, decodes=lambda record: True) -> Reading:
    """Frame an input."""
    out = Reading()
    footer = _footer(data, opt)
    whole, data = data, data[:footer]
    at = _skip(data, opt, out)
    columns: int | None = None if opt.header is True else int(opt.header)
    doomed: dict[int, Failed] = {}
    number, noticed = 0, 0
    while at < len(data):
        result, openers = scan(data, at, opt, doomed)
        if columns is None:
            if isinstance(result, Failed):
                out.refused = "source.header"
                return out
            if result.stop == at:
                out.spans.append(("blank", at, result.end - at))
                out.blank += 1
            else:
                out.header = [value for _, _, value in result.fields]
                columns = len(out.header)
                out.spans.append(("header", at, result.end - at))
            at = result.end
            continue
        recovered = at < noticed
        line = len(lines_of(whole, 0, at))
        if isinstance(result, Found) and result.stop == at and columns != 1:
            out.spans.append(("blank", at, result.end - at))
            out.blank += 1
            at = result.end
            continue
        number += 1
        if isinstance(result, Failed):
            code = result.code
            stop, end = physical_line(data, at)
            if code != "too_long":
                for opener in openers:
                    doomed.setdefault(opener, result)
                noticed = max(noticed, result.noticed)
            if code == "too_long" or stop - at > opt.max_record:
                code = "too_long"
                end = physical_line(data, max(at + opt.max_record, 0))[1]
        else:
            end = result.end
            if is_suspect(data, at, result, columns, opt):
                code = "suspect_quote"
            elif len(result.fields) != columns:
                code = "ragged"
            elif not decodes(data[at : result.stop]):
                code = "encoding"
            else:
                values = tuple(value for _, _, value in result.fields)
                out.records.append((number, at, end - at, result.stop - at, recovered, line, values))
                at = end
                continue
        out.unreadable.append((number, at, end - at, line, code))
        at = end
    if columns is None:
        out.refused = "source.empty"
    if footer < len(whole):
        out.spans.append(("footer", footer, len(whole) - footer))
    return out


def _skip(data: bytes, opt: Options, out: Reading) -> int:
    """Skip the first lines."""
    at = 0
    for _ in range(opt.skip_rows):
        at = physical_line(data, at)[1]
    if at:
        out.spans.append(("skipped", 0, at))
    return at


def _footer(data: bytes, opt: Options) -> int:
    """Return where the footer begins."""
    starts, at = [], 0
    while at < len(data):
        starts.append(at)
        at = physical_line(data, at)[1]
    if not opt.skip_footer:
        return len(data)
    return starts[-opt.skip_footer] if opt.skip_footer <= len(starts) else 0
