"""The careful scan of one CSV record, and what was learnt from scans that failed.

This is the rule book of DESIGN, "Framing rules", one field at a time.  `blocks` does the same by arithmetic where
nothing is wrong; where something is, this file decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, NamedTuple

CR, LF = 0x0D, 0x0A
_CROWDED = 1024  # doomed places that are kept without a thought


class Fault(IntEnum):
    """What can be wrong with the framing of a record."""

    NONE = 0
    MALFORMED = 1
    UNCLOSED = 2
    BARE_QUOTE = 3
    TOO_LONG = 4
    SUSPECT = 5
    RAGGED = 6
    ENCODING = 7
    RECOVERED = 8
    BLANK = 9  # not a fault of a record: the line is none


@dataclass(frozen=True, slots=True)
class Rules:
    """The form of a CSV source as bytes.  `quote` None turns quoting off."""

    delimiter: bytes
    quote: bytes | None
    bare_quotes: Literal["refuse", "data"]
    multiline: Literal["check", "trust", "false"]
    max_record: int


class Scan(NamedTuple):
    """What became of one scan (a tuple, because one is made for every record).

    `stop` is where the content ends and `end` where the next record begins, if `fault` is NONE; `fields` counts
    the fields, `folded` says that a quoted field spans lines, `bare` that a quote stands inside an unquoted field
    (as data).  `noticed` is where a fault shows, `looked` how far this scan went; `openers` are the opening quotes
    that it met.
    """

    stop: int
    end: int
    fields: int
    fault: Fault
    noticed: int
    looked: int
    folded: bool = False
    bare: bool = False
    openers: tuple[int, ...] = ()


class Scanner:
    """Scans records of a buffer.  Positions are relative to the buffer, but in `doomed` they are absolute.

    `doomed` holds the opening quotes of failed scans: a quoted field that opens there fails again, at the place
    that is stored with it.  This keeps framing linear: without it every line inside a broken quote could be
    scanned to the end of the input once more.
    """

    def __init__(self, rules: Rules) -> None:
        """Prepare for one dialect."""
        self.rules = rules
        self.doomed: dict[int, tuple[int, Fault]] = {}
        self._crowded = _CROWDED
        quote = b"" if rules.quote is None or rules.bare_quotes == "data" else rules.quote
        self._special = re.compile(b"[\\r\\n" + re.escape(rules.delimiter + quote) + b"]")
        self._line_end = re.compile(rb"\r\n?|\n")
        self._quote_or_line_end = re.compile(b"[\\r\\n" + re.escape(rules.quote or b"\n") + b"]")

    def line_end(self, data: bytes, start: int, limit: int) -> tuple[int, int] | None:
        """Find the first line end that begins at or after `start` and at most at `limit`: its begin and end."""
        found = self._line_end.search(data, start, limit + 2)
        return found.span() if found and found.start() <= limit else None

    def scan(self, data: bytes, start: int, base: int) -> Scan:
        """Scan the record at `start`.  `base` is the absolute place of the buffer.

        The buffer holds at least `max_record` + 2 bytes from `start`, or else its end is the end of input.
        """
        quote = self.rules.quote
        line = self.line_end(data, start, start + self.rules.max_record)
        if line and (quote is None or data.find(quote, start, line[0]) < 0):
            fields = data.count(self.rules.delimiter, start, line[0]) + 1
            return Scan(line[0], line[1], fields, Fault.NONE, line[1], line[1])
        return _RecordScan(self, data, start, base).run()

    def remember(self, scan: Scan, base: int) -> None:
        """Doom the openers of a failed scan; `base` is the absolute place of the buffer."""
        for opener in scan.openers:
            self.doomed.setdefault(base + opener, (base + scan.noticed, scan.fault))

    def forget(self, position: int) -> None:
        """Drop what lies before an absolute position, where no record begins any more, now and then."""
        if len(self.doomed) > self._crowded:
            self.doomed = {at: fate for at, fate in self.doomed.items() if at >= position}
            self._crowded = 2 * len(self.doomed) + _CROWDED


class _RecordScan:
    """The state of the scan of one record."""

    def __init__(self, scanner: Scanner, data: bytes, start: int, base: int) -> None:
        """Begin at a record's start."""
        self.scanner, self.rules = scanner, scanner.rules
        self.data, self.start, self.base = data, start, base
        self.limit = start + scanner.rules.max_record
        self.openers: list[int] = []
        self.fields = 0
        self.folded = self.bare = False

    def run(self) -> Scan:
        """Go from field to field until the record ends or fails."""
        position = self.start
        while True:
            self.fields += 1
            if position > self.limit:
                return self._fail(Fault.TOO_LONG, self.limit)
            if self.rules.quote is not None and self.data.startswith(self.rules.quote, position):
                result = self._quoted(position)
            else:
                result = self._unquoted(position)
            if isinstance(result, Scan):
                return result
            position = result

    def _unquoted(self, position: int) -> int | Scan:
        """Scan an unquoted field: return where the next field begins, or the end of the record."""
        data, rules = self.data, self.rules
        found = self.scanner._special.search(data, position, self.limit + 1)  # noqa: SLF001 - one file, two halves
        at = found.start() if found else min(len(data), self.limit + 1)
        if rules.bare_quotes == "data" and rules.quote is not None and not self.bare:
            self.bare = data.find(rules.quote, position, at) >= 0
        if found is None:
            return self._done(at, at) if at <= self.limit else self._fail(Fault.TOO_LONG, self.limit)
        if data[at] in (CR, LF):
            return self._line(at)
        if at == self.limit:
            return self._fail(Fault.TOO_LONG, at)
        if data[at] == rules.delimiter[0]:
            return at + 1
        return self._fail(Fault.BARE_QUOTE, at)

    def _quoted(self, position: int) -> int | Scan:
        """Scan a quoted field: return where the next field begins, or the end of the record."""
        after = self._open(position)
        if isinstance(after, Scan):
            return after
        data = self.data
        self.folded = self.folded or _has_line_end(data, position, after)
        if after == len(data):
            return self._done(after, after)
        if data[after] in (CR, LF):
            return self._line(after)
        if data[after] == self.rules.delimiter[0]:
            return after + 1
        return self._fail(Fault.MALFORMED, after)

    def _open(self, position: int) -> int | Scan:
        """Open a quoted field: return the place after its closing quote."""
        if position >= self.limit:
            return self._fail(Fault.TOO_LONG, self.limit)
        doomed = self.scanner.doomed.get(self.base + position)
        if doomed is not None:
            return self._fail(doomed[1], doomed[0] - self.base, position)
        self.openers.append(position)
        return self._close(position + 1)

    def _close(self, position: int) -> int | Scan:
        """Return the place after the closing quote."""
        data, quote = self.data, self.rules.quote
        assert quote is not None
        single = self.rules.multiline == "false"
        while True:
            if single:
                found = self.scanner._quote_or_line_end.search(data, position, self.limit)  # noqa: SLF001
                at = found.start() if found else -1
                if found and data[at] in (CR, LF):
                    return self._fail(Fault.UNCLOSED, at)
            else:
                at = data.find(quote, position, self.limit)
            if at < 0:
                return self._fail(Fault.UNCLOSED, min(self.limit, len(data)))
            if not data.startswith(quote, at + 1):
                return at + 1
            position = at + 2

    def _line(self, at: int) -> Scan:
        """End the record at a line end."""
        return self._done(at, at + 2 if self.data.startswith(b"\r\n", at) else at + 1)

    def _done(self, stop: int, end: int) -> Scan:
        """Return a record."""
        return Scan(stop, end, self.fields, Fault.NONE, end, end, self.folded, self.bare, tuple(self.openers))

    def _fail(self, fault: Fault, noticed: int, looked: int | None = None) -> Scan:
        """Return a failure; `looked` is less than `noticed` where an earlier scan had noticed it."""
        looked = noticed if looked is None else looked
        return Scan(noticed, noticed, self.fields, fault, noticed, looked, openers=tuple(self.openers))


def _has_line_end(data: bytes, start: int, end: int) -> bool:
    """Tell whether a line ends between two places."""
    return data.find(b"\n", start, end) >= 0 or data.find(b"\r", start, end) >= 0


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a well-framed record: where it stands, and whether it is quoted."""

    start: int
    stop: int
    quoted: bool


def split_fields(record: bytes, rules: Rules) -> list[Field]:
    """Split the content of a well-framed record (no line end) into its fields."""
    fields: list[Field] = []
    position = 0
    while True:
        quoted = rules.quote is not None and record.startswith(rules.quote, position)
        stop = _after_quoted(record, position, rules) if quoted else record.find(rules.delimiter, position)
        stop = len(record) if stop < 0 else stop
        fields.append(Field(position, stop, quoted))
        if stop >= len(record):
            return fields
        position = stop + 1


def _after_quoted(record: bytes, position: int, rules: Rules) -> int:
    """Return the place after a quoted field that is known to close."""
    quote = rules.quote
    assert quote is not None
    at = record.find(quote, position + 1)
    while record.startswith(quote, at + 1):
        at = record.find(quote, at + 2)
    return at + 1


def field_text(record: bytes, field: Field, rules: Rules) -> bytes:
    """Return the value of a field: without its quotes, doubled quotes made single."""
    if not field.quoted or rules.quote is None:
        return record[field.start : field.stop]
    return record[field.start + 1 : field.stop - 1].replace(rules.quote * 2, rules.quote)


def swallows_records(record: bytes, rules: Rules, columns: int) -> bool:
    """Tell whether a record of several lines looks as if a stray quote had swallowed others.

    So it does if every line of it has `columns` fields when quotes are ignored, or one that lies wholly inside
    one quoted field has.
    """
    if columns < 2:  # noqa: PLR2004 - any line has one field
        return False
    lines = _lines(record)
    like = [record.count(rules.delimiter, start, stop) == columns - 1 for start, stop in lines]
    if all(like):
        return True
    quoted = iter([field for field in split_fields(record, rules) if field.quoted])
    field = next(quoted, None)
    for (start, stop), alike in zip(lines, like, strict=True):
        while field is not None and field.stop <= start:
            field = next(quoted, None)
        if alike and field is not None and field.start < start and stop < field.stop:
            return True
    return False


def _lines(record: bytes) -> list[tuple[int, int]]:
    """Return where each physical line of a record begins and ends, without line ends."""
    lines, start = [], 0
    for found in re.finditer(rb"\r\n?|\n", record):
        lines.append((start, found.start()))
        start = found.end()
    return [*lines, (start, len(record))]
