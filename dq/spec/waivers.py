"""Waivers: a file beside a spec that says which failures are put up with, why, by whom, and until when.

Whether the checks that it names exist is not known here; `dq.plan.waivers` asks that.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, TypeAlias

from pydantic import Field, PlainValidator, WithJsonSchema

from dq.errors import UsageError
from dq.params import Text, read_text, refuse
from dq.spec.model import SpecModel
from dq.spec.nodes import Places, to_raw
from dq.spec.structure import read_model
from dq.spec.yaml import MAX_BYTES, parse_bytes

if TYPE_CHECKING:
    from dq.diagnostics import Diagnostic


def read_day(value: object) -> date:
    """Read a day such as `2026-12-31`."""
    text = read_text(value)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise refuse("a day such as 2026-12-31", value) from None
    if day.isoformat() != text:
        raise refuse("a day such as 2026-12-31", value)
    return day


def read_words(value: object) -> str:
    """Read a text that says something."""
    text = read_text(value)
    if not text.strip():
        raise refuse("some words", value)
    return text


_DAY = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
_WORDS = {"type": ["string", "number", "boolean"], "pattern": r"\S"}  # an unquoted number is read as its text
Day: TypeAlias = Annotated[date, PlainValidator(read_day), WithJsonSchema(_DAY)]
Words: TypeAlias = Annotated[str, PlainValidator(read_words), WithJsonSchema(_WORDS)]


class WaiverModel(SpecModel):
    """One failure that is put up with for a time."""

    home: ClassVar[str] = "in an entry of 'waivers'"

    check: Text = Field(description="The id of the check, the expectation or the question of `ml`, or `readable`.")
    reason: Words = Field(description="Why its failure is put up with.")
    owner: Words = Field(description="Who answers for that.")
    expires: Day = Field(description="The last day on which it holds, in UTC, as `now` has it.")


class WaiversModel(SpecModel):
    """The waivers of one spec."""

    home: ClassVar[str] = "at the top of the waivers"
    whole: ClassVar[str] = "the file of waivers"

    waivers: list[WaiverModel] = Field(min_length=1, description="The failures that are put up with.")


def read_waivers(path: str | Path) -> tuple[WaiversModel | None, Places | None, bytes, list[Diagnostic]]:
    """Return the waivers in a file with their places, the bytes of the file, and every mistake in their structure.

    UsageError if the file cannot be read.
    """
    try:
        with Path(path).open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read the waivers {path}: {error.strerror}") from error
    reading = parse_bytes(data, str(path))
    if reading.root is None or reading.diagnostics:
        return None, None, data, list(reading.diagnostics)
    places = Places(reading.root)
    model, diagnostics = read_model(WaiversModel, to_raw(reading.root), places, ())
    return model, places, data, diagnostics
