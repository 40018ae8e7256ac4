"""Distinct: how many different values there are."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from dq.states.base import STATES, State
from dq.states.hashing import HASH, Hashes
from dq.states.values import FEW

if TYPE_CHECKING:
    from typing import Self

    from dq.states.values import Values

Registers = npt.NDArray[np.uint8]
_INDEX_BITS = 12
_REST_BITS = 64 - _INDEX_BITS
_REST = np.uint64((1 << _REST_BITS) - 1)
_SIZE = 1 << _INDEX_BITS
STANDARD_ERROR = 1.04 / math.sqrt(_SIZE)  # 1.6 %


@STATES.register
@dataclass(frozen=True, slots=True)
class Distinct(State):
    """The number of distinct values: exact up to 1000, above that an estimate with a standard error of 1.6 %.

    Up to 1000 the hashes themselves are kept, sorted; more are folded into the registers of a HyperLogLog
    (Flajolet et al. 2007), whose maxima know no order, and estimated as by O. Ertl ("New cardinality
    estimation algorithms for HyperLogLog sketches", 2017), which has no range where it is biased.  Exactly
    one of the two is in use: `registers` is empty until there are too many hashes.
    """

    kind = "distinct"
    reveals = False
    hashes: tuple[int, ...] = ()
    registers: bytes = b""

    @classmethod
    def neutral(cls) -> Self:
        """Return the state of no values."""
        return cls()

    @classmethod
    def fit(cls, values: Values) -> Self:
        """Hash all values.  Lists are not counted."""
        if values.present.dtype.is_nested():
            return cls()
        hashes = values.hashes
        return cls._few(set(hashes.tolist())) if values.table else cls((), _fold(hashes))

    @classmethod
    def _few(cls, hashes: set[int]) -> Self:
        """Return the state of these hashes, whether they are few or not."""
        if len(hashes) <= FEW:
            return cls(tuple(sorted(hashes)))
        return cls((), _fold(np.array(sorted(hashes), np.uint64)))

    def merge(self, other: Self) -> Self:
        """Unite the hashes, or take the greater of each register."""
        if not self.registers and not other.registers:
            return self._few({*self.hashes, *other.hashes})
        return type(self)((), np.maximum(self.maxima, other.maxima).tobytes())

    def update(self, values: Values) -> Self:
        """Return this state with more values: only hashes that could raise the lowest register are looked at."""
        if not self.registers or values.present.dtype.is_nested() or values.table:
            return self.merge(self.fit(values))
        hashes, maxima = values.hashes, self.maxima
        low = (hashes & _REST) < np.uint64(1 << (_REST_BITS - int(maxima.min())))
        return type(self)((), np.maximum(maxima, np.frombuffer(_fold(hashes[low]), np.uint8)).tobytes())

    @property
    def maxima(self) -> Registers:
        """The registers, made from the hashes if need be."""
        return np.frombuffer(self.registers or _fold(np.array(self.hashes, np.uint64)), np.uint8)

    @property
    def exact(self) -> bool:
        """Whether `estimate` is the true number."""
        return not self.registers

    @property
    def estimate(self) -> int:
        """The number of distinct values."""
        return _estimate(self.maxima) if self.registers else len(self.hashes)

    def as_json(self) -> dict[str, Any]:
        """Return the name of the hash, and the hashes in hexadecimal or the registers in base64."""
        if self.registers:
            return {"hash": HASH, "registers": base64.b64encode(self.registers).decode()}
        return {"hash": HASH, "hashes": [f"{number:016x}" for number in self.hashes]}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Self:
        """Return the state that `as_json` described; ValueError where another hash was used, which cannot be merged."""
        if raw["hash"] != HASH:
            raise ValueError(f"values were hashed by {raw['hash']}, and here {HASH} is used")
        if "registers" in raw:
            return cls((), base64.b64decode(raw["registers"]))
        return cls(tuple(int(text, 16) for text in raw["hashes"]))

    def report(self) -> dict[str, Any]:
        """Return the number, and whether it is exact."""
        return {"distinct": self.estimate, "distinct_exact": self.exact}


def _fold(hashes: Hashes) -> bytes:
    """Return the registers: for each index, one more than the longest run of leading zeros of the rest."""
    rest = hashes & _REST
    least = np.full(_SIZE, 1 << _REST_BITS, np.uint64)
    np.minimum.at(least, (hashes >> np.uint64(_REST_BITS)).astype(np.int64), rest)
    # The exponent of a float below 2**53 is the integer's number of bits.
    bits = np.frexp(least.astype(np.float64))[1]
    return (_REST_BITS + 1 - bits).astype(np.uint8).tobytes()


def _estimate(registers: Registers) -> int:
    """Return Ertl's improved estimate (his algorithm 6)."""
    count = np.bincount(registers, minlength=_REST_BITS + 2).tolist()
    z = _SIZE * _tau(1 - count[_REST_BITS + 1] / _SIZE)
    for value in range(_REST_BITS, 0, -1):
        z = (z + count[value]) / 2
    z += _SIZE * _sigma(count[0] / _SIZE)
    return round(_SIZE * _SIZE / (2 * math.log(2) * z))


def _sigma(x: float) -> float:
    """Return x + sum of x**(2**k) * 2**(k-1) over k >= 1, which corrects for empty registers."""
    if x == 1:
        return math.inf
    total, weight, before = x, 1.0, -1.0
    while total != before:
        x, before = x * x, total
        total += x * weight
        weight *= 2
    return total


def _tau(x: float) -> float:
    """Return (1 - x - sum of (1 - x**(2**-k))**2 * 2**-k over k >= 1) / 3, which corrects for full registers."""
    if x in {0.0, 1.0}:
        return 0.0
    total, weight, before = 1 - x, 1.0, -1.0
    while total != before:
        x, before = math.sqrt(x), total
        weight /= 2
        total -= (1 - x) ** 2 * weight
    return total / 3
