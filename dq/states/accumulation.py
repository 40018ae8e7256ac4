"""Exact sums of numbers and of their squares, vectorised.

A number is cut into pieces so small that sums of the pieces, and of their products, cannot overflow or round;
the pieces are summed by numpy and put together as Python's integers, which have no limit.
"""

from __future__ import annotations

from fractions import Fraction
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
_HALF = 27  # of a float's 53 bits
_QUARTER = 26
_BIAS = 1100  # more than the least exponent of a float, so that exponents can index an array


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
    for at in range(0, len(numbers), _BLOCK):
        fractions, exponents = np.frexp(numbers[at : at + _BLOCK])
        mantissas = np.ldexp(fractions, 53).astype(np.int64)
        index = exponents.astype(np.int64) + _BIAS
        total += _by_exponent(index, [(mantissas, 0)], 1)
        high, low = mantissas >> _HALF, mantissas & ((1 << _HALF) - 1)
        squares += _by_exponent(index, [(high * high, 2 * _HALF), (high * low, _HALF + 1), (low * low, 0)], 2)
    return total, squares


def add_products(one: npt.NDArray[np.float64], two: npt.NDArray[np.float64]) -> Fraction:
    """Return the sum of the products of finite floats, pair by pair."""
    total = Fraction(0)
    for at in range(0, len(one), _BLOCK):
        (a, a_index), (b, b_index) = (_pieces(side[at : at + _BLOCK]) for side in (one, two))
        mixed = a[0] * b[1] + a[1] * b[0]
        total += _by_exponent(a_index + b_index, [(a[0] * b[0], 2 * _HALF), (mixed, _HALF), (a[1] * b[1], 0)], 1)
    # Each pair has two exponents, of which one is taken into account above.
    return total * Fraction(2) ** (-_BIAS - 53)


def _pieces(numbers: npt.NDArray[np.float64]) -> tuple[list[npt.NDArray[np.int64]], npt.NDArray[np.int64]]:
    """Return the high and the low piece of each mantissa, and the exponents as indices."""
    fractions, exponents = np.frexp(numbers)
    mantissas = np.ldexp(fractions, 53).astype(np.int64)
    return [mantissas >> _HALF, mantissas & ((1 << _HALF) - 1)], exponents.astype(np.int64) + _BIAS


def _by_exponent(index: npt.NDArray[np.int64], terms: list[tuple[npt.NDArray[np.int64], int]], power: int) -> Fraction:
    """Return the sum of terms, each shifted left by its own number of bits and scaled by its exponent.

    A term's value is `integer * 2**shift * 2**(power * (exponent - 53))`.
    """
    sums: dict[int, int] = {}
    for term, shift in terms:
        for part, more in ((term >> _QUARTER, _QUARTER), (term & ((1 << _QUARTER) - 1), 0)):
            # Sums of 2**18 parts of at most 28 bits stay below 2**53, where floats are exact integers.
            binned = np.bincount(index, weights=part.astype(np.float64))
            for place in np.flatnonzero(binned).tolist():
                sums[place] = sums.get(place, 0) + (int(binned[place]) << (shift + more))
    least = min(sums, default=_BIAS)
    whole = sum(number << (power * (place - least)) for place, number in sums.items())
    return Fraction(whole) * Fraction(2) ** (power * (least - _BIAS - 53))
