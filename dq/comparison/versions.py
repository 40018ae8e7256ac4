"""Versions by SemVer 2.0: which part of one was raised, and whether that is enough."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dq.comparison.change import Part

_PARTS: tuple[Part, ...] = ("major", "minor", "patch")
_NUMBERS = re.compile(r"([0-9]+)\.([0-9]+)\.([0-9]+)", re.ASCII)


def numbers(version: str) -> tuple[int, int, int]:
    """Return major, minor and patch of a version that was found to be one."""
    match = _NUMBERS.match(version)
    if match is None:
        raise ValueError("this is no version by SemVer 2.0")
    return int(match[1]), int(match[2]), int(match[3])


def is_enough(old: str, new: str, needed: Part | None) -> bool:
    """Whether the step from one version to the next says as much as the changes need (None: there are none).

    Before 1.0.0 a minor version may break, so there the step below the needed one will do (SemVer 2.0, 4).  A version
    that goes back is never enough.
    """
    first, second = numbers(old), numbers(new)
    if needed is None:
        return second >= first
    place = _PARTS.index(needed) + (first[0] == 0 and needed != "patch")
    return second > first and second[: place + 1] > first[: place + 1]


def least(old: str, needed: Part) -> str:
    """Return the least version that says that much."""
    parts = list(numbers(old))
    place = _PARTS.index(needed) + (parts[0] == 0 and needed != "patch")
    parts[place] += 1
    parts[place + 1 :] = [0] * (2 - place)
    return ".".join(map(str, parts))
