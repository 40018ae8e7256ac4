"""What every domain is: a reading of one value, and a word on what cannot be read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from importlib.util import find_spec
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from dq.params import ParamError, Params, Word
from dq.steps.domains.distinct import DistinctStep

EXTRA = "clean"
# The Unicode property White_Space; Python's `str.strip` alone would take U+001C to U+001F off, too.
WHITE_SPACE = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))


class DomainParams(Params):
    """What becomes of text that is `otherwise`, that is, could not be read: keep it, blank it or refuse it."""

    otherwise: Annotated[Literal["keep", "blank", "refuse"], Word] = Field(
        "keep", description="What becomes of text that could not be read: keep, blank or refuse."
    )


class Domain(DistinctStep):
    """A kind of values that has a standard form.

    White space around a value is no part of it.  Text longer than `longest` characters is not read, so that the
    time a value takes has a bound.  Reading a standard form again gives the same form.  `needs` names the
    packages of the extra `clean` without which the domain cannot be used (ParamError DQ325 says so).
    """

    Params: ClassVar[type[Params]] = DomainParams
    accepts: ClassVar[str]  # what can be read, in words: "an e-mail address"
    needs: ClassVar[tuple[str, ...]] = ()
    longest: ClassVar[int] = 1024

    def __init__(self, params: Any) -> None:
        """Keep the parameters; ParamError DQ325 where a package is not installed."""
        super().__init__(params)
        for package in self.needs:
            self.need(package)

    def need(self, package: str, key: str | None = None) -> None:
        """Raise ParamError DQ325 unless a package of the extra is there; `key` is the parameter that needs it."""
        if find_spec(package) is None:
            raise ParamError("DQ325", key, kind=self.kind, package=package, extra=EXTRA)

    @abstractmethod
    def standardize(self, text: str) -> str | None:
        """Return the standard form of a value, or None where it could not be standardized.

        The text is not empty, not longer than `longest`, and has no white space around it.
        """

    def answer(self, text: str) -> str | None:
        """Return the standard form of a value as it stands in its cell, or None."""
        return self.bounded(text, self.standardize)

    def bounded(self, text: str, standardize: Callable[[str], str | None]) -> str | None:
        """Return what `standardize` makes of a value without the white space around it, within `longest`."""
        bare = text.strip(WHITE_SPACE)
        if not bare or len(bare) > self.longest:
            return None
        standard = standardize(bare)
        return standard if standard is not None and len(standard) <= self.longest else None

    def expression(self, text: pl.Expr) -> pl.Expr:
        """Return the standard forms; what could not be standardized is blanked, or kept as it is."""
        return self.answering(text, _blanked if self.params.otherwise == "blank" else _kept, pl.String)

    def refused(self, text: pl.Expr) -> pl.Expr | None:
        """Return where the text could not be standardized, if `otherwise` is `refuse`."""
        if self.params.otherwise != "refuse":
            return None
        return self.answering(text, _unread, pl.Boolean)

    def expected(self) -> str:
        """Say what the domain can read."""
        return self.accepts

    def wrong(self, key: str, expected: str, found: str, suggestion: str | None = None) -> ParamError:
        """Return the error DQ307 of a parameter."""
        return ParamError("DQ307", key, kind=self.kind, expected=expected, found=found, suggestion=suggestion)


def _blanked(distinct: pl.Series, answers: pl.Series) -> pl.Series:
    del distinct
    return answers


def _kept(distinct: pl.Series, answers: pl.Series) -> pl.Series:
    return answers.zip_with(answers.is_not_null(), distinct)


def _unread(distinct: pl.Series, answers: pl.Series) -> pl.Series:
    del distinct
    return answers.is_null()
