"""`quantity`: numbers with units."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field

from dq.diagnostics import did_you_mean
from dq.params import Text, Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.numerals import MarkedDomain, MarkedParams, ascii_digits, numeral
from dq.steps.domains.units import Unit, units

_MOST_WORDS = 4  # of the longest name of a unit: "imperial fluid ounce", "metres per second"
_PREFIXED = frozenset({"information", "energy", "power", "pressure", "frequency", "voltage", "current"})
_POINTS = str.maketrans("", "", ".")


class QuantityParams(MarkedParams):
    """The `unit` of the result, the marks of numbers, and what becomes of words `after` the unit."""

    shorthand = "unit"
    unit: Text = Field(description="The unit of the result, such as kg, oz, fl_oz, ml or km/h.")
    after: Annotated[Literal["refuse", "ignore"], Word] = Field(
        "refuse", description="What becomes of a quantity with words after its unit: refuse it, or ignore the words."
    )


@TEXT_STEPS.register
class Quantity(MarkedDomain):
    """Turns a number with a unit into the plain number in the declared unit.

    Units are a closed table of mass, length, area, volume, time, speed, information, energy, power, pressure,
    frequency, voltage, current and temperature, by symbol or English name, with or without a space and points
    (`12 oz.`, `12 fl. oz`).  Letter case is disregarded where that leaves one unit only, but not of symbols with
    milli or mega where both are in use (`mV`, `MV`).  A number without a unit is in the declared one.

    Units that measure something else are not read; `oz` is an ounce of volume where a volume is declared.  Factors are
    exact, and so is the result if its decimals end; else it is rounded half to even to 15 significant digits.  With
    `after: ignore`, words after the unit are disregarded (`16 oz. Silo Can`).
    """

    kind = "quantity"
    title = "turn quantities into numbers of one unit"
    example = "quantity: {unit: fl_oz, after: ignore, otherwise: keep}"
    example_values = (
        ("12.0 oz.", "12"),
        ("12 OUNCE", "12"),
        ("16 fl. oz Silo Can", "16"),
        ("1.5 gal", "192"),
        ("12", "12"),
        ("12 kg", "12 kg"),
        ("N/A", "N/A"),
    )
    accepts = "a quantity"
    Params = QuantityParams

    def __init__(self, params: Any) -> None:
        """Refuse a unit that is not in the table."""
        super().__init__(params)
        table = {unit.name: unit for unit in units()}
        unit = table.get(params.unit) or _only(list(table.values()), params.unit)
        if unit is None:
            meant = did_you_mean(params.unit, list(table))
            raise self.wrong("unit", "a unit such as kg, oz, fl_oz, ml or km/h", repr(params.unit), meant)
        self._unit = unit
        known = [other for other in table.values() if other.dimension == unit.dimension]
        self._exact = {_symbols(symbol): other for other in known for symbol in (other.name, *other.symbols)}
        strict = unit.dimension in _PREFIXED
        self._symbols = _unambiguous(
            (symbol.lower(), other)
            for symbol, other in self._exact.items()
            if not (strict and symbol[:1] in {"m", "M"})
        )
        self._words = _unambiguous((word, other) for other in known for word in other.words)

    def expected(self) -> str:
        """Name the dimension and the unit."""
        return f"a {self._unit.dimension} that can be given in {self._unit.name}"

    def standardize(self, text: str) -> str | None:
        """Return the number in the declared unit, plainly."""
        text = ascii_digits(text)
        start = self.reader.pattern.match(text)
        number = None if start is None else self.reader.numeral(start)
        if start is None or number is None:
            return None
        unit = self._unit_of(text[start.end() :])
        if unit is None or unit is self._unit:
            return None if unit is None else number.plain()
        value = (number.value + unit.offset) * unit.factor / self._unit.factor - self._unit.offset
        return numeral(value).plain()

    def _unit_of(self, rest: str) -> Unit | None:
        """Return the unit that stands behind a number, the declared one if nothing does, or None."""
        words = _symbols(rest).split()
        if not words:
            return self._unit
        for count in range(min(len(words), _MOST_WORDS), 0, -1):
            if count < len(words) and self.params.after == "refuse":
                return None
            name = " ".join(words[:count]).rstrip(",;")
            unit = self._named(name) or self._named(name.translate(_POINTS))
            if unit is not None:
                return unit
        return None

    def _named(self, name: str) -> Unit | None:
        exact = self._exact.get(name)
        return exact or self._symbols.get(name.lower()) or self._words.get(name.lower())


def _symbols(text: str) -> str:
    """Return a unit with the plain forms of its characters: superscripts as digits, one micro sign, one dot."""
    return (
        unicodedata.normalize("NFKC", text)
        .replace("\u03bc", "µ")
        .replace("·", "⋅")
        .replace("°C", "C")
        .replace("°F", "F")
    )


def _unambiguous(names: Iterable[tuple[str, Unit]]) -> dict[str, Unit]:
    """Return the units by name, without the names of several units."""
    found: dict[str, Unit | None] = {}
    for name, unit in names:
        found[name] = unit if found.get(name, unit) is unit else None
    return {name: unit for name, unit in found.items() if unit is not None}


def _only(known: list[Unit], name: str) -> Unit | None:
    """Return the one unit that has this symbol or word, or None."""
    found = [unit for unit in known if name in unit.symbols or name.lower() in unit.words]
    return found[0] if len(found) == 1 else None
