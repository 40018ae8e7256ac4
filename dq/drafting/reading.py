"""The sample: which records of a source a draft is made from, in bounded memory, the same ones every time.

Every record is read, one in `stride` is kept, by a hash of its number.  The stride begins at 1 and doubles whenever
what is kept outgrows its bounds, so that the sample is spread evenly over sources of any length, is not in step with
anything that comes back every so many records, and depends on nothing but their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

from dq.engines.inputs import READERS
from dq.errors import SourceError
from dq.plan.rows import own_texts
from dq.sources.base import Account
from dq.sources.files import open_bytes
from dq.sources.json_cells import stack
from dq.sources.parquet import ParquetReader
from dq.states.hashing import hash_series

if TYPE_CHECKING:
    from dq.drafting.form import Form
    from dq.sources.base import Chunk, Reader

MOST_RECORDS = 200_000
MOST_BYTES = 256 << 20  # of cells; a wide or long-winded source is sampled more thinly


@dataclass
class Sample:
    """What was kept of some sources, and what was counted of all their records.

    `cells` has one String column a field, with its kinds behind it where not all cells are text.
    """

    cells: pl.DataFrame = field(default_factory=pl.DataFrame)
    records: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    blank: int = 0
    refused: list[str] = field(default_factory=list)
    stride: int = 1

    @property
    def looked_at(self) -> int:
        """How many records the draft is made from."""
        return self.cells.height


@dataclass
class Keeper:
    """Keeps one in `stride` of the records that it is shown, and the first one, within its bounds."""

    most_records: int = MOST_RECORDS
    most_bytes: int = MOST_BYTES
    stride: int = 1
    _parts: list[tuple[npt.NDArray[np.int64], pl.DataFrame]] = field(default_factory=list)
    _height: int = 0
    _bytes: int = 0

    def take(self, cells: pl.DataFrame, first: int) -> None:
        """Take the next rows; `first` is the number of the first of them."""
        self._add(np.arange(first, first + cells.height), cells)
        while self._height > self.most_records or (self._bytes > self.most_bytes and self._height > 1):
            self._thin()

    def _add(self, numbers: npt.NDArray[np.int64], cells: pl.DataFrame) -> None:
        """Keep the rows that are chosen at the present stride."""
        chosen = hash_series(pl.Series(numbers)) % np.uint64(self.stride) == 0
        kept = chosen | (numbers == 0)
        cells = cells if kept.all() else own_texts(cells.filter(pl.Series(kept)))
        if cells.height:
            self._parts.append((numbers[kept], cells))
            self._height += cells.height
            self._bytes += int(cells.estimated_size())

    def _thin(self) -> None:
        """Double the stride."""
        parts, self._parts, self._height, self._bytes = self._parts, [], 0, 0
        self.stride *= 2
        for numbers, cells in parts:
            self._add(numbers, cells)

    def cells(self) -> pl.DataFrame:
        """Return all rows that were kept."""
        return stack([cells for _, cells in self._parts]) if self._parts else pl.DataFrame()


def read(forms: Sequence[Form], most: int = MOST_RECORDS, progress: Callable[[int], None] | None = None) -> Sample:
    """Read all records of some sources and return the sample.  SourceError where one cannot be read at all."""
    sample, keeper = Sample(), Keeper(most)
    for form in forms:
        reader = reader_of(form)
        told = 0
        for chunk in chunks(form, reader):
            keeper.take(chunk.cells, sample.records)
            sample.records += chunk.cells.height
            sample.unreadable.update(item.code for item in chunk.unreadable)
            if progress is not None and chunk.offset is not None and len(chunk.offset):
                progress(int(chunk.offset[-1]) - told)
                told = int(chunk.offset[-1])
        account: Account = reader.account
        sample.blank += account.blank
        if account.refused is not None:
            sample.refused.append(f"{form.path.name}: {account.refused[1]}")
    sample.cells, sample.stride = keeper.cells(), keeper.stride
    return sample


def reader_of(form: Form, columns: frozenset[str] | None = None) -> Reader:
    """Return a reader of all fields of a form's dialect, or of some."""
    dialect = form.dialect
    if dialect.format == "parquet":
        return ParquetReader(dialect, form.path, columns=columns)
    return READERS[dialect.format](dialect, lambda: open_bytes(form.path, dialect.compression), columns=columns)


def chunks(form: Form, reader: Reader) -> Iterator[Chunk]:
    """Yield the chunks of a reader; its complaints name the file."""
    try:
        yield from reader.chunks()
    except SourceError as error:
        if form.path.name in str(error):
            raise
        raise SourceError(f"{form.path.name}: {error}") from error


def with_fields(form: Form, fields: dict[str, str]) -> Form:
    """Return the form whose dialect reads these fields."""
    return replace(form, dialect=replace(form.dialect, fields=fields))
