"""The geometry of the page's pictures: numbers only, in the units of each picture's view box.

The templates write the SVG, so that everything that data can reach passes through their escaping.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DOORS = ("accepted", "quarantined", "deduplicated", "filtered")

_STEM = 120.0  # the height of what was read
_SLOT = 38.0  # the least height of a door: its label has two lines
_GAP = 6.0
_HEAD = 28.0  # room for the label above the stem: nothing rises above it, since every place is as high as its block
_LEFT, _RIGHT = 14.0, 170.0  # where the ribbons begin and end
_THIN = 1.5  # what is there is seen

BAR = 100.0  # the length of a bar: its pieces are in per cent


@dataclass(frozen=True, slots=True)
class Door:
    """One way out of the picture of the flow: a ribbon to a block with a label beside it."""

    name: str
    count: int
    share: float
    top: float
    height: float
    middle: float
    ribbon: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The records that were read and the doors through which they left."""

    height: float
    stem_top: float
    stem: float
    doors: tuple[Door, ...]


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a bar: what it stands for, where it begins and how long it is."""

    name: str
    x: float
    width: float


def flow(records: dict[str, int]) -> Flow:
    """Return the picture of the records: blocks as high as their share, each in a place high enough for its label."""
    read = records["read"]
    heights = [_STEM * records[door] / read if read else 0.0 for door in DOORS]
    slots = [max(_SLOT, height) for height in heights]
    total = _HEAD + sum(slots) + _GAP * (len(slots) - 1)
    doors, top, start = [], _HEAD, _HEAD
    for name, height, slot in zip(DOORS, heights, slots, strict=True):
        seen = max(height, _THIN) if records[name] else 0.0
        middle = top + slot / 2
        block = middle - seen / 2
        ribbon = _ribbon(start, start + height, block, block + seen) if seen else ""
        share = records[name] / read if read else 0.0
        doors.append(Door(name, records[name], share, _round(block), _round(seen), _round(middle), ribbon))
        top += slot + _GAP
        start += height
    return Flow(_round(total), _HEAD, _STEM, tuple(doors))


def _ribbon(top: float, bottom: float, out_top: float, out_bottom: float) -> str:
    """Return the path of a band that leaves the stem and bends to its door."""
    bend = (_LEFT + _RIGHT) / 2
    a, b, c, d = (_round(value) for value in (top, out_top, out_bottom, bottom))
    return (
        f"M{_LEFT:g} {a:g}C{bend:g} {a:g} {bend:g} {b:g} {_RIGHT:g} {b:g}"
        f"V{c:g}C{bend:g} {c:g} {bend:g} {d:g} {_LEFT:g} {d:g}Z"
    )


def _round(value: float) -> float:
    return round(value, 1)


def stacked(parts: dict[str, int], length: float = BAR) -> tuple[Segment, ...]:
    """Return the pieces of a bar of counts; the least is two units long, at the longest one's cost."""
    total = sum(parts.values())
    if not total:
        return ()
    widths = {name: max(2.0, length * value / total) for name, value in parts.items() if value}
    longest = max(widths, key=lambda name: widths[name])
    widths[longest] -= sum(widths.values()) - length
    pieces, x = [], 0.0
    for name, width in widths.items():
        pieces.append(Segment(name, _round(x), _round(width)))
        x += width
    return tuple(pieces)


def bar(value: float, most: float, length: float = BAR) -> float:
    """Return the length of a bar that is full at `most`; what is not nothing is seen."""
    return max(1.0, _round(length * value / most)) if value and most else 0.0


def tick(share: float | None, length: float = BAR) -> float | None:
    """Return where the mark of a threshold stands on a bar."""
    return None if share is None else _round(length * share)


@dataclass(frozen=True, slots=True)
class Histogram:
    """The columns of a histogram as one path, and what stands below its two ends."""

    path: str
    first: Any
    last: Any
    below: int
    above: int


def columns(found: dict[str, Any], width: float = 200.0, height: float = 50.0) -> Histogram:
    """Return a histogram of the report as a path; a column that is not empty is seen."""
    counts = found["counts"]
    most, step = max(counts) or 1, width / len(counts)
    parts = []
    for place, counted in enumerate(counts):
        if counted:
            left, up = _round(place * step), max(1.0, _round(height * counted / most))
            parts.append(f"M{left:g} {height:g}v{-up:g}h{_round(step * 0.9):g}V{height:g}z")
    return Histogram("".join(parts), found["from"], found["to"], found["below"], found["above"])


@dataclass(frozen=True, slots=True)
class Column:
    """One bin of two samples: a wide column with a narrower one before it."""

    x: float
    width: float
    inset: float
    reference: float
    batch: float


@dataclass(frozen=True, slots=True)
class Overlay:
    """Two histograms over the same bins, and what stands below the first and the last."""

    columns: tuple[Column, ...]
    first: str
    last: str


def overlay(bins: list[dict[str, Any]], labels: list[str], width: float = 240.0, height: float = 96.0) -> Overlay:
    """Return two samples in the same bins, each as shares of its own total, over one scale."""
    shares = {}
    for side in ("reference", "batch"):
        total = sum(found[side] for found in bins)
        shares[side] = [found[side] / total if total else 0.0 for found in bins]
    most = max(max(side) for side in shares.values()) or 1.0
    step = width / len(bins)
    columns = tuple(
        Column(
            _round(place * step + step * 0.06),
            _round(step * 0.88),
            _round(step * 0.22),
            _round(height * reference / most),
            _round(height * batch / most),
        )
        for place, (reference, batch) in enumerate(zip(shares["reference"], shares["batch"], strict=True))
    )
    return Overlay(columns, labels[0], labels[-1])
