"""Which encoding a file is in: stated as a guess, with what speaks for it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.errors import UsageError
from dq.sources.encodings import MARK_LENGTH, check_encoding, is_utf8, read_mark

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

EXTRA = "infer"
# Of encodings that read the same bytes alike, the one that is in use more often.
_PREFERRED = (
    "cp1252", "cp1251", "koi8-r", "cp866", "cp1250", "iso8859-15", "cp932", "gb18030", "big5", "euc_kr", "euc_jp",
)  # fmt: skip
_ABOUT = 0.15  # differences of the detector's measures that mean nothing
_WORD = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")  # of an encoding that ASCII is a part of
_SHORTEST = 200  # bytes that are not ASCII, below which a detector has little to go by


@dataclass(frozen=True, slots=True)
class Encoding:
    """The name of an encoding and what speaks for it."""

    name: str
    evidence: str
    sure: bool = True


def guess(head: bytes, *, whole: bool) -> Encoding:
    """Return the encoding of a file that begins so; `whole` says that this is all of it.

    UsageError where it is not UTF-8 and no detector is installed, or none has an answer.
    """
    marked = _marked(head)
    if marked is not None:
        return marked
    text = head if whole else _without_open_end(head)
    if text.isascii() and b"\x00" not in text:
        return Encoding("utf-8", f"all of the first {len(text):,} bytes are ASCII")
    if is_utf8(text) and b"\x00" not in text:
        return Encoding("utf-8", f"the first {len(text):,} bytes are valid UTF-8, with characters beyond ASCII")
    wide = _wide(text)
    return wide if wide is not None else _detected(text)


def _marked(head: bytes) -> Encoding | None:
    """Return the encoding that a byte-order mark tells."""
    for name in ("utf-8", "utf-16", "utf-32", "gb18030"):
        try:
            marked, length = read_mark(name, head[:MARK_LENGTH])
        except ValueError:
            continue
        if length:
            return Encoding(name, f"a byte-order mark of {marked} stands at the beginning")
    return None


def _without_open_end(head: bytes) -> bytes:
    """Return bytes without a character of UTF-8 that was cut at the end."""
    for length in range(1, 4):
        if head[-length : -length + 1 or None] and head[-length] >= 0xC0:  # noqa: PLR2004 - the first byte of several
            return head[:-length]
    return head


def _wide(text: bytes) -> Encoding | None:
    """Return UTF-16 without a mark, where every second byte of Latin text is zero."""
    if len(text) < MARK_LENGTH:
        return None
    for name, zeros in (("utf-16-le", text[1::2]), ("utf-16-be", text[0::2])):
        if zeros.count(0) > 0.4 * len(zeros):
            return Encoding(name, "without a mark, but every other byte is zero")
    return None


def _detected(text: bytes) -> Encoding:
    """Ask the detector of the extra."""
    try:
        from charset_normalizer import from_bytes
    except ImportError:
        raise UsageError(
            f"the file is not UTF-8, and nothing that tells other encodings is installed: install dq-gate[{EXTRA}], "
            "or name the encoding with --encoding"
        ) from None
    words = b" ".join(dict.fromkeys(_WORD.findall(text)))
    names = [*_as_good_as_the_best(list(from_bytes(text))), *_as_good_as_the_best(list(from_bytes(words)))]
    names = list(dict.fromkeys(names))
    if not names:
        raise UsageError("the file is not UTF-8, and its encoding cannot be told: name it with --encoding")
    usual = [*(name for name in _PREFERRED if name in names), *names]
    name = max(usual, key=lambda each: (_letters(text, each), -usual.index(each)))
    others = [other for other in names if other != name][:2]
    beyond = sum(byte >= 0x80 for byte in text)  # noqa: PLR2004 - not ASCII
    like = f" as well as by {' and '.join(others)}" if others else ""
    evidence = f"not UTF-8; read by it{like}, says charset-normalizer; {beyond:,} bytes beyond ASCII"
    return Encoding(name, evidence, sure=beyond >= _SHORTEST)


def _as_good_as_the_best(matches: Sequence[CharsetMatch]) -> list[str]:
    """Return the encodings of dq by which a text is about as sound as by the best one."""
    if not matches:
        return []
    best = matches[0]
    names: list[str] = []
    for match in matches:
        if match.chaos <= best.chaos + _ABOUT and match.coherence >= best.coherence - _ABOUT:
            names += [match.encoding, *match.could_be_from_charset]
    return list(dict.fromkeys(name for name in map(_known, names) if name is not None))


def _letters(text: bytes, name: str) -> float:
    """Return which share of the characters beyond ASCII are letters, to one digit."""
    beyond = [character for character in text.decode(name, "replace") if not character.isascii()]
    return round(sum(map(str.isalpha, beyond)) / max(1, len(beyond)), 1)


def _known(name: str) -> str | None:
    """Return the name of an encoding as dq writes it, or None where records cannot be framed in it."""
    try:
        return check_encoding(codecs.lookup(name).name)
    except (LookupError, ValueError):
        return None
