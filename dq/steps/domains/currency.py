"""`currency`: currencies."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from pydantic import Field

from dq.params import Text
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.locales import locales_named
from dq.steps.domains.names import find, name_table

# Signs that one currency alone has; $, £, ¥, ₩, kr, Rs and the like are several currencies'.
SIGNS = {
    "€": "EUR", "₽": "RUB", "₴": "UAH", "₸": "KZT", "₺": "TRY", "₹": "INR", "₫": "VND", "₪": "ILS", "₦": "NGN",
    "₲": "PYG", "₼": "AZN", "₾": "GEL", "₮": "MNT", "₭": "LAK", "₵": "GHS", "฿": "THB", "៛": "KHR", "֏": "AMD",
    "US$": "USD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "NT$": "TWD", "R$": "BRL",
    "S$": "SGD", "MX$": "MXN", "zł": "PLN", "Kč": "CZK",
}  # fmt: skip
ALIASES = """
BYN: Belarusian Rouble
CNY: Chinese Yuan, Renminbi, RMB, Yuan
CZK: Czech Crown
EUR: Euros
GBP: British Pound, British Pound Sterling, Pounds Sterling, UK Pound, Great Britain Pound, Sterling
HUF: Hungarian Forint
ILS: Israeli Shekel, Shekel, New Shekel, New Israeli Shekel
JPY: Japanese Yen
KRW: South Korean Won, Korean Won
KZT: Kazakhstani Tenge, Kazakh Tenge
PLN: Polish Zloty
RUB: Russian Rouble, Russian Roubles, Russian Rubles, RUR
THB: Thai Baht
TRY: New Turkish Lira
UAH: Ukrainian Hryvnia, Ukrainian Hryvna
USD: United States Dollar, United States Dollars, US Dollars, American Dollar
VND: Vietnamese Dong
ZAR: South African Rand
"""


class CurrencyParams(DomainParams):
    """The `languages` whose names of currencies are read besides English."""

    languages: tuple[Text, ...] = Field((), description="Locales whose names of currencies are read besides English.")


@TEXT_STEPS.register
class Currency(Domain):
    """Reads a currency and writes its code of three letters by ISO 4217 (the active ones; the list is pycountry's).

    Codes, the standard's names, well-known others and signs that one currency alone has are read, whatever their
    letter case, accents and punctuation; with `languages` (locales of CLDR such as ru or de) also the names there.
    `$`, `£`, `¥` and `kr` are several currencies': a `map` before this step says which are meant.  Amounts are not
    read.
    """

    kind = "currency"
    title = "standardize currencies"
    example = "currency: {languages: [ru]}"
    example_values = (
        ("usd", "USD"),
        ("Euro", "EUR"),
        ("€", "EUR"),
        ("Российский рубль", "RUB"),
        ("$", "$"),
        ("10 EUR", "10 EUR"),
    )
    accepts = "a currency by code, name or sign (ISO 4217)"
    needs = ("pycountry",)
    longest = 128
    Params = CurrencyParams

    def __init__(self, params: Any) -> None:
        """Refuse languages that CLDR does not know."""
        super().__init__(params)
        self._locales = locales_named(self, params.languages)

    def standardize(self, text: str) -> str | None:
        """Return the code."""
        return SIGNS.get(text) or find(self._table, text)

    @cached_property
    def _table(self) -> dict[str, str]:
        import pycountry  # heavy

        records = {str(record.alpha_3): str(record.name) for record in pycountry.currencies}
        aliases = [line.split(":") for line in ALIASES.strip().splitlines()]
        local = [
            [(str(name), str(code)) for code, name in locale.currencies.items() if code in records]
            for locale in self._locales
        ]
        return name_table(
            ((code, code) for code in records),
            ((name, code) for code, name in records.items()),
            ((name, code) for code, names in aliases for name in names.split(",")),
            *local,
        )
