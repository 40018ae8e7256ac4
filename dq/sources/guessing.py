"""Which encoding undecodable bytes are probably in: for advice to a person, and for nothing that a run does.

A text in the right encoding has letters where the bytes are not ASCII, of one script in a word, with capitals only
where words begin or throughout.  Cyrillic in any of its encodings read as another, or as a Western one, does not.
"""

from __future__ import annotations

import re
import unicodedata

CANDIDATES = ("utf-8", "cp1251", "koi8-r", "cp866", "cp1252", "cp1250")
"""What is tried."""
_WORD = re.compile(r"[^\W\d_]+")
_MARKS = frozenset("«»“”„‘’–—…€№°£§©®™·×±½¼¾²³µ¿¡\u00a0\u00ad")  # noqa: RUF001 - these are what is meant
_PLAIN = 128
_FULL = 0.5  # of a word in a Latin script, more of its letters than these are rarely accented
_SHORT = 3


def likely_encodings(raw: bytes, declared: str) -> list[str]:
    """Return the encodings in which bytes that the declared one cannot decode are likely a text."""
    return [name for name in CANDIDATES if name != declared and _is_likely(raw, name)]


def _is_likely(raw: bytes, encoding: str) -> bool:
    """Whether everything that is not ASCII in the decoded text is a letter or mark where one may stand."""
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    strange = [c for c in text if ord(c) >= _PLAIN]
    if not all(c.isalpha() or c in _MARKS for c in strange):
        return False
    words = [word for word in _WORD.findall(text) if not word.isascii()]
    return bool(words) and all(_is_word(word) for word in words)


def _is_word(word: str) -> bool:
    """Whether a word is of one script, with its capitals in order; accents of a Latin one are few."""
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in word}
    if len(scripts) > 1 or not (word.islower() or word.isupper() or word.istitle()):
        return False
    accented = sum(ord(c) >= _PLAIN for c in word)
    return "LATIN" not in scripts or len(word) < _SHORT or accented <= _FULL * len(word)
