"""`us_state`: states and territories of the United States."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from dq.params import Word
from dq.steps.base import TEXT_STEPS
from dq.steps.domains.domain import Domain, DomainParams
from dq.steps.domains.names import find, name_table

# Code, name, and what people write besides: the abbreviations of the Government Publishing Office and older ones.
_STATES = """
AL Alabama|Ala
AK Alaska
AZ Arizona|Ariz
AR Arkansas|Ark
CA California|Calif|Cal
CO Colorado|Colo
CT Connecticut|Conn
DE Delaware|Del
DC District of Columbia|Washington DC|Washington D C
FL Florida|Fla
GA Georgia
HI Hawaii|Hawai'i
ID Idaho
IL Illinois|Ill
IN Indiana|Ind
IA Iowa
KS Kansas|Kans|Kan
KY Kentucky
LA Louisiana
ME Maine
MD Maryland
MA Massachusetts|Mass
MI Michigan|Mich
MN Minnesota|Minn
MS Mississippi|Miss
MO Missouri
MT Montana|Mont
NE Nebraska|Nebr|Neb
NV Nevada|Nev
NH New Hampshire|N H
NJ New Jersey|N J
NM New Mexico|N Mex|N M
NY New York|N Y|New York State
NC North Carolina|N C|N Carolina
ND North Dakota|N Dak|N D|N Dakota
OH Ohio
OK Oklahoma|Okla
OR Oregon|Oreg|Ore
PA Pennsylvania|Penn|Penna
RI Rhode Island|R I
SC South Carolina|S C|S Carolina
SD South Dakota|S Dak|S D|S Dakota
TN Tennessee|Tenn
TX Texas|Tex
UT Utah
VT Vermont
VA Virginia
WA Washington|Wash|Washington State
WV West Virginia|W Va|W Virginia
WI Wisconsin|Wis|Wisc
WY Wyoming|Wyo
AS American Samoa
GU Guam
MP Northern Mariana Islands|Commonwealth of the Northern Mariana Islands
PR Puerto Rico|P R
VI U.S. Virgin Islands|Virgin Islands|US Virgin Islands
AA Armed Forces Americas
AE Armed Forces Europe
AP Armed Forces Pacific
"""
_ROWS = [(line[:2], *line[3:].split("|")) for line in _STATES.strip().splitlines()]


class UsStateParams(DomainParams):
    """The `format` that is written: the code of two letters, or the name."""

    shorthand = "format"
    format: Annotated[Literal["code", "name"], Word] = Field("code", description="What is written: code or name.")


@TEXT_STEPS.register
class UsState(Domain):
    """Reads a state, district, inhabited territory or military region of the US Postal Service (Publication 28).

    Codes, names and the customary abbreviations are read, in any letter case and with or without points.
    """

    kind = "us_state"
    title = "standardize states of the US"
    example = "us_state: code"
    example_values = (
        ("california", "CA"),
        ("N.Y.", "NY"),
        ("Wash.", "WA"),
        ("tx", "TX"),
        ("Washington, D.C.", "DC"),
        ("Ontario", "Ontario"),
    )
    accepts = "a state or territory of the US"
    longest = 128
    Params = UsStateParams

    def __init__(self, params: Any) -> None:
        """Make the table."""
        super().__init__(params)
        self._names = {code: name for code, name, *_ in _ROWS}
        self._table = name_table(
            ((code, code) for code in self._names), ((name, row[0]) for row in _ROWS for name in row[1:])
        )

    def standardize(self, text: str) -> str | None:
        """Return the code or the name."""
        code = find(self._table, text)
        return code if code is None or self.params.format == "code" else self._names[code]
