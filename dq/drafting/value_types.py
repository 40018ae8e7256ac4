"""The type of a column: the narrowest one that reads its values, and not one that data of tomorrow would break."""

from __future__ import annotations

import polars as pl

from dq.drafting import moments
from dq.drafting.column import Column, longest
from dq.drafting.finding import Finding, counted, number, scalar, share
from dq.drafting.moments import Reading
from dq.dtypes.cast import CastOptions
from dq.dtypes.types import BOOLEAN, INTEGER, NUMBER, OBJECT, STRING, CellKind, Type, decimal, parse_type

ID_WORDS = frozenset({
    "id", "ids", "key", "code", "uuid", "guid", "no", "nr", "num", "number", "zip", "zipcode", "postal", "postcode",
    "plz", "phone", "tel", "telephone", "fax", "mobile", "ssn", "isbn", "ean", "sku", "upc", "gtin", "iban", "bic",
    "inn", "kpp", "ogrn", "okato", "oktmo", "kladr", "fips", "icao", "account", "acct", "ref", "index", "idx",
    "serial", "flight", "order", "ticket", "train", "license", "passport", "npi", "vin", "imei", "invoice", "hash",
    "sha", "token", "barcode",
    "номер", "код", "индекс", "инн", "артикул", "телефон", "ид",
})  # fmt: skip
CODE_WORDS = ID_WORDS - {"id", "ids", "key", "index", "idx", "no", "nr", "num", "number", "номер", "ид"}
_PAIRS = (
    ("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("да", "нет"), ("ja", "nein"), ("oui", "non"),
    ("si", "no"), ("sí", "no"), ("on", "off"), ("истина", "ложь"), ("wahr", "falsch"), ("x", "-"),
)  # fmt: skip
_FLAG_WORDS = frozenset({"is", "has", "can", "was", "flag", "allow", "allows", "enabled", "active", "deleted"})
_ENOUGH = 0.9  # of the values must be read by a type
_CODE_LENGTH = 4  # digits from which on numbers of one length are taken for codes
_MOST_SCALE = 4


def guess(column: Column, marks: CastOptions) -> Reading:
    """Return the type of a column and the lines that say why.  `marks` has the decimal mark of the source."""
    if not column.present:
        return _string(column, "no record has a value")
    for found in (_nested, _boolean, moments.guess, lambda each: _numeric(each, marks)):
        reading = found(column)
        if reading is not None:
            return reading
    return _string(column, f"{number(column.distinct)} different {'text' if column.distinct == 1 else 'texts'}")


def is_identifier(column: Column) -> bool:
    """Whether the name of a column says that its values identify something and measure nothing."""
    return bool(column.words) and (column.words[-1] in ID_WORDS or not ID_WORDS.isdisjoint(column.words[:1]))


def _string(column: Column, evidence: str) -> Reading:
    """Return the type of texts."""
    read = column.present if column.is_text else column.readable(STRING)
    if read < column.present:
        evidence = f"{share(read, column.present)} values are no list and no object"
    return Reading(STRING, CastOptions(), read, (Finding("type", "string", evidence),))


def _reading(kind: Type, read: int, column: Column, *more: Finding, options: CastOptions | None = None) -> Reading:
    """Return a reading whose evidence is the share of values that it reads."""
    evidence = f"{share(read, column.present)} values read so" if read < column.present else ""
    return Reading(kind, options or CastOptions(), read, (Finding("type", str(kind), evidence), *more))


def _nested(column: Column) -> Reading | None:
    """Return the type of lists and objects of JSON, and of objects in text."""
    kinds = set(column.counts["kind"])
    if int(CellKind.ARRAY) in kinds:
        for element in ("integer", "boolean", "string"):
            kind = parse_type(f"list<{element}>")
            read = column.readable(kind)
            if read == column.present:
                return _reading(kind, read, column)
        return None
    looks = column.matching(r"^\s*\{.*\}\s*$")
    if int(CellKind.OBJECT) not in kinds and looks < column.present:
        return None
    read = column.readable(OBJECT)
    return _reading(OBJECT, read, column) if read == column.present else None


def _boolean(column: Column) -> Reading | None:
    """Return boolean for words for true and false, and for 0 and 1 where the name asks a question."""
    if (column.counts["kind"] == int(CellKind.BOOLEAN)).all():
        return _reading(BOOLEAN, column.present, column)
    words = set(column.texts.str.to_lowercase())
    if words == {"0", "1"} and column.named(_FLAG_WORDS):
        return _reading(BOOLEAN, column.present, column)
    for true, false in _PAIRS:
        if words == {true, false}:
            if column.readable(BOOLEAN) == column.present:
                return _reading(BOOLEAN, column.present, column)
            options = CastOptions(true_words=(true,), false_words=(false,))
            text = f"{{true: [{scalar(true)}], false: [{scalar(false)}]}}"
            line = Finding("words", text, "the only two words")
            return _reading(BOOLEAN, column.present, column, line, options=options)
    return None


def _numeric(column: Column, marks: CastOptions) -> Reading | None:
    """Return the type of numbers: integer, decimal where there are few decimal places, else number.

    Digits that are a code are text: they begin with a zero, or their name says so and all have one length.
    """
    zeros = column.matching(r"^0\d+$")
    if zeros and column.is_text and column.matching(r"^\d+$") >= _ENOUGH * column.present:
        return _string(column, f"{share(zeros, column.present)} values begin with 0: a code")
    whole = column.readable(INTEGER, marks)
    floats = column.readable(NUMBER, marks)
    if whole >= _ENOUGH * column.present and whole == floats:
        digits = column.texts.filter(column.texts.str.contains(r"^\d+$"))
        if is_identifier(column) and whole < column.present and column.is_text:
            return _string(column, f"{share(whole, column.present)} values are digits: a code")
        if column.is_text and column.named(CODE_WORDS) and _one_length(digits):
            return _string(column, "digits of one length: a code, which may begin with 0")
        return _reading(INTEGER, whole, column, options=marks)
    if floats < _ENOUGH * column.present:
        return None
    return _fraction(column, marks, floats)


def _one_length(digits: pl.Series) -> bool:
    """Whether texts of digits, of which there are several, have one length that is that of a code."""
    lengths = digits.str.len_chars()
    return len(digits) > 1 and lengths.n_unique() == 1 and longest(digits) >= _CODE_LENGTH


def _fraction(column: Column, marks: CastOptions, read: int) -> Reading:
    """Return decimal with room for larger numbers, or number where there are many decimal places or exponents."""
    mark = "\\" + marks.decimal_mark
    plain = column.matching(rf"^-?[\d ]+(?:{mark}\d{{1,{_MOST_SCALE}}})?$")
    if plain < read:
        return _reading(NUMBER, read, column, options=marks)
    places = longest(column.texts.str.extract(rf"{mark}(\d+)$"))
    whole = longest(column.texts.str.extract(r"^-?(\d+)"))
    scale = 2 if places <= 2 else _MOST_SCALE  # noqa: PLR2004 - cents
    kind = decimal(max(10, whole + 2 + scale), scale) if whole + 2 + scale <= 30 else NUMBER  # noqa: PLR2004
    fit = column.readable(kind, marks)
    evidence = (
        f"{share(fit, column.present)} values read so" if fit < column.present else counted(places, "decimal place")
    )
    return Reading(kind, marks, fit, (Finding("type", str(kind), evidence),))
