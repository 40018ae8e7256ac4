"""Whether one text may be another one with typing errors."""

from __future__ import annotations

from difflib import SequenceMatcher

_WRONG = 0.3  # of the characters may be wrong where none is missing
_WRONG_DIGITS = 0.5  # of a number may be letters
_LIKE = 0.9  # how alike texts are where one character is missing or too many


def may_be_misspelling(text: str, word: str) -> bool:
    """Whether a text may be a word with typing errors.

    Characters were exchanged for others, not too many of them, or one was left out or added.  Other digits in the
    place of digits are another number, and so are other words in the place of words.
    """
    if min(len(text), len(word)) == 1:  # single characters are values
        return False
    digits = ["".join(filter(str.isdigit, each)) for each in (text, word)]
    same = len(digits[0]) == len(digits[1])
    if same and digits[0] != digits[1]:
        return False
    if len(text) == len(word):
        wrong = sum(one != other for one, other in zip(text, word, strict=True))
        return wrong <= max(1, (_WRONG if same else _WRONG_DIGITS) * len(word)) or _exchanged(text, word)
    near = abs(len(text) - len(word)) == 1
    return near and SequenceMatcher(None, text, word, autojunk=False).ratio() >= _LIKE


def _exchanged(text: str, word: str) -> bool:
    """Whether two neighbouring characters were exchanged, and nothing else."""
    pairs = [(text[:at] + text[at + 1] + text[at] + text[at + 2 :]) for at in range(len(text) - 1)]
    return word in pairs
