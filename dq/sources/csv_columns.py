"""Which column of a CSV source is which canonical field."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.errors import UsageError
from dq.sources.encodings import check_encoding, is_multi_byte
from dq.sources.scanning import CR, LF, Rules

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.sources.base import Dialect

_FIRST_SAFE = 0x30  # below it, and ":" and ";", no byte is a later byte of a multi-byte character
_ASCII = 0x80


class SourceRefusedError(Exception):
    """The whole source is refused: `code` and `message` go to the account."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        self.code, self.message = code, message
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of one source.

    `count` is the header's field count, `index` the column of each canonical field that has one, `absent` the
    fields that have none, `unknown` the columns that no field claims, by index and name.
    """

    count: int
    index: dict[str, int]
    absent: tuple[str, ...]
    unknown: tuple[tuple[int, str], ...]


def rules_of(dialect: Dialect) -> Rules:
    """Turn a dialect into the rules of framing.  UsageError if its marks cannot be framed by."""
    delimiter, quote = dialect.delimiter, dialect.quote
    for word, mark in (("delimiter", delimiter), ("quote", quote)):
        if mark is not None and (len(mark) != 1 or ord(mark) >= _ASCII or ord(mark) in (CR, LF)):
            raise UsageError(f"the {word} of a CSV source is one ASCII character, and no line end")
    if delimiter == quote:
        raise UsageError("the delimiter and the quote of a CSV source are different characters")
    try:
        encoding = check_encoding(dialect.encoding)
    except ValueError as error:
        raise UsageError(f"encoding {dialect.encoding!r}: {error}") from None
    for mark in (delimiter, quote):
        if mark and not can_delimit(mark, encoding):
            raise UsageError(f"in {encoding} the character {mark!r} may be a part of another one: it cannot delimit")
    return Rules(
        delimiter=delimiter.encode(),
        quote=None if quote is None else quote.encode(),
        bare_quotes=dialect.bare_quotes,
        multiline=dialect.multiline,
        max_record=dialect.max_record,
    )


def can_delimit(mark: str, encoding: str) -> bool:
    """Return whether a character of ASCII is never a part of another one in an encoding."""
    return not is_multi_byte(encoding) or ord(mark) < _FIRST_SAFE or mark in ":;"


def is_numbered(dialect: Dialect) -> bool:
    """Tell whether a source without header names its columns by 1-based numbers, or else by their order."""
    return any(path.isdecimal() for path in dialect.fields.values())


def highest_number(dialect: Dialect) -> int:
    """Return the highest column number that a numbered source names."""
    return max(int(path) for path in dialect.fields.values() if path.isdecimal())


def by_name(dialect: Dialect, names: Sequence[str]) -> Columns:
    """Find each field's column by the names of the header.  SourceRefusedError where the header cannot serve."""
    seen: dict[str, int] = {}
    for at, name in enumerate(names):
        if name in seen:
            raise SourceRefusedError("source.duplicate_header", f"the header names the column {name!r} twice")
        seen[name] = at
    index = {field: seen[path] for field, path in dialect.fields.items() if path in seen}
    absent = tuple(field for field in dialect.fields if field not in index)
    for field in absent:
        if field in dialect.required:
            raise SourceRefusedError(
                "source.missing_column",
                f"the column {dialect.fields[field]!r} is absent, and the field {field} is required",
            )
    claimed = set(index.values())
    unknown = tuple((at, name) for at, name in enumerate(names) if at not in claimed)
    return Columns(len(names), index, absent, unknown)


def by_number(dialect: Dialect, count: int) -> Columns:
    """Find each field's column by its 1-based number in a source of `count` columns."""
    return by_name(dialect, [str(number) for number in range(1, count + 1)])


def by_order(dialect: Dialect) -> Columns:
    """Give the columns to the fields in the order of the dialect."""
    index = {field: at for at, field in enumerate(dialect.fields)}
    return Columns(len(index), index, (), ())
