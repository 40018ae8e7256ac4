"""Reading JSON Lines by the shape of a line that was read before.

Two texts have one *shape* if they have the same marks (brackets, colons and commas outside strings) in the same order,
and the same keys.  A text is divided by its marks into *gaps*: those before a colon hold a key, others a scalar or
nothing.  If one text is a JSON object without duplicate keys, and another differs from it only in that a scalar
stands where another scalar stood, then this one is such an object too, with its values at the same paths.  So
only the scalars have to be judged, and they are judged for all lines of a block at once.  `RecordParser` decides about
the first line of a shape, and about every line that has none of the shapes known.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from dq.dtypes.types import CellKind
from dq.sources.json_marks import COLON, QUOTE, SPACE, MarkedLines
from dq.sources.json_scalars import are_scalars
from dq.sources.recall import NO_SHAPE, Sorting

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dq.sources.json_marks import Bytes, Flags, Lines, Positions
    from dq.sources.recall import Recall

MAX_SHAPES = 16  # that are kept
MAX_MARKS = 2048  # of a shape
FEWEST = 16  # lines that a shape must have in a block to be worth its trouble
SMALL = 192  # lines of a block that are parsed one by one before their shapes would be found
_LESSONS = 4  # lines of a block that may be looked at for a new shape
_LONGEST_PAUSE = 32  # blocks
_WORD = 8  # bytes that are compared at once

_KINDS = np.zeros(256, np.uint8)  # the `CellKind` of a scalar by its first byte; null is text
_KINDS[list(b"-0123456789")] = CellKind.NUMBER
_KINDS[list(b"tf")] = CellKind.BOOLEAN
_NULL = ord("n")


@dataclass(frozen=True, slots=True)
class _Constants:
    """What stands in the gaps that hold no scalar.

    `gap` and `length` describe them; their bytes are compared eight at a time: the word at `offset` in the gap
    `word_gap`, without the bits that `mask` lacks, is `word`.  `quotes` counts the quotes in all.
    """

    gap: Positions
    length: Positions
    word_gap: Positions
    offset: Positions
    mask: npt.NDArray[np.uint64]
    word: npt.NDArray[np.uint64]
    quotes: int


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What lines have in common: their marks with the LF behind them, the constant gaps, and where scalars stand.

    `values` are the gaps with scalars and `pads` the white space before each (0 or 1 space).  `tree` is the object
    with the number of its gap in the place of every scalar.
    """

    marks: Bytes
    constants: _Constants
    values: Positions
    pads: Positions
    tree: dict[str, Any]

    def column(self, gap: int) -> int:
        """Return which column of the delimited text holds a gap with a scalar (see `MatchedLines.delimited`)."""
        return gap + 1 + int(np.count_nonzero(self.pads[: np.searchsorted(self.values, gap) + 1]))

    @property
    def columns(self) -> int:
        """How many columns the delimited text has."""
        return len(self.marks) + int(np.count_nonzero(self.pads))


@dataclass(frozen=True, slots=True, eq=False)
class MatchedLines:
    """Lines of one shape: which they are, the positions of their marks, and the first byte of each scalar."""

    shape: Shape
    rows: Positions
    at: Positions
    initial: Bytes

    def kinds(self, gap: int) -> npt.NDArray[np.uint8]:
        """Return the `CellKind` of the scalar in a gap, of each line."""
        found: Bytes = _KINDS[self._initial(gap)]
        return found

    def nulls(self, gap: int) -> Flags:
        """Tell in which lines the scalar in a gap is null."""
        found: Flags = self._initial(gap) == _NULL
        return found

    def _initial(self, gap: int) -> Bytes:
        """Return the first byte of the scalar in a gap, of each line."""
        found: Bytes = self.initial[:, np.searchsorted(self.shape.values, gap)]
        return found

    def delimited(self, marked: MarkedLines) -> bytes:
        """Return the lines with a comma for every mark and for the space before a scalar.

        The scalars are then what stands between commas, and those that are strings are quoted and have no quotes
        inside, so that this is CSV of `shape.columns` columns.  `marked.text` is written over.
        """
        text, shape = marked.text, self.shape
        text[self.at[:, :-1]] = ord(",")
        padded = shape.values[shape.pads > 0]
        text[self.at[:, padded] + 1] = ord(",")
        whole = text[: len(marked.data)]
        if len(self.rows) == len(marked):
            return whole.tobytes()
        kept = np.zeros(len(marked), np.bool_)
        kept[self.rows] = True
        return whole[np.repeat(kept, marked.end - marked.start)].tobytes()


def shape_of(text: bytes, at: list[int]) -> Shape | None:
    """Return the shape of a line that was read and found to be an object, or None if it is too unusual.

    `at` are the positions of its marks and of its LF.
    """
    gaps = [text[before + 1 : behind] for before, behind in pairwise(at)]
    values: list[int] = []
    constants: list[int] = []
    tree = ""
    for number, gap in enumerate(gaps):
        bare = gap.removeprefix(b" ")
        is_value = bare not in (b"", b"\r") and text[at[number + 1]] != COLON
        if bare != bare.strip() and bare != b"\r":
            return None
        (values if is_value else constants).append(number)
        tree += chr(text[at[number]]) + (str(number) if is_value else gap.decode())
    return Shape(
        marks=np.frombuffer(text, np.uint8)[at],
        constants=_constants({number: gaps[number] for number in constants}),
        values=np.array(values, np.int64),
        pads=np.array([gaps[number].startswith(b" ") for number in values], np.int64),
        tree=json.loads(tree),
    )


def _constants(gaps: dict[int, bytes]) -> _Constants:
    """Prepare the comparison of constant gaps."""
    words: list[tuple[int, int, int, int]] = []
    for number, text in gaps.items():
        for offset in range(0, len(text), _WORD):
            start = max(0, min(offset, len(text) - _WORD))
            part = text[start : start + _WORD]
            words.append((number, start, (1 << 8 * len(part)) - 1, int.from_bytes(part, "little")))
    return _Constants(
        gap=np.array(list(gaps), np.int64),
        length=np.array([len(text) for text in gaps.values()], np.int64),
        word_gap=np.array([word[0] for word in words], np.int64),
        offset=np.array([word[1] for word in words], np.int64),
        mask=np.array([word[2] for word in words], np.uint64),
        word=np.array([word[3] for word in words], np.uint64),
        quotes=sum(text.count(b'"') for text in gaps.values()),
    )


def match(shape: Shape, marked: MarkedLines, rows: Positions) -> MatchedLines:
    """Return those of some sound lines that have a shape."""
    rows = rows[marked.count[rows] == len(shape.marks)]
    at = marked.marks(rows, len(shape.marks))
    for judge in (_same_marks, _same_constants):
        good = judge(shape, marked, rows, at)
        if not good.all():
            rows, at = rows[good], at[good]
    start = _starts(shape, at)
    initial = marked.text[start]
    good = _scalars(shape, marked, rows, at, start, initial)
    if not good.all():
        rows, at, initial = rows[good], at[good], initial[good]
    return MatchedLines(shape, rows, at, initial)


def _starts(shape: Shape, at: Positions) -> Positions:
    """Return the position of the first byte of each scalar."""
    starts: Positions = at[:, shape.values] + 1 + shape.pads
    return starts


def _same_marks(shape: Shape, marked: MarkedLines, rows: Positions, at: Positions) -> Flags:
    """Tell which lines have the marks of a shape, the first at their beginning."""
    same: Flags = (marked.text[at] == shape.marks).all(axis=1)
    same &= at[:, 0] == marked.start[rows]
    return same


def _same_constants(shape: Shape, marked: MarkedLines, _rows: Positions, at: Positions) -> Flags:
    """Tell which lines of the same marks have the same keys, and nothing where the shape has nothing."""
    constants = shape.constants
    length = at[:, constants.gap + 1] - at[:, constants.gap] - 1
    same: Flags = (length == constants.length).all(axis=1)
    where = at[:, constants.word_gap]
    where += 1 + constants.offset
    if not same.all():  # A word of another length may reach behind the text.
        np.minimum(where, len(marked.words) - 1, out=where)
    words = marked.words[where]
    words &= constants.mask
    same &= (words == constants.word).all(axis=1)
    return same


def _scalars(
    shape: Shape, marked: MarkedLines, rows: Positions, at: Positions, start: Positions, initial: Bytes
) -> Flags:
    """Tell which lines have a scalar wherever the shape has one, behind as much white space."""
    end = at[:, shape.values + 1]
    is_text = initial == QUOTE
    # A string's quotes are the first and the last byte of its gap (never the same one, for then the mark behind it
    # would stand in a string and be none), and the line has no others.
    good: Flags = (~is_text | (marked.text[end - 1] == QUOTE)).all(axis=1)
    good &= marked.quotes[rows] == shape.constants.quotes + 2 * np.count_nonzero(is_text, axis=1)
    padded = shape.values[shape.pads > 0]
    if len(padded):
        good &= (marked.text[at[:, padded] + 1] == SPACE).all(axis=1)
    line, value = np.nonzero(~is_text)
    begun = start[line, value]
    good[line[~are_scalars(marked.text, marked.words, begun, end[line, value] - begun)]] = False
    return good


@dataclass(frozen=True, slots=True, eq=False)
class SortedLines:
    """Some lines, and those of them whose shape is known, by shape.

    `recalled` says that an earlier scan found the shapes, and that nothing was judged anew.
    """

    marked: MarkedLines
    matched: list[MatchedLines]
    recalled: bool = False

    def sorting(self) -> Sorting:
        """Return which line has which shape."""
        which = np.full(len(self.marked), NO_SHAPE, np.uint8)
        for number, matched in enumerate(self.matched):
            which[matched.rows] = number
        return Sorting(which, tuple(matched.shape for matched in self.matched))


class Shapes:
    """The shapes of one input that are known so far, and whether it is worth while to look for them."""

    def __init__(
        self, is_useful: Callable[[Shape], bool], is_record: Callable[[bytes], bool], recall: Recall | None = None
    ) -> None:
        """Begin with none.

        `is_useful` tells whether the cells that are asked for can be read by a shape, `is_record` whether a line is
        a record: only the shape of one that is can be learnt.  `recall` is filled by the first scan of an input and
        spares the second one the judgement.
        """
        self._is_useful = is_useful
        self._is_record = is_record
        self._recall = recall
        self._known: list[Shape] = []
        self._pause = 0  # how many blocks were left alone after the last one that disappointed
        self._left = 0  # how many still are

    def sort(self, lines: Lines, offset: int) -> SortedLines | None:
        """Return the lines that have known shapes, by shape; None where that is not worth a try.

        The first line has this offset in the input.
        """
        recalled = self._recalled(lines, offset)
        if recalled is not None:
            return recalled
        found = self._judged(lines)
        if found is not None and self._recall is not None and not self._recall.finished:
            self._recall.note_shapes(offset, found.sorting())
        return found

    def _recalled(self, lines: Lines, offset: int) -> SortedLines | None:
        """Return the lines by the shapes that an earlier scan found them to have, as far as those are useful now.

        None where it noted nothing, or the bytes are others now.
        """
        noted = self._recall.shapes(offset) if self._recall is not None else None
        if noted is None or len(noted.which) != len(lines):
            return None
        marked, matched = MarkedLines(lines), []
        for number, shape in enumerate(noted.shapes):
            if not self._is_useful(shape):
                continue
            rows = np.flatnonzero(noted.which == number)
            if (marked.count[rows] != len(shape.marks)).any():
                return None
            at = marked.marks(rows, len(shape.marks))
            matched.append(MatchedLines(shape, rows, at, marked.text[_starts(shape, at)]))
        return SortedLines(marked, matched, recalled=True)

    def _judged(self, lines: Lines) -> SortedLines | None:
        """Return the lines that have known shapes, by shape, or have one that can be learnt."""
        if self._left:
            self._left -= 1
            return None
        if len(lines) < SMALL:
            return None
        marked = MarkedLines(lines)
        found = list(self._matches(marked))
        if 2 * sum(len(matched.rows) for matched in found) < len(lines):
            self._left = self._pause = min(2 * self._pause + 1, _LONGEST_PAUSE)
        else:
            self._pause = 0
        shapes = [matched.shape for matched in found]
        self._known = [*shapes, *(shape for shape in self._known if shape not in shapes)][:MAX_SHAPES]
        return SortedLines(marked, found)

    def _matches(self, marked: MarkedLines) -> Iterator[MatchedLines]:
        """Yield the lines of each shape, known ones first."""
        left = marked.sound.copy()
        for shape in self._known:
            matched = match(shape, marked, np.flatnonzero(left))
            if len(matched.rows):
                left[matched.rows] = False
                yield matched
        for _ in range(_LESSONS):
            rows = np.flatnonzero(left)
            if len(rows) < FEWEST:
                return
            left[rows[0]] = False
            learnt = self._learn(marked, int(rows[0]))
            if learnt is None:
                continue
            matched = match(learnt, marked, rows)
            if len(matched.rows) >= FEWEST:
                left[matched.rows] = False
                yield matched

    def _learn(self, marked: MarkedLines, row: int) -> Shape | None:
        """Return the shape of a line, if it is a record, usual, and its shape is useful."""
        first, count = int(marked.first[row]), int(marked.count[row])
        start, stop = int(marked.start[row]), int(marked.stop[row])
        if not 1 < count <= MAX_MARKS or marked.at[first] != start or not self._is_record(marked.data[start:stop]):
            return None
        shape = shape_of(marked.data, marked.at[first : first + count].tolist())
        return shape if shape is not None and self._is_useful(shape) else None
