"""Whether a text has the form of a well-known notation: `format`.

Each notation is a set of anchored patterns of dq's dialect, all of which match, and a largest length.  They are
patterns and not parsers so that Polars, pandera and JSON Schema give one answer, in linear time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field

from dq.checks.base import CHECKS, Check, ParamError, Target
from dq.diagnostics import did_you_mean
from dq.dtypes.types import Family
from dq.params import Params as BaseParams
from dq.params import Text
from dq.patterns import Pattern, compile_pattern

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Notation:
    """One notation: what it is called in a message, where it is defined, and its form."""

    words: str
    source: str
    patterns: tuple[str, ...]
    max_length: int | None = None


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_H16 = "[0-9A-Fa-f]{1,4}"
_LS32 = f"(?:{_H16}:{_H16}|{_IPV4})"
_IPV6 = "|".join(
    (
        f"(?:{_H16}:){{6}}{_LS32}",
        f"::(?:{_H16}:){{5}}{_LS32}",
        f"(?:{_H16})?::(?:{_H16}:){{4}}{_LS32}",
        f"(?:(?:{_H16}:){{0,1}}{_H16})?::(?:{_H16}:){{3}}{_LS32}",
        f"(?:(?:{_H16}:){{0,2}}{_H16})?::(?:{_H16}:){{2}}{_LS32}",
        f"(?:(?:{_H16}:){{0,3}}{_H16})?::{_H16}:{_LS32}",
        f"(?:(?:{_H16}:){{0,4}}{_H16})?::{_LS32}",
        f"(?:(?:{_H16}:){{0,5}}{_H16})?::{_H16}",
        f"(?:(?:{_H16}:){{0,6}}{_H16})?::",
    )
)
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_PCHAR = r"(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})"
_USER = r"(?:[A-Za-z0-9._~!$&'()*+,;=:-]|%[0-9A-Fa-f]{2})*"
_NAME = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*"
_AUTHORITY = rf"(?:{_USER}@)?(?:\[(?:{_IPV6})\]|{_NAME})(?::[0-9]*)?"
_TAIL = rf"(?:\?(?:{_PCHAR}|[/?])*)?(?:#(?:{_PCHAR}|[/?])*)?"
_URI = (
    rf"[A-Za-z][A-Za-z0-9+.-]*:(?://{_AUTHORITY}(?:/{_PCHAR}*)*|/(?:{_PCHAR}+(?:/{_PCHAR}*)*)?|"
    rf"{_PCHAR}+(?:/{_PCHAR}*)*|){_TAIL}"
)
_URL = rf"[Hh][Tt][Tt][Pp][Ss]?://{_HOST}(?::[0-9]{{1,5}})?(?:/{_PCHAR}*)*{_TAIL}"
_LEAP = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DATE = (
    "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|"
    f"02-(?:0[1-9]|1[0-9]|2[0-8]))|{_LEAP}-02-29)"
)
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
_OFFSET = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_NUMERIC = "(?:0|[1-9][0-9]*)"
_PART = "(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"


def _whole(pattern: str) -> tuple[str, ...]:
    """Return the pattern anchored at both ends."""
    return (f"^(?:{pattern})$",)


NOTATIONS: dict[str, Notation] = {
    "base64": Notation("base64", "RFC 4648, section 4, with padding", _whole(_BASE64)),
    "date": Notation("a date such as 2026-01-31", "RFC 3339, full-date; the day exists", _whole(_DATE)),
    "datetime": Notation(
        "a datetime with an offset",
        "RFC 3339, date-time; without leap seconds",
        _whole(f"{_DATE}[Tt]{_CLOCK}{_OFFSET}"),
    ),
    "email": Notation(
        "an e-mail address",
        "RFC 5321, section 4.1.2: Dot-string @ Domain with two labels or more; 64 and 254 characters (4.5.3.1)",
        (rf"^{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+$", "^[^@]{1,64}@"),
        254,
    ),
    "hostname": Notation(
        "a host name", "RFC 1123, section 2.1: labels of up to 63 characters, 253 in all", _whole(_HOST), 253
    ),
    "ipv4": Notation("an IPv4 address", "RFC 3986, IPv4address", _whole(_IPV4)),
    "ipv6": Notation("an IPv6 address", "RFC 3986, IPv6address; without a zone", _whole(_IPV6)),
    "mac": Notation(
        "a MAC address",
        "IEEE 802, EUI-48: six pairs of digits with one kind of separator",
        _whole("[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}|[0-9A-Fa-f]{2}(?:-[0-9A-Fa-f]{2}){5}"),
    ),
    "semver": Notation(
        "a semantic version",
        "semver.org, 2.0.0",
        _whole(
            rf"{_NUMERIC}\.{_NUMERIC}\.{_NUMERIC}(?:-{_PART}(?:\.{_PART})*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
        ),
    ),
    "sha256": Notation("a SHA-256 sum", "FIPS 180-4, 64 hexadecimal digits", _whole("[0-9A-Fa-f]{64}")),
    "time": Notation("a time with an offset", "RFC 3339, full-time; without leap seconds", _whole(_CLOCK + _OFFSET)),
    "uri": Notation("an absolute URI", "RFC 3986, URI", _whole(_URI)),
    "url": Notation("a web address", "RFC 9110, sections 4.2.1 and 4.2.2, with a host name by RFC 1123", _whole(_URL)),
    "uuid": Notation(
        "a UUID", "RFC 9562, section 4; of any version", _whole("[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
    ),
}


@cache
def _compiled(name: str) -> tuple[Pattern, ...]:
    """Return the compiled patterns of a notation; several fields often share one."""
    return tuple(compile_pattern(source) for source in NOTATIONS[name].patterns)


@CHECKS.register
class Format(Check):
    """The text has the form of a well-known notation.

    The notations are base64, date, datetime, email, hostname, ipv4, ipv6, mac, semver, sha256, time, uri, url and
    uuid, each by its standard.  Only the form is judged: a well-formed e-mail address may have no mailbox.
    """

    kind = "format"
    dimension = "conformity"
    families = frozenset({Family.TEXT})
    title = "The text has the form of a well-known notation."
    example = "format: uuid"
    example_pass = ("123e4567-e89b-12d3-a456-426614174000",)
    example_fail = ("123e4567e89b12d3a456426614174000", "{123e4567-e89b-12d3-a456-426614174000}")

    class Params(BaseParams):
        """The notation."""

        shorthand: ClassVar[str | None] = "name"
        name: Text = Field(description="The notation's name.", json_schema_extra={"enum": [*sorted(NOTATIONS)]})

    def __init__(self, params: Any, target: Target) -> None:
        """Find the notation.  ParamError DQ307 if there is none of this name."""
        super().__init__(params, target)
        if params.name not in NOTATIONS:
            raise ParamError(
                "DQ307",
                "name",
                kind=self.kind,
                expected=f"one of {', '.join(NOTATIONS)}",
                found=repr(params.name),
                suggestion=did_you_mean(params.name, NOTATIONS),
            )
        self.notation = NOTATIONS[params.name]
        self.patterns = _compiled(params.name)

    def expected(self) -> str:
        """Say the notation."""
        return self.notation.words

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where every pattern matches and the text is not too long."""
        del now
        terms = [value.str.contains(pattern.polars) for pattern in self.patterns]
        if self.notation.max_length is not None:
            terms.append(value.str.len_chars() <= self.notation.max_length)
        return pl.all_horizontal(terms)

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return where a match of each pattern is the text itself, and nothing is cut at the largest length."""
        del now

        def matched(data: Any) -> Any:
            """Compare places of matches instead of asking whether there is one."""
            text = pl.col(data.key)
            held = [text.str.find(pattern.polars).fill_null(-1) == 0 for pattern in self.patterns]
            cut = text.str.head(self.notation.max_length) if self.notation.max_length is not None else text
            return data.lazyframe.select(pl.when(text.is_not_null()).then(pl.all_horizontal(*held, cut == text)))

        return pa.Check(matched, name=self.kind, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return the patterns and the length; `format` itself is an annotation that validators may ignore."""
        said: list[dict[str, Any]] = [{"pattern": pattern.ecma} for pattern in self.patterns]
        if self.notation.max_length is not None:
            said.append({"maxLength": self.notation.max_length})
        return said[0] if len(said) == 1 else {"allOf": said}
