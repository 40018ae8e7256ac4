"""One JSON text to one Python object, or the reason why not.

jiter reads (RFC 8259; duplicate keys seen at any depth, numbers kept as written).  Only where it refuses is
the text read again by the standard library's parser, which is slower and more lenient, to tell a text whose
syntax is broken from one that is well formed and merely not acceptable.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, NoReturn

import jiter
import numpy as np

WHITE_SPACE = b" \t\r\n"  # of JSON; bytes.strip() would take \v and \f too
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NOT_BRACKETS = bytes(sorted(set(range(256)) - set(b"[]{}")))
_NEGATIVE_ZERO = re.compile(rb"(?<=[\s:,\[])-0(?=[\s,\]}])")
_PLACE = re.compile(r"at line (\d+) column (\d+)")
_INCOMPLETE = "the record ends before it is complete"
_CUT = "the input ends inside the record"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a text is no record.  `broken` says that its syntax is, so that what follows cannot be trusted."""

    code: str
    message: str
    broken: bool = False


BLANK = Refusal("unreadable.malformed", "there is nothing but white space", broken=True)


class _Duplicate(Exception):  # noqa: N818
    """A key stands twice in one object."""


class _NotFinite(Exception):  # noqa: N818
    """NaN or an infinity stands where a number should."""


class RecordParser:
    """Reads records in one encoding, named as `encodings.check_encoding` does."""

    def __init__(self, encoding: str, max_depth: int) -> None:
        self._encoding = encoding
        self._utf8 = encoding == "utf-8"
        self._wide = encoding.startswith(("utf-16", "utf-32"))
        self._max_depth = max_depth

    def parse(self, raw: bytes) -> dict[str, Any] | Refusal:
        """Return the object, or why there is none.

        Numbers with a fraction or an exponent are `jiter.LosslessFloat`; integers are `int`, but `-0` is 0
        (see `exact`).  Integers of more than 4,300 digits are `jiter.LosslessFloat` too.
        """
        text = raw
        if not self._utf8:
            try:
                text = raw.decode(self._encoding).encode()
            except UnicodeError as error:
                return self._undecodable(raw, error)
        try:
            value = jiter.from_json(
                text, catch_duplicate_keys=True, float_mode="lossless-float", allow_inf_nan=False, cache_mode="keys"
            )
        except ValueError as error:
            return self._refuse(text, str(error))
        if raw.count(b"{") + raw.count(b"[") > self._max_depth and depth(text) > self._max_depth:
            return self._too_deep()
        if type(value) is not dict:
            return Refusal("unreadable.not_object", f"the record is {_kind(value)}, not an object")
        return value

    def exact(self, raw: bytes) -> dict[str, Any]:
        """Read a record that `parse` has accepted once more, with every number as a `jiter.LosslessFloat`."""
        value: dict[str, Any] = _strict(raw.decode(self._encoding))
        return value

    def may_have_negative_zero(self, raw: bytes) -> bool:
        """Tell whether `-0` may stand among the numbers of a record (it may also stand in a string)."""
        text = raw.decode(self._encoding).encode() if self._wide else raw
        return _NEGATIVE_ZERO.search(text) is not None

    def _refuse(self, text: bytes, complaint: str) -> dict[str, Any] | Refusal:
        """Say why jiter refused a text, or return its value where only the size of an integer stood against it."""
        try:
            decoded = text.decode()
        except UnicodeDecodeError as error:
            return self._undecodable(text, error)
        try:
            json.loads(decoded, parse_int=_literal, parse_float=_literal)
        except json.JSONDecodeError as error:
            return _malformed(text, complaint, error)
        except RecursionError:
            return self._too_deep()
        return self._too_deep() if depth(text) > self._max_depth else _acceptable(decoded, _at(text, complaint))

    def _undecodable(self, raw: bytes, error: UnicodeError) -> Refusal:
        """Refuse bytes that the encoding cannot decode; see whether the syntax around them holds."""
        where = ""
        if isinstance(error, UnicodeDecodeError):
            where = f" at character {len(raw[: error.start].decode(self._encoding, 'replace')) + 1}"
        try:
            json.loads(raw.decode(self._encoding, "replace"), parse_int=_literal, parse_float=_literal)
            broken = False
        except (ValueError, RecursionError):
            broken = True
        return Refusal("unreadable.encoding", f"the bytes{where} are not {self._encoding}", broken=broken)

    def _too_deep(self) -> Refusal:
        """Refuse a nesting that no record needs."""
        return Refusal("unreadable.too_deep", f"arrays and objects are nested deeper than {self._max_depth} levels")


def too_long(limit: int) -> Refusal:
    """Return the refusal of a record of more than `limit` bytes, which is not parsed."""
    return Refusal("unreadable.too_long", f"the record is longer than {limit} bytes")


def truncated(refusal: Refusal) -> Refusal:
    """Return the refusal of a last line that has no line end: if it is incomplete, the input was cut there."""
    return Refusal(refusal.code, _CUT, refusal.broken) if refusal.message == _INCOMPLETE else refusal


def depth(text: bytes) -> int:
    """Return how deep arrays and objects are nested in a JSON text; brackets in strings do not count."""
    brackets = np.frombuffer(_STRING.sub(b"", text).translate(None, _NOT_BRACKETS), dtype=np.uint8)
    if len(brackets) == 0:
        return 0
    return int(np.cumsum(np.where((brackets == ord("[")) | (brackets == ord("{")), 1, -1)).max())


def _acceptable(decoded: str, at: str) -> dict[str, Any] | Refusal:
    """Judge a text of sound syntax: duplicate keys, numbers that are none, surrogates, and what is no object."""
    try:
        value = _strict(decoded)
    except _Duplicate:
        return Refusal("unreadable.duplicate_key", f"a key stands twice in one object{at}")
    except _NotFinite:
        return Refusal("unreadable.not_finite", f"NaN or an infinity is not a JSON number{at}")
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return Refusal("unreadable.surrogate", f"an escape is half of a surrogate pair{at}")
    if type(value) is not dict:
        return Refusal("unreadable.not_object", f"the record is {_kind(value)}, not an object")
    return value


def _strict(decoded: str) -> Any:
    """Parse with every number as its literal.  _Duplicate and _NotFinite tell what the syntax does not."""
    return json.loads(
        decoded, parse_int=_literal, parse_float=_literal, parse_constant=_not_finite, object_pairs_hook=_unique
    )


def _literal(digits: str) -> jiter.LosslessFloat:
    """Keep a number as it is written."""
    return jiter.LosslessFloat(digits.encode())


def _not_finite(_word: str) -> NoReturn:
    """Refuse NaN, Infinity and -Infinity."""
    raise _NotFinite


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object whose keys must differ."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Duplicate
    return value


def _at(text: bytes, complaint: str) -> str:
    """Translate jiter's line and byte column into ` at character n` of the record, counted from 1."""
    match = _PLACE.search(complaint)
    if match is None:
        return ""
    before = text.split(b"\n")[: int(match[1])]
    before[-1] = before[-1][: int(match[2])]
    character = len(b"\n".join(before).decode(errors="replace"))
    return f" at character {max(1, character)}"


def _malformed(text: bytes, complaint: str, error: json.JSONDecodeError) -> Refusal:
    """Say what is wrong with the syntax and where.  The parser's words hold no part of the text."""
    if not text.strip(WHITE_SPACE):
        return BLANK
    if complaint.startswith("EOF"):
        return Refusal("unreadable.malformed", _INCOMPLETE, broken=True)
    words = error.msg[0].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting at")
    return Refusal("unreadable.malformed", f"not JSON: {words} at character {error.pos + 1}", broken=True)


_KINDS: dict[type, str] = {
    str: "a string", bool: "a boolean", list: "an array", type(None): "null", int: "a number", dict: "an object"
}  # fmt: skip


def _kind(value: object) -> str:
    """Name the JSON type of a value."""
    return _KINDS.get(type(value), "a number")
