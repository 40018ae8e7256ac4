"""How a report's values are said: one spelling of counts, shares, numbers and data for every renderer.

Nothing here asks the locale.  Data reaches a person only through `plain` and `shown`, which write characters that
cannot be seen (controls, marks of direction, line ends) as escapes, so that no value moves a cursor, reorders a line
or forges one.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

FATES = {"quarantine": "refused", "set_null": "set null", "keep": "kept", "abort": "abort"}
BELOW = frozenset({"fail", "warn", "waived", "known"})  # verdicts of a share below what must pass
_SIGNIFICANT = 6
_PLAIN_BELOW = 1e15  # above it a float has no digits after the point, and its exponent says more


def plain(value: Any, limit: int = 40) -> str:
    """Return a value as one line of printable text, cut to `limit` characters."""
    text = ", ".join(f"{key}={item}" for key, item in value.items()) if isinstance(value, dict) else str(value)
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def lines(text: str) -> str:
    """Return text of several lines with every character printable but the line ends; nothing is cut."""
    return "\n".join(plain(line, len(line) * 10 + 1) for line in text.split("\n"))


def seen(data: bytes) -> bytes:
    """Return JSON texts, each on lines of its own, in which every character that cannot be seen is a JSON escape.

    JSON lets line ends other than its own, marks of direction and the C1 controls stand as they are: there are readers
    that cut lines at them, and terminals that obey them.  The values stay the same.
    """
    if data.isascii() and b"\x7f" not in data:
        return data
    text = data.decode()
    for char in sorted(set(text)):
        if not char.isprintable() and char != "\n":
            text = text.replace(char, re.sub("(....)", r"\\u\1", char.encode("utf-16-be").hex()))
    return text.encode()


def percent(part: float) -> str:
    """Return a share in per cent that never rounds something to nothing, or less than all to all."""
    if 0 < part < 0.0001:  # noqa: PLR2004
        return "<0.01%"
    if 0.9999 < part < 1:  # noqa: PLR2004
        return ">99.99%"
    return f"{part:.2%}"


def limit_percent(part: float) -> str:
    """Return a share that a spec states, with no more digits than it needs: `99.9%`."""
    return f"{part * 100:.6g}%"


def count(number: int) -> str:
    """Return a count with a comma between thousands."""
    return f"{number:,}"


def several(number: int, one: str, many: str | None = None) -> str:
    """Return a count with its noun: `1 row`, `2,000 rows`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def number(value: float) -> str:
    """Return a number with six significant digits, all of its whole ones, and a comma between thousands."""
    if isinstance(value, int):
        return f"{value:,}"
    size = abs(value)
    if size and not 10 ** (2 - _SIGNIFICANT) <= size < _PLAIN_BELOW:
        return f"{value:.{_SIGNIFICANT}g}"
    whole = math.floor(math.log10(size)) + 1 if size >= 1 else 0
    text = f"{value:,.{max(0, _SIGNIFICANT - max(whole, 0))}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def shown(value: Any, limit: int = 60) -> str:
    """Return a value of the data as a page shows it: JSON's words for truth values and lists, one printable line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return plain(", ".join(f"{key} = {shown(item, limit)}" for key, item in value.items()), limit * 2)
    if isinstance(value, list):
        return plain(json.dumps(value, ensure_ascii=False), limit)
    return plain(value, limit)


def measure(value: Any) -> str:
    """Return a statistic: a number formatted, anything else (a decimal, a moment) as the text that it is."""
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else shown(value)


def size(bytes_read: int) -> str:
    """Return a number of bytes in decimal units: `1,097 B`, `104 MB`."""
    amount, unit = float(bytes_read), "B"
    for bigger in ("kB", "MB", "GB", "TB"):
        if amount < 1000:  # noqa: PLR2004
            break
        amount, unit = amount / 1000, bigger
    return f"{bytes_read:,} B" if unit == "B" else f"{amount:.3g} {unit}"


def verdict_words(check: dict[str, Any]) -> str:
    """Return the verdict of a check in words, with the share that must pass where the spec gives one.

    Where the gate counts refused records instead of judging checks, say what became of the rows that failed.
    """
    if check["verdict"] == "tolerated":
        return FATES[check["on_fail"]]
    verdict = str(check["verdict"]).replace("_", " ")
    if check["mostly"] is None:
        return verdict
    return f"{verdict}, {'<' if check['verdict'] in BELOW else '≥'}{check['mostly'] * 100:g}%"


def place(example: dict[str, Any]) -> str:
    """Return where an example stands, in the form that editors and terminals make a link of: `orders.csv:12`."""
    source = plain(example["source"], 80)
    return f"{source}:{example['line']}" if example["line"] is not None else f"{source}, record {example['record']:,}"
