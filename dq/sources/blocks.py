"""Framing by arithmetic: where nothing is wrong with the quotes, records are found a block at a time.

A quote is inside a field exactly if the number of quotes before it is odd, as long as every even-numbered one stands
where a field may open (or right after another: an escaped pair) and every odd-numbered one where a field may
close.  The first that does not is a `violation`; records before it stand, the careful scan goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from dq.sources.scanning import CR, LF, Rules

if TYPE_CHECKING:
    import numpy.typing as npt

Positions: TypeAlias = "npt.NDArray[np.int64]"


@dataclass(frozen=True, slots=True)
class Block:
    """The records at the beginning of a block, one entry a record.

    `start`, `stop` (where the content ends), `end` (where the next record begins) and `fields` describe them; the
    first begins at 0 and each where the one before ends.  `folded` lists the records in which a physical line has
    the header's field count by itself though a quoted field spans lines.  `lines` counts the physical line
    ends.  `violation` says that the record after the last one needs the careful scan.
    """

    start: Positions
    stop: Positions
    end: Positions
    fields: Positions
    folded: Positions
    lines: int
    violation: bool


def frame_block(data: bytes, rules: Rules, columns: int, *, final: bool) -> Block:
    """Frame the whole records at the beginning of `data`, which begins where a record does.

    `final` says that the input ends with `data`, so that its last record needs no line end.
    """
    view = np.frombuffer(data, np.uint8)
    if rules.quote is not None and rules.quote in data:
        return _with_quotes(data, view, rules, columns, final=final)
    ends = _line_ends(data, view, final=final)
    starts = np.concatenate((np.zeros(1, np.int64), ends + 1))
    if not (final and _unfinished(ends, len(data))):
        view, starts = view[: starts[-1]], starts[:-1]
    # Counting is cheaper than finding each delimiter, and nothing else is asked of them here.
    inside = (view == rules.delimiter[0]).view(np.uint8)
    counts = np.add.reduceat(inside, starts, dtype=np.uint32) if len(starts) else starts
    return _block(data, np.frombuffer(data, np.uint8), ends, counts, rules, final=final)


def _line_ends(data: bytes, view: npt.NDArray[np.uint8], *, final: bool) -> Positions:
    """Return the place of the last byte of each line end."""
    if b"\r" not in data:
        return np.flatnonzero(view == LF)
    found = np.flatnonzero((view == LF) | (view == CR))
    return found[_ends_line(view, found, final=final)]


def _ends_line(view: npt.NDArray[np.uint8], at: Positions, *, final: bool) -> npt.NDArray[np.bool_]:
    """Tell which of these LF and CR are the last byte of a line end: a CR before LF is not.

    A CR that is the last byte seen so far may be followed by LF.
    """
    following = view[np.minimum(at + 1, len(view) - 1)]
    ends: npt.NDArray[np.bool_] = (view[at] == LF) | (following != LF)
    if len(at) and at[-1] == len(view) - 1 and view[-1] == CR:
        ends[-1] = final
    return ends


def _unfinished(ends: Positions, size: int) -> bool:
    """Tell whether bytes follow the last line end."""
    return size > (int(ends[-1]) + 1 if len(ends) else 0)


def _with_quotes(data: bytes, view: npt.NDArray[np.uint8], rules: Rules, columns: int, *, final: bool) -> Block:
    """Frame a block that has quotes."""
    assert rules.quote is not None
    quote, delimiter = rules.quote[0], rules.delimiter[0]
    special = (view == quote) | (view == delimiter) | (view == LF)
    if b"\r" in data:
        special |= view == CR
    at = np.flatnonzero(special)
    byte = view[at]
    is_quote, is_delimiter = byte == quote, byte == delimiter
    is_line = ~(is_quote | is_delimiter)
    if b"\r" in data:
        is_line[is_line] = _ends_line(view, at[is_line], final=final)
    inside = (np.cumsum(is_quote, dtype=np.int32) & 1).astype(bool)
    violation = _violation(view, at[is_quote], rules, final=final)
    if rules.multiline == "false":
        violation = min([violation, *at[is_line & inside][:1].tolist()])
    is_end = is_line & ~inside & (at < violation)
    before = np.cumsum(is_delimiter & ~inside, dtype=np.int64)
    ends, counts = at[is_end], before[is_end]
    if final and violation > len(view) and _unfinished(ends, len(data)):
        counts = np.append(counts, before[-1])
    delimiters = np.diff(counts, prepend=0)
    block = _block(data, view, ends, delimiters, rules, final=final and violation > len(view))
    folded = _folded(at[is_line], inside[is_line], np.cumsum(is_delimiter)[is_line], block, columns)
    lines = int(np.count_nonzero(is_line & (at < (block.end[-1] if len(block.end) else 0))))
    violated = block.violation or violation <= len(view)
    return Block(block.start, block.stop, block.end, block.fields, folded, lines, violated)


def _violation(view: npt.NDArray[np.uint8], quotes: Positions, rules: Rules, *, final: bool) -> int:
    """Return the place of the first quote that stands where none may; more than the size if there is none."""
    assert rules.quote is not None
    allowed = np.zeros(256, bool)
    allowed[[rules.quote[0], rules.delimiter[0], CR, LF]] = True
    openers, closers = quotes[0::2], quotes[1::2]
    opened = allowed[view[openers - 1]] | (openers == 0)
    closed = allowed[view[np.minimum(closers + 1, len(view) - 1)]]
    if len(closers) and closers[-1] == len(view) - 1:
        closed[-1] = True
    wrong = [*openers[~opened][:1].tolist(), *closers[~closed][:1].tolist()]
    if final and len(quotes) % 2:
        wrong.append(int(quotes[-1]))
    return int(min(wrong, default=len(view) + 1))


def _block(
    data: bytes,
    view: npt.NDArray[np.uint8],
    ends: Positions,
    delimiters: npt.NDArray[np.integer],
    rules: Rules,
    *,
    final: bool,
) -> Block:
    """Make the records from the last bytes of their line ends and the number of delimiters in each."""
    end = ends + 1
    stop = ends.copy()
    if b"\r" in data:
        stop -= (view[ends] == LF) & (ends > 0) & (view[ends - 1] == CR)
    if final and _unfinished(ends, len(data)):
        end, stop = np.append(end, len(data)), np.append(stop, len(data))
    start = np.concatenate((np.zeros(1, np.int64), end[:-1])) if len(end) else end
    fields = delimiters.astype(np.int64) + 1
    longer = np.flatnonzero(stop - start > rules.max_record)[:1].tolist()
    keep = longer[0] if longer else len(end)
    rest = len(data) - (int(end[keep - 1]) if keep else 0)
    none = np.zeros(0, np.int64)
    violation = bool(longer) or rest > rules.max_record + 1
    return Block(start[:keep], stop[:keep], end[:keep], fields[:keep], none, keep, violation)


def _folded(
    lines: Positions, inside: npt.NDArray[np.bool_], delimiters: Positions, block: Block, columns: int
) -> Positions:
    """Return the records of several lines in which some line has the header's field count, quotes ignored.

    `lines` are the line ends, `inside` those inside quotes, `delimiters` the number of delimiters before each.
    """
    if not inside.any():
        return block.folded
    counts = np.diff(delimiters, prepend=0) + 1
    owner = np.searchsorted(block.end, lines, side="right")
    several = np.zeros(len(block.end) + 1, bool)
    several[owner[inside]] = True
    found = np.unique(owner[(counts == columns) & several[owner]])
    return found[found < len(block.end)]
