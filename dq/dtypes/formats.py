"""Formats of dates and times: from a declared format to an anchored guard and an exact reading.

Polars' own parser takes a great deal that a format does not say: two-digit years, missing and doubled
spaces, second 60, a minus that is not ASCII.  So each format becomes a regular expression that the whole text
must match, and only matching text is read.

Directives: `%Y` (0001 to 9999), `%m %d %H %I %M %S` (one or two digits; exactly two where another digit
could touch them), `%j` (three digits), `%f` (a fraction of a second), `%z` (`Z`, `+HH:MM`, `+HHMM`),
`%b %B %a %A %p` (English, any letter case) and `%%`.  A literal `Z` right after the time means UTC.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dq.dtypes.types import Family

if TYPE_CHECKING:
    from collections.abc import Iterable

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}
NAMED_FORMATS = ("rfc3339", *EPOCHS)


class FormatError(ValueError):
    """A format that cannot be read, or that does not say enough; the message says why, in words."""


@dataclass(frozen=True, slots=True)
class Guard:
    """An anchored ASCII pattern, and how text that matches it is read.

    `directives` is the form in which Polars' parser reads such text exactly; without it the pattern's named
    groups are read one by one.  `utc` says that the text tells its offset, by Z or by hours and minutes.
    """

    pattern: str
    directives: str | None = None
    utc: bool = False


@dataclass(frozen=True, slots=True)
class Format:
    """One way of reading text: guards that are tried in turn, or `unit`, the microseconds of an epoch's unit."""

    source: str
    family: Family
    guards: tuple[Guard, ...] = ()
    unit: int | None = None


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTH_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
DAY_NUMBERS = {name[:3].lower(): number for number, name in enumerate(_DAYS, 1)}


def _words(words: Iterable[str]) -> str:
    """Return alternatives that match in any ASCII letter case (`(?i)` would take the long s too)."""
    return "|".join("".join(f"[{c.upper()}{c.lower()}]" for c in word) for word in words)


_HOURS = "(?:[01][0-9]|2[0-3])"
_LOOSE = {
    "m": "0?[1-9]|1[0-2]",
    "d": "0?[1-9]|[12][0-9]|3[01]",
    "H": "[01]?[0-9]|2[0-3]",
    "I": "0?[1-9]|1[0-2]",
    "M": "[0-5]?[0-9]",
    "S": "[0-5]?[0-9]",
}
_FIXED = {
    "Y": "[0-9]{4}",
    "m": "0[1-9]|1[0-2]",
    "d": "0[1-9]|[12][0-9]|3[01]",
    "H": "[01][0-9]|2[0-3]",
    "I": "0[1-9]|1[0-2]",
    "M": "[0-5][0-9]",
    "S": "[0-5][0-9]",
    "j": "[0-9]{3}",
    "f": "[0-9]+",
    "z": f"Z|[+-]{_HOURS}:?[0-5][0-9]",
    "b": _words([name[:3] for name in _MONTHS]),
    "B": _words(_MONTHS),
    "a": _words([name[:3] for name in _DAYS]),
    "A": _words(_DAYS),
    "p": _words(["AM", "PM"]),
}
_DIGITS = frozenset("YmdHIMSjf")
_REFUSED = {
    "y": "%y has no century, and dq does not guess; write %Y, or repair the text with `replace` first",
    "c": "%c depends on the locale; write its parts",
    "x": "%x depends on the locale; write its parts",
    "X": "%X depends on the locale; write its parts",
    "Z": "%Z is ambiguous (names of zones mean several offsets); write %z, or set `timezone`",
    "T": "write %H:%M:%S for %T",
    "R": "write %H:%M for %R",
    "F": "write %Y-%m-%d for %F",
    "D": "%D has no century; write %m/%d/%Y",
    "e": "write %d for %e; it takes one digit or two, and no space",
    "s": "write epoch_s for %s",
    "U": "numbers of weeks are not dates; write %m and %d",
    "W": "numbers of weeks are not dates; write %m and %d",
    "V": "numbers of weeks are not dates; write %m and %d",
    "G": "%G is the year of a week, not of a date; write %Y",
}
_DATE_PARTS, _TIME_PARTS = frozenset("YmdjbBaA"), frozenset("HIMSfpz")
_CLOCK = f"(?P<H>{_FIXED['H']}):(?P<M>{_FIXED['M']}):(?P<S>{_FIXED['S']})"
_DAY = f"(?P<Y>{_FIXED['Y']})-(?P<m>{_FIXED['m']})-(?P<d>{_FIXED['d']})"
_ANY_FRACTION = r"(?:\.(?P<f>[0-9]+))?"
_MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
_FRACTION = r"(?:\.[0-9]{1,6})"
_RFC3339 = (
    Guard(f"{_MOMENT}Z$", "%Y-%m-%dT%H:%M:%SZ", utc=True),
    Guard(f"{_MOMENT}{_FRACTION}Z$", "%Y-%m-%dT%H:%M:%S%.fZ", utc=True),
    Guard(f"{_MOMENT}{_FRACTION}?[+-]{_HOURS}:[0-5][0-9]$", "%Y-%m-%dT%H:%M:%S%.f%:z", utc=True),
    Guard(f"^{_DAY}[Tt ]{_CLOCK}{_ANY_FRACTION}(?P<z>[Zz]|[+-]{_HOURS}:[0-5][0-9])$", utc=True),
)
_ISO_LOCAL = Guard(f"^{_DAY}[T ]{_CLOCK}{_ANY_FRACTION}$")
_ISO_TIME = Guard(f"^{_CLOCK}{_ANY_FRACTION}$")
_ISO_DATE = Guard("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "%Y-%m-%d")


def default_formats(family: Family) -> tuple[Format, ...]:
    """Return what is read where a field declares no formats: RFC 3339 in the family's own part."""
    if family is Family.DATETIME:
        return (compile_format("rfc3339", family),)
    if family is Family.DATE:
        return (Format("YYYY-MM-DD", family, (_ISO_DATE,)),)
    return (Format("HH:MM:SS", family, (_ISO_TIME,)),)


def typed_formats(family: Family) -> tuple[Format, ...]:
    """Return what typed cells of a frame are read by, whatever the field declares."""
    if family is Family.DATETIME:
        return (*default_formats(family), Format("local", family, (_ISO_LOCAL,)))
    if family is Family.DATE:
        return (Format("date", family, (_ISO_DATE,)),)
    return default_formats(family)


def compile_format(directive_string: str, family: Family) -> Format:
    """Read a format as declared; FormatError says why it cannot be read or what it lacks.

    `family` is DATE, TIME or DATETIME; the named formats are of datetimes only.
    """
    if directive_string in NAMED_FORMATS:
        if family is not Family.DATETIME:
            raise FormatError(f"{directive_string} is a format of datetimes, not of a {family}")
        if directive_string == "rfc3339":
            return Format(directive_string, family, _RFC3339)
        return Format(directive_string, family, unit=EPOCHS[directive_string])
    parts = _split(directive_string)
    names = [name for name, is_directive in parts if is_directive]
    _complete(names, family)
    return Format(directive_string, family, _guards(parts, family))


def _guards(parts: list[tuple[str, bool]], family: Family) -> tuple[Guard, ...]:
    """Return the guards of a format: the forms that Polars reads exactly, then the one that is read by groups."""
    pieces = [_guard(parts, place) for place in range(len(parts))]
    names = {name for name, directive in parts if directive}
    zulu = family is Family.DATETIME and "z" not in names and _ends_in_zulu(parts)
    utc = zulu or "z" in names
    whole = Guard(f"^{''.join(pieces[:-1])}(?P<z>Z)$" if zulu else f"^{''.join(pieces)}$", utc=utc)
    if family is Family.TIME or not _is_simple(parts, names, family):
        return (whole,)
    quick = [
        piece.replace("[0-9]+", "[0-9]{1,6}") if part == ("f", True) else piece
        for part, piece in zip(parts, pieces, strict=True)
    ]
    directives = "".join(_directive(name) if directive else name.replace("%", "%%") for name, directive in parts)
    directives = directives.replace(".%f", "%.f")
    if "z" not in names:
        return (Guard(f"^{''.join(quick)}$", directives, utc=utc), *([whole] if "f" in names else []))
    place = parts.index(("z", True))
    forms = (("(?P<z>Z)", "Z"), (f"(?P<z>[+-]{_HOURS}:?[0-5][0-9])", "%z"))
    return (
        *(
            Guard(
                f"^{''.join([*quick[:place], pattern, *quick[place + 1 :]])}$",
                directives.replace("%z", directive),
                utc=True,
            )
            for pattern, directive in forms
        ),
        *([whole] if "f" in names else []),
    )


def _directive(name: str) -> str:
    """Return a directive as it is written."""
    return f"%{name}"


def _is_simple(parts: list[tuple[str, bool]], names: set[str], family: Family) -> bool:
    """Return whether Polars' parser reads guarded text of this form exactly: digits, months by name, ASCII literals."""
    needed = {"Y", "d"} | ({"H", "M"} if family is Family.DATETIME else set())
    pointed = all(parts[at - 1] == (".", False) for at, part in enumerate(parts) if part == ("f", True))
    literals = all(directive or (text.isascii() and text.isprintable()) for text, directive in parts)
    months = names & {"m", "b", "B"}
    return needed <= names <= set("YmbBdHMSfz") and bool(months) and pointed and literals


def _ends_in_zulu(parts: list[tuple[str, bool]]) -> bool:
    """Return whether the format ends in a literal Z right after the time."""
    return len(parts) > 1 and parts[-1] == ("Z", False) and parts[-2][1] and parts[-2][0] in "HMSf"


def _split(source: str) -> list[tuple[str, bool]]:
    """Return the characters and directives of a format, each with whether it is a directive."""
    parts: list[tuple[str, bool]] = []
    position = 0
    while position < len(source):
        if source[position] != "%":
            parts.append((source[position], False))
            position += 1
            continue
        name = source[position + 1 : position + 2]
        if name == "%":
            parts.append(("%", False))
        elif name in _FIXED:
            parts.append((name, True))
        else:
            raise FormatError(_REFUSED.get(name, f"there is no directive %{name}" if name else "a lone % at the end"))
        position += 2
    if not parts:
        raise FormatError("an empty format")
    return parts


def _complete(names: list[str], family: Family) -> None:
    """Raise FormatError unless the directives say all that the family needs, once, and no more."""
    present = frozenset(names)
    for name in names:
        if names.count(name) > 1:
            raise FormatError(f"%{name} stands in it twice")
    if not present:
        raise FormatError(f"no directive stands in it; a named format is one of {', '.join(NAMED_FORMATS)}")
    if family is Family.TIME and (alien := [n for n in names if n in _DATE_PARTS or n == "z"]):
        raise FormatError(f"a time has no %{alien[0]}; declare the field as datetime")
    if family is Family.DATE and (alien := [n for n in names if n in _TIME_PARTS]):
        raise FormatError(f"a date has no %{alien[0]}; declare the field as datetime")
    if family is not Family.TIME:
        _complete_date(present)
    if family is not Family.DATE:
        _complete_time(present, family)


def _complete_date(present: frozenset[str]) -> None:
    """Raise FormatError unless a date is given in exactly one way."""
    months = present & frozenset("mbB")
    if "Y" not in present:
        raise FormatError("a complete date needs %Y")
    if "j" in present:
        if months or "d" in present:
            raise FormatError("%j is a whole date with %Y; it cannot stand beside a month or a day")
        return
    if len(months) > 1:
        raise FormatError("the month stands in it twice")
    if not months or "d" not in present:
        raise FormatError("a complete date needs a month (%m, %b or %B) and %d, or %j")


def _complete_time(present: frozenset[str], family: Family) -> None:
    """Raise FormatError unless a time is given from the hour down, without a gap."""
    if not present & frozenset("HI"):
        raise FormatError(f"a {family} needs an hour: %H, or %I with %p")
    if {"H", "I"} <= present or ("I" in present) != ("p" in present):
        raise FormatError("the hour is %H alone, or %I with %p")
    for part, whole in (("M", "H or I"), ("S", "M"), ("f", "S")):
        if part in present and not present & frozenset(whole):
            raise FormatError(f"%{part} needs %{whole.replace(' or ', ' or %')}")


def _guard(parts: list[tuple[str, bool]], place: int) -> str:
    """Return the pattern of one part; two digits exactly where a digit may stand next to it."""
    text, is_directive = parts[place]
    if not is_directive:
        return literal_pattern(text)
    neighbours = [parts[at] for at in (place - 1, place + 1) if 0 <= at < len(parts)]
    touches = any(name in _DIGITS if directive else name.isdigit() for name, directive in neighbours)
    if text == "f" and touches:
        raise FormatError("%f has no fixed length; something must stand between it and other digits")
    pattern = _FIXED[text] if touches or text not in _LOOSE else _LOOSE[text]
    return f"(?P<{text}>{pattern})"


def literal_pattern(char: str) -> str:
    """Return a literal character as a pattern of Rust's regex and of Python's."""
    return "\\" + char if re.match(r"[$()*+.?\[\\\]^{|}\-]", char) else char
