r"""Where in a record a field lies: `customer.email`, `items[0].sku`, `a\.b`.

A dot separates keys, `[n]` takes the n-th element of an array (from 0), and a backslash makes the next dot,
bracket or backslash part of the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_TOKEN = re.compile(r"(?P<key>(?:[^.\[\]\\]|\\[.\[\]\\])+)|(?P<dot>\.)|\[(?P<index>0|[1-9][0-9]{0,8})\]", re.ASCII)


class Absent:
    """The type of `ABSENT`, which says that a record has nothing at a path; null is something."""

    def __repr__(self) -> str:
        """Return the name of the only instance."""
        return "ABSENT"


ABSENT: Final = Absent()


@dataclass(frozen=True, slots=True)
class Path:
    """A path into a record: keys of objects (str) and indices of arrays (int); the first part is a key."""

    parts: tuple[str | int, ...]

    @property
    def root(self) -> str:
        """The key of the record itself that the path begins with."""
        return str(self.parts[0])

    def __str__(self) -> str:
        """Return the path as it is written, so that `parse_path(str(path)) == path`."""
        text = ""
        for part in self.parts:
            if isinstance(part, int):
                text += f"[{part}]"
            else:
                text += ("." if text else "") + re.sub(r"([.\[\]\\])", r"\\\1", part)
        return text

    def find(self, record: dict[str, Any]) -> Any:
        """Return what the record has at this path, or ABSENT.  A negative or too large index finds nothing."""
        value: Any = record
        for part in self.parts:
            if isinstance(part, str):
                if not isinstance(value, dict) or part not in value:
                    return ABSENT
            elif not isinstance(value, list) or part >= len(value):
                return ABSENT
            value = value[part]
        return value


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Read a path as written in a spec.  ValueError says in words what is wrong and at which character."""
    parts: list[str | int] = []
    position = 0
    key_expected = True
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(_complaint(text, position))
        if (match.lastgroup == "key") != key_expected:
            raise ValueError(_misplaced(match.lastgroup or "key", position))
        if match.lastgroup == "key":
            parts.append(re.sub(r"\\(.)", r"\1", match["key"]))
        elif match.lastgroup == "index":
            parts.append(int(match["index"]))
        key_expected = match.lastgroup == "dot"
        position = match.end()
    if key_expected:
        raise ValueError("a path ends with a key, not with a dot" if parts else "a path cannot be empty")
    return Path(tuple(parts))


def _complaint(text: str, position: int) -> str:
    """Say why no token begins at this position."""
    if text[position] == "\\":
        return f"the backslash at character {position + 1} of a path must stand before a dot, a bracket or a backslash"
    place = f"the bracket at character {position + 1} of a path"
    return f"{place} must hold an index, such as [0]; write \\[ for a literal one"


def _misplaced(group: str, position: int) -> str:
    """Say why a token cannot stand where it stands."""
    if group == "key":
        return f"a dot is missing at character {position + 1} of a path"
    return f"a key is missing at character {position + 1} of a path"
