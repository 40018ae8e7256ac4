"""`country`: countries and dependent territories."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field

from dq.params import Text, Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.country_names import ALIASES, KOSOVO, LOCAL_ALIASES, RESERVED, head, listed, shortened, turned
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.locales import locales_named
from dq.steps.domains.names import find, name_table

Record = tuple[str, str, str]  # code of two letters, code of three, name


class CountryParams(DomainParams):
    """The `format` that is written, and the `languages` whose names of countries are read besides English."""

    shorthand = "format"
    format: Annotated[Literal["alpha_2", "alpha_3", "name"], Word] = Field(
        "alpha_2", description="What is written: alpha_2, alpha_3 or name."
    )
    languages: tuple[Text, ...] = Field((), description="Locales whose names of countries are read besides English.")


@TEXT_STEPS.register
class Country(Domain):
    """Reads a country and writes its code of two or three letters, or its short English name, by ISO 3166-1.

    Codes, the standard's names, common names and well-known others are read (`Russia`, `U.K.`, `Ivory Coast`,
    `South Korea`), whatever their letter case, accents and punctuation; with `languages` (locales of CLDR such as ru or
    de) also the names there, an earlier language deciding over a later one.  Names of several countries (`Korea`) are
    not read, and spelling is not guessed at.  Numeric codes are not read.  Kosovo, which the standard does not list, is
    `XK`, `XKX`.
    """

    kind = "country"
    title = "standardize countries"
    example = "country: {format: alpha_2, languages: [ru]}"
    example_values = (
        ("Russia", "RU"),
        ("u.k.", "GB"),
        ("Cote d’Ivoire", "CI"),  # noqa: RUF001 -- as word processors write it
        ("Южная Корея", "KR"),
        ("deu", "DE"),
        ("Korea", "Korea"),
        ("Atlantis", "Atlantis"),
    )
    accepts = "a country by name or code (ISO 3166-1)"
    needs = ("pycountry",)
    longest = 128
    Params = CountryParams

    def __init__(self, params: Any) -> None:
        """Refuse languages that CLDR does not know."""
        super().__init__(params)
        self._locales = locales_named(self, params.languages)

    def standardize(self, text: str) -> str | None:
        """Return the code or the name."""
        code = find(self._table, text)
        return None if code is None else self._forms[code]

    @cached_property
    def _records(self) -> dict[str, Any]:
        import pycountry  # heavy

        return {str(record.alpha_2): record for record in pycountry.countries}

    @cached_property
    def _forms(self) -> dict[str, str]:
        """What is written for each code of two letters."""
        forms = {code: str(getattr(record, self.params.format)) for code, record in self._records.items()}
        return {**forms, KOSOVO[0]: dict(zip(("alpha_2", "alpha_3", "name"), KOSOVO, strict=True))[self.params.format]}

    @cached_property
    def _table(self) -> dict[str, str]:
        records = self._records
        codes = [(form, code) for code, record in records.items() for form in (code, str(record.alpha_3))]
        names = [(str(record.name), code) for code, record in records.items()]
        keys = ("official_name", "common_name")
        others = [(str(getattr(r, key)), code) for code, r in records.items() for key in keys if hasattr(r, key)]
        english = [*names, *((turned(name), code) for name, code in names if ", " in name), *others]
        local: list[list[tuple[str, str]]] = []
        for locale in self._locales:
            territories = [(str(name), str(code)) for code, name in locale.territories.items()]
            local.append(list(listed(LOCAL_ALIASES.get(locale.language, ""))))
            local.append([(name, code) for name, code in territories if code in self._forms])
        return name_table(
            [*codes, *RESERVED, *((form, KOSOVO[0]) for form in KOSOVO)],
            shortened(english),
            listed(ALIASES),
            shortened((head(name), code) for name, code in names),
            *local,
        )
