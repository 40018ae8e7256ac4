"""`language`: languages."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from dq.params import Text, Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.locales import locales_named
from dq.steps.domains.names import find, name_table

ALIASES = """
bul: Bulgarian language
cat: Valencian
cmn: Mandarin
ell: Greek, Modern Greek
fas: Farsi
gle: Gaelic Irish
hat: Haitian Creole
heb: Modern Hebrew
nld: Flemish
nob: Bokmal, Bokmål
nno: Nynorsk
ron: Moldavian, Moldovan
sin: Sinhalese
spa: Castilian
uig: Uyghur
yue: Cantonese
zho: Chinese (Simplified), Chinese (Traditional), Simplified Chinese, Traditional Chinese
"""


class LanguageParams(DomainParams):
    """The `format` that is written, and the `languages` whose own names of languages are read besides English."""

    shorthand = "format"
    format: Annotated[Literal["alpha_2", "alpha_3", "name"], Word] = Field(
        "alpha_2", description="What is written: alpha_2, alpha_3 or name."
    )
    languages: tuple[Text, ...] = Field((), description="Locales whose names of languages are read besides English.")


@TEXT_STEPS.register
class Language(Domain):
    """Reads a language and writes its code of two letters (ISO 639-1) or three (639-3), or its English name.

    Codes, bibliographic codes (`ger`), names and well-known others are read, whatever their letter case, accents and
    punctuation; with `languages` (locales of CLDR such as ru or de) also the names there.  Most of the 7,900
    languages have no code of two letters: these are not read where one is to be written.  Tags with a region or
    a script (`en-US`) are not read.
    """

    kind = "language"
    title = "standardize languages"
    example = "language: {format: alpha_2, languages: [ru]}"
    example_values = (
        ("English", "en"),
        ("ger", "de"),
        ("Русский", "ru"),
        ("Farsi", "fa"),
        ("Klingon", "Klingon"),
        ("en-US", "en-US"),
    )
    accepts = "a language by name or code (ISO 639)"
    needs = ("pycountry",)
    longest = 128
    Params = LanguageParams

    def __init__(self, params: Any) -> None:
        """Refuse languages that CLDR does not know."""
        super().__init__(params)
        self._locales = locales_named(self, params.languages)

    def standardize(self, text: str) -> str | None:
        """Return the code or the name; None also where the language has no code of that length."""
        code = find(self._table, text)
        return None if code is None else self._forms.get(code)

    @cached_property
    def _records(self) -> list[Any]:
        import pycountry  # heavy

        records = list(pycountry.languages)
        return sorted(records, key=lambda record: (not hasattr(record, "alpha_2"), str(record.alpha_3)))

    @cached_property
    def _forms(self) -> dict[str, str]:
        """What is written for each code of three letters."""
        form = self.params.format
        return {str(r.alpha_3): str(getattr(r, form)) for r in self._records if hasattr(r, form)}

    @cached_property
    def _table(self) -> dict[str, str]:
        major = [record for record in self._records if hasattr(record, "alpha_2")]
        codes = {
            str(getattr(r, key)): str(r.alpha_3)
            for r in major
            for key in ("alpha_2", "bibliographic")
            if hasattr(r, key)
        }
        aliases = [line.split(":") for line in ALIASES.strip().splitlines()]
        by_code = {**{str(record.alpha_3): str(record.alpha_3) for record in self._records}, **codes}
        local = [
            [(str(name), by_code[str(code)]) for code, name in locale.languages.items() if str(code) in by_code]
            for locale in self._locales
        ]
        return name_table(
            by_code.items(),
            _names(major),
            ((name, code) for code, names in aliases for name in names.split(",")),
            *local,
            _names(self._records),
        )


def _names(records: list[Any]) -> list[tuple[str, str]]:
    """Return the names of languages with their codes, also without what stands in parentheses."""
    keys = ("name", "common_name", "inverted_name")
    named = [(str(getattr(r, key)), str(r.alpha_3)) for r in records for key in keys if hasattr(r, key)]
    return [*named, *((name.partition("(")[0], code) for name, code in named if "(" in name)]
