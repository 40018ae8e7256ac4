"""A hash of values that is the same on every machine, in every version and in every run.

Sketches are kept in files and merged later, so that their hash must not change; Polars says of its own that it
may.  This one is defined here: 64 bits, over the bytes of UTF-8 text or over the integer that stands for a
value, eight bytes at a time (xor, multiply, shift), finished as in SplitMix64 (Steele, Lea and Flood 2014,
with the constants of D. Stafford).  It is no defence against values made to collide.
"""

from __future__ import annotations

import hashlib

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]
Words = npt.NDArray[np.uint64]
Offsets = npt.NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_HALF = np.uint64(32)
_TAIL = np.array([(1 << (8 * kept)) - 1 for kept in range(8)], dtype=np.uint64)
_BLOCK = 16_384  # values at a time, so that the work stays in the processor's cache
_LONG = 1024  # bytes above which a text is hashed by BLAKE2b, one by one


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
    lengths = series.str.len_bytes().cast(pl.Int64)
    long = lengths > _LONG
    if not long.any():
        return _hash_short(series, lengths.to_numpy())
    hashes = np.empty(len(series), np.uint64)
    hashes[(~long).to_numpy()] = _hash_short(series.filter(~long), lengths.filter(~long).to_numpy())
    hashes[long.to_numpy()] = [_hash_long(text) for text in series.filter(long)]
    return hashes


def _hash_long(text: str) -> int:
    """Hash one long text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _hash_short(series: pl.Series, lengths: Offsets) -> Hashes:
    """Hash texts of at most `_LONG` bytes, block by block."""
    characters = series.cast(pl.Binary).cast(pl.List(pl.UInt8)).explode(empty_as_null=False).to_numpy()
    buffer = np.concatenate([characters, np.zeros(8, np.uint8)])
    # Eight bytes from every byte on, read in place: words overlap and need not be aligned.
    words: Words = np.ndarray(shape=(len(buffer) - 7,), dtype="<u8", buffer=buffer, strides=(1,))
    starts = np.cumsum(lengths) - lengths
    hashes = np.empty(len(lengths), np.uint64)
    for at in range(0, len(lengths), _BLOCK):
        part = slice(at, at + _BLOCK)
        hashes[part] = _hash_block(words, starts[part], lengths[part])
    return hashes


def _hash_block(words: Words, starts: Offsets, lengths: Offsets) -> Hashes:
    """Hash the texts of one block: full words first, shortest texts first, then what is left of each."""
    order = np.argsort((lengths >> 3).astype(np.uint16), kind="stable")
    at, sizes = starts[order], lengths[order]
    full = sizes >> 3
    begin = np.searchsorted(full, np.arange(full[-1]), side="right")
    state = sizes.astype(np.uint64) * _GOLDEN
    for first in begin:
        _absorb(state[first:], words[at[first:]])
        at[first:] += 8
    _absorb(state, words[at] & _TAIL[sizes & 7])
    hashes = np.empty_like(state)
    hashes[order] = _finish(state)
    return hashes


def _absorb(state: Hashes, words: Words) -> None:
    """Take one word into each state, in place."""
    state ^= words
    state *= _FIRST
    state ^= state >> _HALF
