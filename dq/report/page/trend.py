"""Many runs as pictures: columns for the shares of refused records, squares for verdicts, a line for a measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 600.0, 96.0  # the view box of the columns and of a line
TONES = {"pass": "ok", "warn": "warn", "fail": "bad"}
_THIN = 2.0  # what is not nothing is seen
_GAP = 0.15  # of a place, between two columns


@dataclass(frozen=True, slots=True)
class Piece:
    """A rectangle of a picture and its tone."""

    x: float
    y: float
    width: float
    height: float
    tone: str


@dataclass(frozen=True, slots=True)
class Line:
    """A measure over the runs: dots, the paths that join those of neighbouring runs, and the height of its limit."""

    dots: tuple[tuple[float, float], ...]
    path: str
    limit: float


def columns(shares: Sequence[float], verdicts: Sequence[str]) -> tuple[Piece, ...]:
    """Return a column for each run, the highest as high as the picture; a run without refusals has a thin one."""
    step, most = WIDTH / len(shares), max(shares) or 1.0
    pieces = []
    for place, (share, verdict) in enumerate(zip(shares, verdicts, strict=True)):
        height = max(_THIN, HEIGHT * share / most)
        x, width = place * step, step * (1 - _GAP)
        pieces.append(Piece(_round(x), _round(HEIGHT - height), _round(width), _round(height), TONES[verdict]))
    return tuple(pieces)


def squares(verdicts: Sequence[str | None], width: float = 160.0, height: float = 12.0) -> tuple[Piece, ...]:
    """Return a square for each run that asked: its verdict; runs that did not ask leave a gap."""
    step = min(height + 2, width / len(verdicts))
    return tuple(
        Piece(_round(place * step), 0.0, _round(step * (1 - _GAP)), height, TONES.get(verdict, "note"))
        for place, verdict in enumerate(verdicts)
        if verdict is not None
    )


def line(values: Sequence[float | None], limit: float) -> Line:
    """Return a measure from 0 up; the limit and the greatest value are within the picture."""
    known = [value for value in values if value is not None]
    most = max([*known, limit]) or 1.0
    step = WIDTH / max(1, len(values) - 1)
    heights = [None if value is None else _round(HEIGHT - HEIGHT * value / most) for value in values]
    dots = tuple((_round(place * step), y) for place, y in enumerate(heights) if y is not None)
    parts, drawn = [], False
    for place, y in enumerate(heights):
        if y is not None:
            parts.append(f"{'L' if drawn else 'M'}{_round(place * step):g} {y:g}")
        drawn = y is not None
    return Line(dots, "".join(parts), _round(HEIGHT - HEIGHT * limit / most))


def _round(value: float) -> float:
    return round(value, 1) + 0.0  # no negative zero
