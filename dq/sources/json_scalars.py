"""Which texts are a JSON number, `true`, `false` or `null` (RFC 8259, sections 3 and 6), for many texts at once.

An automaton reads one byte of every text a step, until each was accepted or rejected.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

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


def are_scalars(view: npt.NDArray[np.uint8], start: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """Tell for each text whether it is a number or a literal of at most LONGEST bytes.

    A text begins at `start` and must end before a comma or a closing bracket.  `view` may end where a text would be
    rejected.
    """
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
