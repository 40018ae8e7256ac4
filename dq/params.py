"""Values of a specification, and the base class of every kind's parameters.

A spec is read without guessing: a scalar keeps its source text (`1.10` stays `1.10`, `NO` stays `NO`),
and each parameter says how it wants to read it.  The annotated types below are used by the spec's own
models and by the `Params` of every check and step; pydantic collects all mistakes of a model at once,
each with its path, and gives the JSON Schema for the editor.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Annotated, Any, ClassVar, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from dq.diagnostics import Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A scalar of a spec: its source text, whether it was written without quotes, and its place."""

    text: str
    plain: bool = True
    span: Span | None = None

    @property
    def is_null(self) -> bool:
        """Whether YAML 1.2's core schema reads it as null."""
        return self.plain and self.text in {"", "~", "null", "Null", "NULL"}

    @property
    def truth(self) -> bool | None:
        """The boolean that YAML 1.2's core schema reads, or None if it is not one (`yes` and `NO` are text)."""
        if self.plain and self.text in {"true", "True", "TRUE"}:
            return True
        if self.plain and self.text in {"false", "False", "FALSE"}:
            return False
        return None

    def __str__(self) -> str:
        """Return the source text."""
        return self.text


Raw: TypeAlias = "Scalar | list[Raw] | dict[str, Raw]"

_WHOLE = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_REAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_DIGITS = 40  # a longer whole number is not even read: its time would grow with the square of its length
_SHARE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(%?)\Z", re.ASCII)
_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(ms|s|m|h|d|w)\Z", re.ASCII)
_SIZE = re.compile(r"([0-9]+)\s*(B|KiB|MiB|GiB|kB|KB|MB|GB)?\Z", re.ASCII)
_MICROSECONDS = {"ms": 10**3, "s": 10**6, "m": 60 * 10**6, "h": 3600 * 10**6, "d": 86400 * 10**6, "w": 604800 * 10**6}
_BYTES = {"": 1, "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}


def refuse(expected: str, value: object) -> PydanticCustomError:
    """Return the error of a value that is not what the parameter wants: `expected …, not …`."""
    return PydanticCustomError(
        "dq_value", "expected {expected}, not {found}", {"expected": expected, "found": describe(value)}
    )


def describe(value: object) -> str:
    """Say what a raw value is, in words, for a message: a list, a mapping, nothing, or the text itself."""
    if isinstance(value, Scalar):
        if value.is_null:
            return f"null ({value.text} in quotes would be text)" if value.text else "nothing"
        return repr(value.text)
    if isinstance(value, Mapping):
        return "a mapping"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "a list"
    return repr(value)


def _scalar(expected: str, value: object) -> Scalar:
    """Return the value as a scalar.  Plain Python values come from defaults and from the library."""
    if isinstance(value, Scalar):
        if value.is_null:
            raise refuse(expected, value)
        return value
    if isinstance(value, bool):
        return Scalar("true" if value else "false")
    if isinstance(value, (str, int, float)):
        return Scalar(str(value), plain=not isinstance(value, str))
    raise refuse(expected, value)


def read_text(value: object) -> str:
    """Read any scalar as its source text."""
    return _scalar("text", value).text


def read_flag(value: object) -> bool:
    """Read `true` or `false`, unquoted."""
    truth = _scalar("true or false", value).truth
    if truth is None:
        raise refuse("true or false", value)
    return truth


def read_whole(value: object) -> int:
    """Read a whole number within 64 bits, unquoted."""
    scalar = _scalar("a whole number", value)
    if not scalar.plain or not _WHOLE.match(scalar.text):
        raise refuse("a whole number", value)
    if len(scalar.text) > _DIGITS or not -(2**63) <= int(scalar.text) < 2**63:
        raise refuse("a whole number within 64 bits", value)
    return int(scalar.text)


def read_count(value: object) -> int:
    """Read a count: a whole number that is not negative.

    A `ge` beside `Whole` would not do: pydantic drops it before a plain validator.
    """
    number = read_whole(value)
    if number < 0:
        raise refuse("a whole number from 0 on", value)
    return number


def read_real(value: object) -> float:
    """Read a finite number, unquoted."""
    scalar = _scalar("a number", value)
    if not scalar.plain or not _REAL.match(scalar.text):
        raise refuse("a number", value)
    number = float(scalar.text)
    if number in {float("inf"), float("-inf")}:
        raise refuse("a number within the range of 64 bits", value)
    return number


def read_exact(value: object) -> Fraction:
    """Read a number, unquoted, as exactly what its digits say: `0.1` is one tenth."""
    if isinstance(value, Fraction):
        return value
    number = read_real(value)
    text = _scalar("a number", value).text
    if number == 0 and any(digit in text.lower().partition("e")[0] for digit in "123456789"):
        raise refuse("a number within the range of 64 bits", value)
    return Fraction(text)


def read_share(value: object) -> Fraction:
    """Read a share, `5%` or `0.05`, exactly; it lies from 0 to 1."""
    if isinstance(value, Fraction):
        return value
    expected = "a share such as 5% or 0.05, from 0 to 1"
    match = _SHARE.match(_scalar(expected, value).text)
    if not match:
        raise refuse(expected, value)
    share = Fraction(match[1]) / (100 if match[2] else 1)
    if share > 1:
        raise refuse(expected, value)
    return share


def read_duration(value: object) -> timedelta:
    """Read a duration such as `500ms`, `30s`, `15m`, `24h`, `7d` or `2w`."""
    if isinstance(value, timedelta):
        return value
    expected = "a duration such as 30s, 15m, 24h or 7d"
    match = _DURATION.match(_scalar(expected, value).text)
    if not match:
        raise refuse(expected, value)
    try:
        return timedelta(microseconds=int(Fraction(match[1]) * _MICROSECONDS[match[2]]))
    except OverflowError:
        raise refuse(expected, value) from None


def read_size(value: object) -> int:
    """Read a size in bytes such as `4096`, `64KiB` or `1MiB`."""
    expected = "a size such as 64KiB or 1MiB"
    match = _SIZE.match(_scalar(expected, value).text)
    if not match or int(match[1]) == 0:
        raise refuse(expected, value)
    return int(match[1]) * _BYTES[match[2] or ""]


def read_literal(value: object) -> Scalar:
    """Keep the scalar as written: its meaning depends on the type of the field."""
    return _scalar("a value", value)


def read_raw(value: object) -> Any:
    """Keep whatever is there; somebody else judges it."""
    return value


def read_mapping(value: object) -> dict[str, Scalar]:
    """Read a mapping of literals, such as the table of a `map` step."""
    if not isinstance(value, Mapping):
        raise refuse("a mapping", value)
    return {str(key): read_literal(item) for key, item in value.items()}


_PATTERN_SHARE = r"^[0-9]+(\.[0-9]+)?\s*%?$"
Text = Annotated[str, PlainValidator(read_text), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Flag = Annotated[bool, PlainValidator(read_flag), WithJsonSchema({"type": "boolean"})]
Whole = Annotated[int, PlainValidator(read_whole), WithJsonSchema({"type": "integer"})]
Count = Annotated[int, PlainValidator(read_count), WithJsonSchema({"type": "integer", "minimum": 0})]
Real = Annotated[float, PlainValidator(read_real), WithJsonSchema({"type": "number"})]
Exact = Annotated[Fraction, PlainValidator(read_exact), WithJsonSchema({"type": "number"})]
Share = Annotated[
    Fraction,
    PlainValidator(read_share),
    WithJsonSchema(
        {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, {"type": "string", "pattern": _PATTERN_SHARE}]}
    ),
]
Duration = Annotated[
    timedelta,
    PlainValidator(read_duration),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)?\s*(ms|s|m|h|d|w)$"}),
]
Size = Annotated[
    int,
    PlainValidator(read_size),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1},
                {"type": "string", "pattern": r"^[0-9]+\s*(B|[KMG]iB|[kKMG]B)?$"},
            ]
        }
    ),
]
Literal = Annotated[Scalar, PlainValidator(read_literal), WithJsonSchema({"type": ["string", "number", "boolean"]})]
Table = Annotated[
    dict[str, Scalar],
    PlainValidator(read_mapping),
    WithJsonSchema({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}),
]
Word = BeforeValidator(read_text)  # put beside a typing.Literal of the words that are allowed
AnyRaw = Annotated[Any, PlainValidator(read_raw), WithJsonSchema({})]


class Params(BaseModel):
    """The parameters of one kind of check or step.

    An unknown parameter is an error.  `shorthand` names the parameter that `name: value` fills when the
    value is a scalar or a list; None where a kind has no such form.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    shorthand: ClassVar[str | None] = None


class ParamError(ValueError):
    """A parameter that is well-formed by itself but wrong for this field: the author's mistake.

    `code` is a catalogue code, `values` fill its template, `key` names the parameter.  `within` leads on from the
    parameter's value to what is wrong in it, and `at_key` says that this is a key rather than a value.
    """

    def __init__(
        self,
        code: str,
        key: str | None = None,
        *,
        within: tuple[str | int, ...] = (),
        at_key: bool = False,
        **values: object,
    ) -> None:
        """Keep the code, the parameter's name, the place in its value, and the values of the message."""
        self.code, self.key, self.values = code, key, values
        self.within, self.at_key = within, at_key
        super().__init__(f"{code} {key}: {values}")
