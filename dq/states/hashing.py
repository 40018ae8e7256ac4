"""A hash of values that is the same on every machine and in every run of one version of Polars.

Text is hashed by Polars, fifty times faster than anything that can be written above it; Polars says of its hash
that another version may change it.  So a sketch that is kept names its `HASH`, and sketches of two different ones
are never merged.  Other values are the integers that stand for them, finished as in SplitMix64 (Steele, Lea and
Flood 2014, with the constants of D. Stafford).  It is no defence against values made to collide.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

HASH = f"polars-{pl.__version__}"
Hashes = npt.NDArray[np.uint64]
Words = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def hash_series(series: pl.Series) -> Hashes:
    """Return one hash for each value of a series without nulls; TypeError for lists."""
    dtype = series.dtype
    if dtype == pl.String:
        return _hash_text(series)
    if isinstance(dtype, pl.Decimal):
        return _hash_wide(series.to_physical())
    if dtype == pl.Float64:
        return _finish((series.to_numpy() + 0.0).view(np.uint64) + _GOLDEN)
    if dtype == pl.Boolean or dtype.is_integer() or dtype.is_temporal():
        return _hash_integers(series.to_physical().cast(pl.Int64).to_numpy())
    raise TypeError(f"values of {dtype} are not hashed")


def _finish(words: Words) -> Hashes:
    """Mix every bit of a word into every other (the finalizer of SplitMix64)."""
    words = (words ^ (words >> np.uint64(30))) * _FIRST
    words = (words ^ (words >> np.uint64(27))) * _SECOND
    return words ^ (words >> np.uint64(31))


def _hash_integers(integers: npt.NDArray[np.int64]) -> Hashes:
    """Hash integers of 64 bits."""
    return _finish(integers.view(np.uint64) + _GOLDEN)


def _hash_wide(integers: pl.Series) -> Hashes:
    """Hash integers of 128 bits; those that fit 64 bits as if they were of 64."""
    try:
        return _hash_integers(integers.cast(pl.Int64).to_numpy())
    except pl.exceptions.InvalidOperationError:
        narrow = integers.cast(pl.Int64, strict=False)
    wide = narrow.is_null()
    hashes = _hash_integers(narrow.fill_null(0).to_numpy()).copy()
    hashes[wide.to_numpy()] = _hash_text(integers.filter(wide).cast(pl.String))
    return hashes


def _hash_text(series: pl.Series) -> Hashes:
    """Hash text."""
    return series.hash().to_numpy()
