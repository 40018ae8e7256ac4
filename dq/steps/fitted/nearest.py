"""Which word of a vocabulary is nearest to a text, by the least number of typing errors.

The distance is that of optimal string alignment (Damerau and Levenshtein, no part edited twice): inserting,
deleting or changing one character, or exchanging two neighbours, costs one.  rapidfuzz computes it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import PlainValidator, WithJsonSchema

from dq.params import ParamError, Scalar, read_count, read_share

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import numpy.typing as npt

PACKAGE, EXTRA = "rapidfuzz", "match"
_CELLS = 4_000_000  # of one table of distances, a byte each
_MOST = 250  # a distance is kept in a byte


def read_distance(value: object) -> int | Fraction:
    """Read a distance: a number of typing errors, or a share of the characters such as `10%`."""
    if isinstance(value, Fraction):
        return value
    if isinstance(value, (str, Scalar)) and "%" in str(value):
        return read_share(value)
    return read_count(value)


Distance = Annotated[
    int | Fraction,
    PlainValidator(read_distance),
    WithJsonSchema(
        {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?\s*%$"}]}
    ),
]


def need_distances(kind: str, key: str | None = None) -> None:
    """Raise ParamError DQ325 unless rapidfuzz is installed; `key` is the parameter that needs it."""
    if find_spec(PACKAGE) is None:
        raise ParamError("DQ325", key, kind=kind, package=PACKAGE, extra=EXTRA)


def reach(distance: int | Fraction, length: int) -> int:
    """Return how many typing errors a text of this many characters may have; one character stays at least."""
    errors = distance if isinstance(distance, int) else int(distance * length)
    return max(0, min(errors, length - 1, _MOST))


def within(text: str, word: str, distance: int | Fraction) -> bool:
    """Return whether a text is a word but for so many typing errors."""
    from rapidfuzz.distance import OSA

    most = reach(distance, len(text))
    return OSA.distance(text, word, score_cutoff=most) <= most


@dataclass(frozen=True)
class Words:
    """Words among which the nearest is looked for, within a distance, whatever the case where `ignore_case` is set.

    Only words of about the same length are compared: the time grows with the number of words times the number of
    distinct texts that are about as long.
    """

    words: tuple[str, ...]
    distance: int | Fraction
    ignore_case: bool = False

    @cached_property
    def _by_length(self) -> dict[int, list[str]]:
        groups: dict[int, list[str]] = defaultdict(list)
        for word in self.words:
            groups[len(self._form(word))].append(word)
        return dict(groups)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(self.words)

    def _form(self, text: str) -> str:
        return text.casefold() if self.ignore_case else text

    def nearest(self, texts: Iterable[str]) -> dict[str, str]:
        """Return the nearest word of every text that has one.

        A text that is a word has none, nor has one without a word within the distance, or with several that are
        equally near.
        """
        found: dict[str, str] = {}
        for block in self.compared(text for text in texts if text not in self._known):
            least = block.distances.min(axis=1)
            alone = (block.distances == least[:, None]).sum(axis=1) == 1
            places = block.distances.argmin(axis=1)
            for index in np.flatnonzero(alone & (least <= block.most)).tolist():
                found[block.texts[index]] = block.words[places[index]]
        return found

    def compared(self, texts: Iterable[str]) -> Iterator[Block]:
        """Yield the distances of distinct texts to the words that are about as long, a bounded table at a time."""
        by_length: dict[int, list[str]] = defaultdict(list)
        for text in texts:
            by_length[len(self._form(text))].append(text)
        for length, group in sorted(by_length.items()):
            most = reach(self.distance, length)
            words = [word for size in range(length - most, length + most + 1) for word in self._by_length.get(size, ())]
            height = max(1, _CELLS // max(1, len(words)))
            for start in range(0, len(group) if words else 0, height):
                some = group[start : start + height]
                yield Block(some, words, self._distances(some, words, most), most)

    def _distances(self, texts: list[str], words: list[str], most: int) -> npt.NDArray[np.uint8]:
        from rapidfuzz.distance import OSA
        from rapidfuzz.process import cdist

        forms = [self._form(text) for text in texts], [self._form(word) for word in words]
        return cdist(*forms, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8, workers=1)


@dataclass(frozen=True, slots=True)
class Block:
    """The distances of some texts (rows) to some words (columns); `most + 1` stands for all that is farther."""

    texts: list[str]
    words: list[str]
    distances: npt.NDArray[np.uint8]
    most: int


def near_and_outdone(counts: Mapping[str, int], words: Words, ratio: int) -> tuple[set[str], set[str]]:
    """Return which of the counted values have another word near, and which have one that is far more frequent.

    Far more is `ratio` times as often at least: such values are taken for misspellings.  Words are counted values.
    """
    near: set[str] = set()
    outdone: set[str] = set()
    for block in words.compared(counts):
        close = block.distances <= block.most
        places = {word: place for place, word in enumerate(block.words)}
        for row, text in enumerate(block.texts):
            if text in places:
                close[row, places[text]] = False
        often = np.array([counts[word] for word in block.words], dtype=np.float64)
        here = np.array([counts[text] for text in block.texts], dtype=np.float64)
        more = close & (often[None, :] >= here[:, None] * ratio)
        near.update(block.texts[index] for index in np.flatnonzero(close.any(axis=1)).tolist())
        outdone.update(block.texts[index] for index in np.flatnonzero(more.any(axis=1)).tolist())
    return near, outdone
