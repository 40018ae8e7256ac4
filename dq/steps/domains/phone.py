"""`phone`: telephone numbers."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from dq.diagnostics import did_you_mean
from dq.params import Text, Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams

# What the library would skip or drop (text before the number, a second number after it) is not read at all.
_FORM = re.compile(
    r"(?:tel:)?[+＋]?[\d\s()\[\].\-/~‐-―−ー－．／　（）\u2060]+"  # noqa: RUF001 -- signs of many keyboards
    r"(?P<extension>[\s,;]*(?:ext\.?|extension|доб\.?|x|#)[\s:.]*\d{1,7})?",
    re.IGNORECASE,
)


class PhoneParams(DomainParams):
    """The region (ISO 3166-1 alpha-2) of numbers without a country code, and the form that is written.

    `region_field` names the field that says the region of each record, and `region` is that of the other records.
    """

    shorthand = "region"
    region: Text | None = Field(
        None, description="Where numbers without a country code are dialled: two letters by ISO 3166-1, such as RU."
    )
    region_field: Text | None = Field(
        None,
        description="The field whose cleaned text is the region of the record; `region` stands in where it is none.",
    )
    format: Annotated[Literal["e164", "international", "national"], Word] = Field(
        "e164", description="What is written: e164, international or national."
    )


@TEXT_STEPS.register
class Phone(Domain):
    """Reads a telephone number and writes it by ITU-T E.164 (`+74951234567`), E.123 or national custom.

    A number without a leading + is read as one dials it inside `region`; without a region only international
    numbers are read.  With `region_field`, the region is the cleaned text of another field of the record, a code of
    two capital letters as `country` writes it; where that is missing or no region, `region` counts.  A number counts
    if its country has given out such numbers (the numbering plans are those of the package phonenumbers).  A number
    with an extension has no form in E.164; in the national form only numbers of the region's country code are
    written.  Two numbers in one cell are not read.
    """

    kind = "phone"
    title = "standardize telephone numbers"
    example = "phone: {region: RU, format: e164}"
    example_values = (
        ("8 (495) 123-45-67", "+74951234567"),
        ("+44 20 7946 0958", "+442079460958"),
        ("123", "123"),
        ("8 495 123-45-67, 8 495 123-45-68", "8 495 123-45-67, 8 495 123-45-68"),
    )
    accepts = "a valid telephone number"
    needs = ("phonenumbers",)
    longest = 64
    field_params = ("region_field",)
    Params = PhoneParams

    def __init__(self, params: Any) -> None:
        """Refuse a region that has no numbering plan, and national numbers of no nation."""
        super().__init__(params)
        if params.region is None:
            if params.format == "national" and params.region_field is None:
                raise self.wrong("format", "a region beside the national format", "none")
            return
        regions = self._library.SUPPORTED_REGIONS
        if params.region not in regions:
            meant = did_you_mean(params.region, sorted(regions))
            raise self.wrong("region", "a region by its two capital letters, such as RU", repr(params.region), meant)

    @cached_property
    def _library(self) -> Any:
        import phonenumbers  # heavy

        return phonenumbers

    def standardize(self, text: str) -> str | None:
        """Return the number in the form asked for, dialled inside `region`."""
        return self._written(text, self.params.region)

    def answer_beside(self, text: str, others: tuple[str | None, ...]) -> str | None:
        """Return the number dialled inside the region that the record gives, if that is one."""
        region = others[0] if others[0] in self._library.SUPPORTED_REGIONS else self.params.region
        return self.bounded(text, lambda bare: self._written(bare, region))

    def _written(self, text: str, region: str | None) -> str | None:
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        library = self._library
        try:
            number = library.parse(text.replace("доб", "ext") if form["extension"] else text, region)
        except library.NumberParseException:
            return None
        if not library.is_valid_number(number):
            return None
        if (number.extension or form["extension"]) and self.params.format == "e164":
            return None
        if self.params.format == "national" and number.country_code != library.country_code_for_region(region):
            return None
        return str(library.format_number(number, getattr(library.PhoneNumberFormat, self.params.format.upper())))
