"""Exact sums of numbers and of their squares, vectorised.

A number is cut into pieces so small that sums of the pieces, and of their products, cannot overflow or round;
the pieces are summed by numpy and put together as Python's integers and fractions, which have no limit.
"""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable

Sums: TypeAlias = "tuple[Fraction, Fraction]"

_BLOCK = 1 << 18  # numbers at a time: with pieces of 22 bits, sums of products stay below 2**63
_PIECE = 22
_SMALL = 1 << 31  # below this a square fits 62 bits
_LEAVES = 1 << 14  # floats at a time, which stay in the processor's cache
_ROOM = 15  # bits between the greatest of them and the bit at which they are cut: more than their number needs
_SPLITTER = 2.0**27 + 1  # cuts a float's 53 bits in two
_LARGE = 2.0**430  # from here on, and below its inverse, numbers are measured in another unit
_UNIT = 1 << 600


def add_weighted(numbers: Iterable[int], counts: list[int]) -> Sums:
    """Return the sums of a few integers of any width, each taken `counts` times."""
    total = squares = 0
    for number, count in zip(numbers, counts, strict=True):
        total += number * count
        squares += number * number * count
    return Fraction(total), Fraction(squares)


def add_integers(units: pl.Series) -> Sums:
    """Return the sums of integers of any width."""
    if units.dtype == pl.Int128:
        narrow = units.cast(pl.Int64, strict=False)
        if narrow.null_count():
            # Decimals beyond 64 bits are rare enough to be added one by one.
            exact = units.to_list()
            return Fraction(sum(exact)), Fraction(sum(number * number for number in exact))
        units = narrow
    numbers = units.cast(pl.Int64).to_numpy()
    parts = [_add_block(numbers[at : at + _BLOCK]) for at in range(0, len(numbers), _BLOCK)]
    return Fraction(sum(part[0] for part in parts)), Fraction(sum(part[1] for part in parts))


def _add_block(numbers: npt.NDArray[np.int64]) -> tuple[int, int]:
    """Return the sums of a block of integers of 64 bits."""
    total = (int((numbers >> 32).sum()) << 32) + int((numbers & 0xFFFFFFFF).sum())
    if int(numbers.min()) > -_SMALL and int(numbers.max()) < _SMALL:
        products = numbers * numbers
        return total, (int((products >> 32).sum()) << 32) + int((products & 0xFFFFFFFF).sum())
    # The absolute value of the least integer overflows, to a pattern of bits that is right when unsigned.
    sizes = np.abs(numbers).view(np.uint64)
    mask = np.uint64((1 << _PIECE) - 1)
    pieces = [(sizes >> np.uint64(_PIECE * place)) & mask for place in range(3)]
    squares = sum(
        int(np.dot(one, two)) << (_PIECE * (i + j)) for i, one in enumerate(pieces) for j, two in enumerate(pieces)
    )
    return total, squares


def add_floats(numbers: npt.NDArray[np.float64]) -> Sums:
    """Return the sums of finite floats."""
    total = squares = Fraction(0)
    for rows, unit in _ranges(numbers):
        scaled = _scaled(numbers, rows, unit)
        total += _sum(scaled) * unit
        squares += _sum_of_products(scaled, scaled) * unit * unit
    return total, squares


def add_products(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> Fraction:
    """Return the sum of the products of finite floats, pair by pair."""
    total = Fraction(0)
    for (rows, unit), (others, other_unit) in product(_ranges(one), _ranges(two)):
        both = rows & others
        pair = _scaled(one, both, unit), _scaled(two, both, other_unit)
        total += _sum_of_products(*pair) * unit * other_unit
    return total


def _ranges(numbers: npt.NDArray[np.float64]) -> list[tuple[npt.NDArray[np.bool_], Fraction]]:
    """Return which numbers are large, ordinary and tiny, where there are any, and the unit to measure them in.

    Measured so, products and the parts of products are 0 or between 2**-966 and 2**860: no bit of them is lost.
    """
    sizes = np.abs(numbers)
    large, tiny = sizes >= _LARGE, (sizes < 1 / _LARGE) & (sizes > 0)
    parts = [(large, Fraction(_UNIT)), (~(large | tiny), Fraction(1)), (tiny, 1 / Fraction(_UNIT))]
    return [(rows, unit) for rows, unit in parts if rows.any()]


def _scaled(numbers: npt.NDArray[np.float64], rows: npt.NDArray[np.bool_], unit: Fraction) -> npt.NDArray[np.float64]:
    """Return some numbers in a unit that is a power of two, which changes no bit of them."""
    chosen = numbers if rows.all() else numbers[rows]
    return chosen if unit == 1 else chosen * float(1 / unit)


def _sum(numbers: npt.NDArray[np.float64]) -> Fraction:
    """Return the sum of floats that are far from the limits of their range.

    From all numbers of a block what stands above one bit is taken off, so few bits that their sum in floats is exact,
    and then of what is left, until nothing is (Rump, Ogita and Oishi, "Accurate floating-point summation part I",
    2008: their vector extraction).
    """
    total = Fraction(0)
    for at in range(0, len(numbers), _LEAVES):
        rest = numbers[at : at + _LEAVES]
        while most := float(np.abs(rest).max()):
            anchor = math.ldexp(1.0, math.frexp(most)[1] + _ROOM)
            high = (rest + anchor) - anchor
            total += Fraction(float(high.sum()))
            rest = rest - high
    return total


def _sum_of_products(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> Fraction:
    """Return the sum of products of floats of one range.

    A product is the float next to it and a remainder, which is a float too (Dekker, "A floating-point technique for
    extending the available precision", 1971).
    """
    products = one * two
    (a, b), (c, d) = _halves(one), _halves(two)
    remainders = ((a * c - products) + a * d + b * c) + b * d
    return _sum(products) + _sum(remainders)


def _halves(numbers: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return two floats of 26 bits each for each number, whose sum it is."""
    far = numbers * _SPLITTER
    high = far - (far - numbers)
    return high, numbers - high
