"""Which texts are a JSON number, `true`, `false` or `null` (RFC 8259, sections 3 and 6), for many texts at once.

Numbers of up to eight bytes without sign and exponent, and `true` and `null`, are judged by arithmetic on all eight at
once (Lemire, "Quickly parsing eight digits", 2018).  Of all others an automaton reads one byte a step, until each was
accepted or rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from dq.sources.json_marks import Bytes, Flags, Positions, Words

LONGEST = 64  # bytes of a text that is accepted
_DIGITS, _ENDS = b"0123456789", b",]}"
_REJECTED, _ACCEPTED, _START = range(3)


def _automaton() -> npt.NDArray[np.uint16]:
    """Return the table of transitions: entry `state << 8 | byte` is the next state, shifted likewise."""
    states = {"": _START}
    moves: list[tuple[str, bytes, str]] = [
        ("", b"-", "-"), ("", b"0", "0"), ("", _DIGITS[1:], "1"), ("-", b"0", "0"), ("-", _DIGITS[1:], "1"),
        ("1", _DIGITS, "1"), ("0", b".", "1."), ("1", b".", "1."), ("1.", _DIGITS, "1.1"), ("1.1", _DIGITS, "1.1"),
        *((number, b"eE", "1e") for number in ("0", "1", "1.1")),
        ("1e", b"+-", "1e-"), ("1e", _DIGITS, "1e1"), ("1e-", _DIGITS, "1e1"), ("1e1", _DIGITS, "1e1"),
    ]  # fmt: skip
    words = ("true", "false", "null")
    for word in words:
        moves += [(word[:size], word[size].encode(), word[: size + 1]) for size in range(len(word))]
    for _, _, after in moves:
        states.setdefault(after, len(states) + _START)
    table = np.full((len(states) + _START, 256), _REJECTED, np.uint16)
    for before, read, after in moves:
        _set(table, states[before], read, states[after])
    for whole in ("0", "1", "1.1", "1e1", *words):
        _set(table, states[whole], _ENDS, _ACCEPTED)
    shifted: npt.NDArray[np.uint16] = np.left_shift(table, 8, dtype=np.uint16)
    return shifted.ravel()


def _set(table: npt.NDArray[np.uint16], state: int, read: Iterable[int], after: int) -> None:
    """Lead from a state to another by each of some bytes."""
    table[state, list(read)] = after


_NEXT = _automaton()

_WORD = 8  # bytes
_IS_END = np.zeros(256, np.bool_)
_IS_END[list(_ENDS)] = True


def _every(byte: int) -> np.uint64:
    """Return a word of eight equal bytes."""
    return np.uint64(int.from_bytes(bytes([byte]) * _WORD, "little"))


_HIGH, _UPPER, _THREES, _SIXES, _ZEROS, _POINTS = map(_every, (0x80, 0xF0, 0x33, 0x06, ord("0"), ord(".")))
_POINT_TO_ZERO = np.uint64(ord(".") ^ ord("0"))
_FOUR, _SEVEN, _FIRST, _SECOND = map(np.uint64, (4, 7, 0xFF, 0x8000))
_BELOW = np.array([(1 << 8 * size) - 1 for size in range(_WORD + 1)], np.uint64)  # the bytes of a text, by its length
_EDGES = np.array([0x80 | 0x80 << 8 * max(size - 1, 0) for size in range(_WORD + 1)], np.uint64)


def are_scalars(view: Bytes, words: Words, start: Positions, length: Positions) -> Flags:
    """Tell for each text whether it is a number or a literal of at most LONGEST bytes.

    A text begins at `start` and must end, so many bytes on, before a comma or a closing bracket.  `words` has the
    eight bytes from each position of `view` on, as one little-endian number.
    """
    verdict = _are_short(words[start], length)
    verdict &= _IS_END[view[start + length]]
    left = np.flatnonzero(~verdict)
    verdict[left] = _judged(view, start[left])
    return verdict


def _are_short(word: Words, length: Positions) -> Flags:
    """Tell which texts of so many bytes, at the beginning of each word, are digits, perhaps with one point, or a word.

    False says nothing.
    """
    size = np.clip(length, 0, _WORD)
    text = word & _BELOW[size]
    point = text ^ _POINTS
    point = ~(((point & ~_HIGH) + ~_HIGH) | point | ~_HIGH)  # the high bit of every byte that is a point
    number = (text ^ (point >> _SEVEN) * _POINT_TO_ZERO) | _ZEROS & ~_BELOW[size]
    found: Flags = (number & _UPPER | ((number + _SIXES) & _UPPER) >> _FOUR) == _THREES
    found &= np.bitwise_count(point) <= 1
    found &= (point & _EDGES[size]) == 0
    zero = (text & _FIRST) == ord("0")
    found &= ~zero | (size == 1) | (point & _SECOND != 0)
    for literal in (b"null", b"true"):
        found |= (text == int.from_bytes(literal, "little")) & (size == len(literal))
    found &= size == length
    found &= size > 0
    return found


def _judged(view: Bytes, start: Positions) -> Flags:
    """Tell which texts the automaton accepts.  `view` may end where a text would be rejected."""
    verdict = np.zeros(len(start), np.bool_)
    which = np.arange(len(start))
    at = start.copy()
    state = np.full(len(start), _START << 8, np.uint16)
    for _ in range(LONGEST + 1):
        state = _NEXT[state | view[at]]
        going = state > _ACCEPTED << 8
        if not going.all():
            verdict[which[state == _ACCEPTED << 8]] = True
            which, at, state = which[going], at[going], state[going]
        if not len(which):
            break
        at += 1
    return verdict
