"""`boolean`: words for yes and no."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from dq.params import Text
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams

_TRUE = ("true", "t", "yes", "y", "on", "1")
_FALSE = ("false", "f", "no", "n", "off", "0")


class BooleanParams(DomainParams):
    """The words that mean `true` and `false`, instead of the usual ones; letter case does not matter."""

    true: tuple[Text, ...] = Field(_TRUE, description="The words for true.")
    false: tuple[Text, ...] = Field(_FALSE, description="The words for false.")


@TEXT_STEPS.register
class Boolean(Domain):
    """Turns words into `true` and `false`.

    Without words of their own, `true t yes y on 1` and `false f no n off 0` are read, in any letter case.  A list
    that is given replaces the usual one; `true` and `false` themselves are always read.
    """

    kind = "boolean"
    title = "standardize words for true and false"
    example = "boolean: {true: [да, есть, +], false: [нет, -]}"
    example_values = (("Да", "true"), (" нет ", "false"), ("+", "true"), ("TRUE", "true"), ("yes", "yes"))
    accepts = "a word for true or false"
    longest = 256
    Params = BooleanParams

    def __init__(self, params: Any) -> None:
        """Refuse a word that means both."""
        super().__init__(params)
        self._meanings = {"true": "true", "false": "false"}
        for meaning, words in (("true", params.true), ("false", params.false)):
            for word in words:
                if self._meanings.setdefault(_folded(word), meaning) != meaning:
                    raise self.wrong(meaning, "words that do not mean both true and false", repr(word))

    def standardize(self, text: str) -> str | None:
        """Return `true` or `false`."""
        return self._meanings.get(_folded(text))


def _folded(word: str) -> str:
    return word.strip().casefold()
