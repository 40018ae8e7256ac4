"""The dialect of a delimited text: what stands between fields, and whether the first line names them.

Every candidate is tried by dq's own reader, so that what is guessed is what a run will see.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING

from dq.drafting.missing_words import ALWAYS
from dq.sources.base import Dialect
from dq.sources.csv import CsvReader
from dq.sources.csv_columns import can_delimit

if TYPE_CHECKING:
    from collections.abc import Iterator

DELIMITERS = (",", ";", "\t", "|", ":", "^", "~")
_RARE = frozenset(":^~")  # taken only where nothing usual cuts the lines
_MOST_SKIPPED = 20  # lines before the header that are looked at
_DATA = re.compile(
    r"\s*(?:[-+]?[\d.,\s]*\d%?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[^@\s]+@[^@\s]+\.\w+|https?://.*|[\da-f-]{36})\s*",
    re.IGNORECASE,
)
_DECLARED = re.compile(rb'(?:\xef\xbb\xbf)?"?sep=([!-~])"?\r?\n')  # as Excel writes and reads it
_LOOKED_AT = 50  # records that the first one is compared with
_NO_VALUE = ALWAYS | {"na", "-", "?"}
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Trial:
    """What the reader makes of the beginning of a file by a dialect."""

    dialect: Dialect
    columns: int
    records: int
    unreadable: int

    @property
    def score(self) -> tuple[float, int]:
        """How well the dialect fits: the share of records that it reads, and how many columns it finds."""
        read = self.records - self.unreadable
        return (round(read / self.records, 2) if self.records else 0.0, self.columns)


@dataclass(frozen=True, slots=True)
class Delimited:
    """A dialect with what speaks for each of its parts."""

    dialect: Dialect
    names: tuple[str, ...]
    evidence: dict[str, str]


def guess(head: bytes, dialect: Dialect, delimiter: str | None = None) -> Delimited:
    """Return the dialect of a file whose first bytes, cut behind a line, are these.

    `dialect` has the encoding; its other parts are tried.  `delimiter` is one that is known already.
    """
    declared = _DECLARED.match(head)
    if declared:
        delimiter, dialect = declared[1].decode("ascii"), replace(dialect, skip_rows=1)
    tried = [each for each in DELIMITERS if can_delimit(each, dialect.encoding)] if delimiter is None else [delimiter]
    best = max((_best(head, replace(dialect, delimiter=each)) for each in tried), key=_rank)
    if best.columns < 2:  # noqa: PLR2004 - nothing was cut
        best = _try(head, replace(dialect, delimiter=delimiter or ","))
    best = _quoting(head, best)
    evidence = {"delimiter": _words(best)}
    if best.dialect.skip_rows:
        title = "the lines before have another number of fields"
        evidence["skip_rows"] = "the first line says what delimits" if declared else title
    if best.dialect.bare_quotes == "data":
        evidence["bare_quotes"] = "quotes stand inside of fields that do not begin with one"
    if best.dialect.quote != '"':
        evidence["quote"] = "fields begin and end with it" if best.dialect.quote else "quotes do not enclose fields"
    return _header(head, best, evidence)


def _rank(trial: Trial) -> tuple[bool, bool, bool, float, int]:
    """Put trials in order: several columns first, usual delimiters, those that cut all lines, then by the score."""
    usable = trial.columns > 1 and trial.score[0] >= 0.5  # noqa: PLR2004 - half of the records
    return (usable, trial.dialect.delimiter not in _RARE, trial.dialect.skip_rows == 0, *trial.score)


def _best(head: bytes, dialect: Dialect) -> Trial:
    """Return the best trial of a delimiter: from the first line, or from a later one where a title stands above."""
    if _in_single_quotes(head, dialect):
        dialect = replace(dialect, quote="'")
    first = _try(head, dialect)
    if dialect.delimiter in _RARE:
        return first
    if first.score[0] >= 0.8 and first.columns > 1:  # noqa: PLR2004 - most records fit the first line
        return first
    later = [_try(head, replace(dialect, skip_rows=skip)) for skip in _steps_of_width(head, dialect)]
    later = [trial for trial in later if trial.columns > 2 or dialect.delimiter != ","]  # noqa: PLR2004 - prose has commas
    return max([first, *later], key=lambda trial: (trial.columns > 1, trial.score[0], -trial.dialect.skip_rows))


def _in_single_quotes(head: bytes, dialect: Dialect) -> bool:
    """Whether most lines have a delimiter between two single quotes."""
    mark = dialect.delimiter.encode("ascii")
    return 2 * head.count(b"'" + mark + b"'") > head.count(b"\n")


def _steps_of_width(head: bytes, dialect: Dialect) -> Iterator[int]:
    """Yield the lines, counted from 0, at which the number of delimiters becomes another one."""
    mark = dialect.delimiter.encode("ascii")
    before = None
    for number, line in enumerate(head.split(b"\n")[:_MOST_SKIPPED]):
        width = line.count(mark)
        if number and width and width != before:
            yield number
        before = width


def _try(head: bytes, dialect: Dialect) -> Trial:
    """Read the beginning of a file by a dialect, the header as one record more."""
    reader = CsvReader(replace(dialect, header=False, fields={"first": "1"}), lambda: BytesIO(head))
    for _chunk in reader.chunks():
        pass
    account = reader.account
    columns = len(account.present) + len(account.unknown)
    return Trial(dialect, columns, account.records, account.unreadable)


def _quoting(head: bytes, best: Trial) -> Trial:
    """Return the trial with the rule of quotes by which most records are read; the usual rule wins a tie."""
    if not best.unreadable:
        return best
    rules = [{"bare_quotes": "data"}, {"quote": None}]
    tried = [best, *(_try(head, replace(best.dialect, **rule)) for rule in rules)]  # type: ignore[arg-type]
    return max(tried, key=lambda trial: (trial.score[0], -tried.index(trial)))


def _words(best: Trial) -> str:
    """Say how well the delimiter cuts."""
    read = best.records - best.unreadable
    if best.columns == 1:
        return "no character cuts the lines alike: one column"
    return f"cuts {read:,} of the first {best.records:,} records into {best.columns} fields"


def _header(head: bytes, best: Trial, evidence: dict[str, str]) -> Delimited:
    """Decide whether the first record names the columns."""
    dialect = best.dialect
    rows, behind = _first_records(head, best)
    names = rows[0] if rows else ()
    if names and not _names(names, rows[1:]):
        evidence["header"] = "the first record holds data"
        named = tuple(f"column_{number}" for number in range(1, len(names) + 1))
        return Delimited(replace(dialect, header=named), named, evidence)
    if len(set(names)) < len(names) or "" in names:
        evidence["header"] = "the file's own names are not all different, or one is empty"
        evidence["skip_rows"] = "the header of the file"
        named = _told_apart(names)
        return Delimited(replace(dialect, header=named, skip_rows=behind), named, evidence)
    return Delimited(dialect, names, evidence)


def _first_records(head: bytes, best: Trial) -> tuple[list[tuple[str, ...]], int]:
    """Return the fields of the first records, and how many physical lines end where the first one ends."""
    paths = {f"c{number}": str(number) for number in range(1, best.columns + 1)}
    reader = CsvReader(replace(best.dialect, header=False, fields=paths), lambda: BytesIO(head))
    for chunk in reader.chunks():
        if len(chunk.record) and chunk.offset is not None and chunk.length is not None:
            end = int(chunk.offset[0] + chunk.length[0])
            rows = [tuple(cell or "" for cell in row) for row in chunk.cells.head(_LOOKED_AT).iter_rows()]
            return rows, len(re.findall(rb"\r\n|\n|\r", head[:end]))
    return [], 0


def _names(first: tuple[str, ...], rows: list[tuple[str, ...]]) -> bool:
    """Tell whether a record names the columns of those behind it.

    It does where it has words above columns of data, and where nothing in it is data; several years may be names.
    """
    data = [field for field in first if _is_data(field)]
    texts = [field for field in first if field.strip() and field not in data]
    below = [[row[at] for row in rows if row[at].strip()] for at in range(len(first))]
    above = [
        field in texts and bool(cells) and 10 * sum(map(_is_data, cells)) >= 9 * len(cells)
        for field, cells in zip(first, below, strict=True)
    ]
    years = {field.strip() for field in data if _YEAR.fullmatch(field.strip())}
    of_years = len(data) == len(years) > 1 and not any(
        _YEAR.fullmatch(cell.strip()) for cells in below for cell in cells
    )
    return any(above) or of_years or (bool(texts) and not data)


def _is_data(field: str) -> bool:
    """Whether a field is a number, a date, an address or a word for no value: nothing that names a column."""
    return bool(_DATA.fullmatch(field)) or field.strip().lower() in _NO_VALUE


def _told_apart(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return names that are all different: empty ones by their number, repeated ones with a number behind them."""
    told: list[str] = []
    for number, name in enumerate(names, 1):
        base = name or f"column_{number}"
        candidate, copy = base, 1
        while candidate in told:
            copy += 1
            candidate = f"{base}_{copy}"
        told.append(candidate)
    return tuple(told)
