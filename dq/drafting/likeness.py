"""Whether one text may be another one with typing errors."""

from __future__ import annotations

from difflib import SequenceMatcher

_WRONG = 0.25  # of the characters may be wrong where none is missing
_LIKE = 0.9  # how alike texts are where one character is missing or too many


def may_be_misspelling(text: str, word: str) -> bool:
    """Whether a text may be a word with typing errors.

    Characters were exchanged for others, at most a quarter of them, or one was left out or added.  Other digits in the
    place of digits are another number, and so are other words in the place of words.
    """
    if len(text) < 2 or len(word) < 2:  # noqa: PLR2004 - single characters are values
        return False
    digits = ["".join(filter(str.isdigit, each)) for each in (text, word)]
    if len(digits[0]) == len(digits[1]) and digits[0] != digits[1]:
        return False
    if len(text) == len(word):
        wrong = sum(one != other for one, other in zip(text, word, strict=True))
        return wrong <= max(1, _WRONG * len(word))
    near = abs(len(text) - len(word)) == 1
    return near and SequenceMatcher(None, text, word, autojunk=False).ratio() >= _LIKE
