"""`percent`: percentages and shares."""

from __future__ import annotations

import re

from dq.steps.base import TEXT_STEPS
from dq.steps.domains.numerals import MarkedDomain, ascii_digits

_PLACES = {"": 0, "%": -2, "\u066a": -2, "\ufe6a": -2, "\uff05": -2, "\u2030": -3, "\u0609": -3, "\u2031": -4}
_WORD = re.compile(r"(?:percent|per cent|pct\.?|процент(?:а|ов)?)\Z", re.IGNORECASE)  # noqa: RUF001 -- Russian
_SIGNS = "".join(_PLACES)


@TEXT_STEPS.register
class Percent(MarkedDomain):
    """Turns a percentage into the share it means, exactly: `5%` becomes `0.05`.

    The sign may stand before or after the number; the words percent, per cent, pct and процент are read too, and so
    are the signs of per mille and per ten thousand.  A number without a sign is a share already: `0.05` stays
    `0.05`, and `5` stays `5`, five hundred percent, which a check of the range should catch.
    """

    kind = "percent"
    title = "turn percentages into shares"
    example = 'percent: {decimal: ".", otherwise: keep}'
    example_values = (
        ("5%", "0.05"),
        ("12.5 %", "0.125"),
        ("100 percent", "1"),
        ("3‰", "0.003"),
        ("0.05", "0.05"),
        ("5%%", "5%%"),
    )
    accepts = "a percentage or a share"

    def standardize(self, text: str) -> str | None:
        """Return the share plainly."""
        bare, sign = _parted(_WORD.sub("%", ascii_digits(text)))
        found = self.reader.read(bare)
        return None if found is None else found.shifted(_PLACES[sign]).plain()


def _parted(text: str) -> tuple[str, str]:
    """Return a text without the sign at its end or at its beginning, and the sign."""
    if text[-1] in _SIGNS:
        return text[:-1].rstrip(" \xa0\u202f"), text[-1]
    if text[0] in _SIGNS:
        return text[1:].lstrip(" \xa0\u202f"), text[0]
    return text, ""
