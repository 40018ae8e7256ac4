"""Names of countries that people write and the code libraries miss."""

# ruff: noqa: RUF001 -- letters of several alphabets are what this file is about.

from __future__ import annotations

from collections.abc import Iterable, Iterator

# Codes that are reserved or in wide use beside those of the standard.
RESERVED = (("UK", "GB"),)
# Kosovo has no code of its own in ISO 3166-1; XK and XKX are from the range that the standard leaves to its users.
KOSOVO = ("XK", "XKX", "Kosovo")
ALIASES = """
AE: UAE, Emirates
BA: Bosnia, Bosnia-Hercegovina
BN: Brunei
BO: Bolivia
CD: DRC, DR Congo, Democratic Republic of Congo, Congo-Kinshasa, Congo Kinshasa, Congo (Kinshasa), Zaire, Congo DR
CG: Congo-Brazzaville, Congo (Brazzaville), Congo Republic
CI: Ivory Coast, Cote d Ivoire
CN: PRC, Mainland China, China Mainland
CV: Cape Verde
CZ: Czech Republic
FK: Falklands
FM: Micronesia
GB: Great Britain, Britain, England, Scotland, Wales, Northern Ireland, G.B.
GM: Gambia
GW: Guinea Bissau
HK: Hong Kong SAR, Hong Kong SAR China
IR: Iran
KG: Kirghizia
KN: St Kitts and Nevis, St Kitts, Saint Kitts
KP: North Korea, DPRK, DPR Korea, Korea North, Korea (North), Korea DPR
KR: South Korea, Korea South, Korea (South), ROK, S Korea
LA: Laos, Lao PDR
LC: St Lucia
MD: Moldova
MK: Macedonia, FYROM, Former Yugoslav Republic of Macedonia
MM: Burma
MO: Macau, Macau SAR, Macao SAR
NL: Holland, Nederland
PS: Palestine, Palestinian Territories, Palestinian Territory
RU: Russia
SH: St Helena
ST: Sao Tome
SY: Syria
SZ: Swaziland
TL: East Timor
TR: Turkey, Turkiye
TT: Trinidad
TW: Taiwan
TZ: Tanzania
US: United States of America, U.S. of A.
VA: Vatican, Vatican City, Vatican City State
VC: St Vincent and the Grenadines, St Vincent
VE: Venezuela
VG: BVI, British Virgin Islands
VI: USVI, US Virgin Islands, U.S. Virgin Islands
VN: Vietnam
"""
LOCAL_ALIASES = {
    "ru": """
AE: Эмираты, Арабские Эмираты, Объединенные Арабские Эмираты
BA: Босния
BY: Белоруссия, Республика Беларусь
CN: КНР, Китайская Народная Республика
CZ: Чешская Республика
GB: Англия, Соединенное Королевство
KG: Кыргызстан
KP: Северная Корея
KR: Южная Корея
MD: Молдавия, Республика Молдова
NL: Голландия
RU: РФ, Российская Федерация
TM: Туркмения
US: США, Соединенные Штаты Америки
""",
    "de": """
GB: Großbritannien, England
NL: Holland
US: USA, Vereinigte Staaten von Amerika
""",
}


def listed(table: str) -> Iterator[tuple[str, str]]:
    """Yield the pairs of a name and its code in a table above."""
    for line in table.strip().splitlines():
        code, names = line.split(":", 1)
        for name in names.split(","):
            yield name, code


def turned(name: str) -> str:
    """Return a name that is sorted by its main word as it is spoken: `Korea, Republic of`, `Republic of Korea`."""
    head, _, rest = name.partition(", ")
    return f"{rest} {head}"


def head(name: str) -> str:
    """Return the main word of a name: what stands before its comma or its parenthesis."""
    return name.partition(",")[0].partition("(")[0]


def shortened(names: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield names with their codes, and those with Saint also with St."""
    for name, code in names:
        yield name, code
        if name.startswith(("Saint ", "Sint ")):
            yield f"St {name.partition(' ')[2]}", code
