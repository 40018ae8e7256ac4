"""Checks of a text's form: `pattern`, `min_length`, `max_length`, `length`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.dtypes.types import Family
from dq.params import Params as BaseParams
from dq.params import Text, Whole
from dq.patterns import PatternError, compile_pattern

if TYPE_CHECKING:
    from datetime import datetime

TEXT = frozenset({Family.TEXT})


@CHECKS.register
class Pattern(Check):
    r"""The text matches a regular expression somewhere; anchor it with `^` and `$` to match the whole text.

    The dialect is dq's own, and means the same to Polars, pandera and JSON Schema: `\d \w \s \b` are ASCII,
    `$` is the very end, matching takes linear time, and there is no look-around and no back-reference.
    """

    kind = "pattern"
    aliases = ("regex",)
    dimension = "conformity"
    families = TEXT
    title = "The text matches a regular expression."
    example = 'pattern: "^[A-Z]{2}-[0-9]+$"'
    example_pass = ("RU-1", "AB-007")
    example_fail = ("ru-1", "AB-7 ", "xAB-7")

    class Params(BaseParams):
        """The regular expression."""

        shorthand: ClassVar[str | None] = "pattern"
        pattern: Text = Field(description="A regular expression of dq's dialect, unanchored.")

    def __init__(self, params: Any, target: Target) -> None:
        """Compile the pattern.  ParamError DQ310 if it needs look-around or the like, DQ309 if it is wrong."""
        super().__init__(params, target)
        try:
            self.pattern = compile_pattern(params.pattern)
        except PatternError as error:
            raise ParamError("DQ310" if error.linear else "DQ309", "pattern", problem=str(error)) from None

    def expected(self) -> str:
        """Say the pattern as written."""
        return f"a text that matches {self.params.pattern}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the pattern is found."""
        del now
        return value.str.contains(self.pattern.polars)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return where a search finds a place.  pandera's `str_matches` would anchor the first alternative only."""
        del now

        def found(data: Any) -> Any:
            """Ask for the place of the first match, which is null where there is none."""
            text = pl.col(data.key)
            return data.lazyframe.select(
                pl.when(text.is_not_null()).then(text.str.find(self.pattern.polars).is_not_null())
            )

        return pa.Check(found, name=self.kind, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `pattern` in ECMA-262's spelling, or None where that has no equal, as for word boundaries."""
        return None if self.pattern.ecma is None else {"pattern": self.pattern.ecma}


class Sized(Check):
    """What the checks of length have in common: at least, at most, or both; in Unicode code points."""

    dimension = "conformity"
    families = TEXT
    least: int | None = None
    most: int | None = None

    def refuse_range(self) -> None:
        """Raise ParamError DQ308 if no length, or a negative one, could be right."""
        for key, bound in (("min", self.least), ("max", self.most)):
            if bound is not None and bound < 0:
                raise ParamError("DQ308", key, kind=self.kind, problem=f"a length of {bound}")
        if self.least is not None and self.most is not None and self.least > self.most:
            raise ParamError("DQ308", "min", kind=self.kind, problem=f"{self.least} is above {self.most}")

    def expected(self) -> str:
        """Say the lengths."""
        noun = "character" if (self.least if self.most is None else self.most) == 1 else "characters"
        return f"a text of {spoken(self.least, self.most)} {noun}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the number of code points lies within."""
        del now
        return within(value.str.len_chars(), self.least, self.most)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return pandera's own `str_length`, which counts code points too."""
        del now
        return pa.Check.str_length(self.least, self.most, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `minLength` and `maxLength`, which count code points (JSON Schema 2020-12, 6.3)."""
        ends = {"minLength": self.least, "maxLength": self.most}
        return {name: end for name, end in ends.items() if end is not None}


def spoken(least: int | None, most: int | None) -> str:
    """Say an interval of counts: `at least 3`, `at most 9`, `3 to 9`, `exactly 3`."""
    if least == most:
        return f"exactly {least}"
    if most is None:
        return f"at least {least}"
    return f"at most {most}" if least is None else f"{least} to {most}"


def within(count: pl.Expr, least: int | None, most: int | None) -> pl.Expr:
    """Return where a count lies within the ends that are given; null for null."""
    terms = [] if least is None else [count >= least]
    terms += [] if most is None else [count <= most]
    return terms[0] if len(terms) == 1 else pl.all_horizontal(terms)


class Bound(BaseParams):
    """One length."""

    shorthand: ClassVar[str | None] = "value"
    value: Whole = Field(description="The length in Unicode characters (code points).")


@CHECKS.register
class MinLength(Sized):
    """The text has at least so many characters (Unicode code points)."""

    kind = "min_length"
    title = "The text has at least so many characters."
    example = "min_length: 3"
    example_pass = ("abc", "ёжик")
    example_fail = ("ab", "")
    Params = Bound

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the length.  ParamError DQ308 if it is negative."""
        super().__init__(params, target)
        self.least = params.value
        self.refuse_range()


@CHECKS.register
class MaxLength(Sized):
    """The text has at most so many characters (Unicode code points)."""

    kind = "max_length"
    title = "The text has at most so many characters."
    example = "max_length: 5"
    example_pass = ("ёжики", "")
    example_fail = ("abcdef",)
    Params = Bound

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the length.  ParamError DQ308 if it is negative."""
        super().__init__(params, target)
        self.most = params.value
        self.refuse_range()


@CHECKS.register
class Length(Sized):
    """The text has exactly so many characters (`length: 2`), or between two numbers of them."""

    kind = "length"
    title = "The text has so many characters."
    example = "length: {min: 2, max: 3}"
    example_pass = ("RU", "RUS")
    example_fail = ("R", "RUSS")

    class Params(BaseParams):
        """One length, or two ends."""

        shorthand: ClassVar[str | None] = "exactly"
        exactly: Whole | None = Field(None, description="The one length that is allowed.")
        min: Whole | None = Field(None, description="The smallest length that is allowed.")
        max: Whole | None = Field(None, description="The largest length that is allowed.")

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the lengths.  ParamError DQ306 if there are none, DQ305 if `exactly` has ends beside it."""
        super().__init__(params, target)
        ends = [key for key in ("min", "max") if getattr(params, key) is not None]
        if params.exactly is None and not ends:
            raise ParamError("DQ306", "min", kind=self.kind)
        if params.exactly is not None and ends:
            raise ParamError("DQ305", ends[0], kind=self.kind)
        self.least = params.min if params.exactly is None else params.exactly
        self.most = params.max if params.exactly is None else params.exactly
        self.refuse_range()
