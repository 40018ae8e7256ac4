"""`mask`: what is written of a field in accepted rows instead of its value.

Masking is the last thing that happens to a row: every check, key and statistic has seen the real value.  It is
applied to accepted rows between the gate and the writers, and changes the type of the column that is written.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Literal

import polars as pl

from dq.dtypes.render import text_of
from dq.errors import UsageError

if TYPE_CHECKING:
    from dq.dtypes.types import Type

Way = Literal["hash", "redact", "drop"]
REDACTED = "[redacted]"
LEAST_BYTES = 16
HASH_PATTERN = "^[0-9a-f]{64}$"


def check_key(key: bytes) -> bytes:
    """Return a key that is long enough; UsageError for one that is not."""
    if len(key) < LEAST_BYTES:
        raise UsageError(f"the mask key has {len(key)} bytes; it needs at least {LEAST_BYTES}")
    return key


def masked(values: pl.Series, kind: Type, way: Way, key: bytes | None) -> pl.Series:
    """Return a column of accepted rows as text that does not tell its values; null stays null.

    `hash` is HMAC-SHA256 of the canonical text under the key, in hexadecimal: equal values of one type have equal
    hashes, in any field and any run with that key.  `redact` is the same word for every value.
    """
    texts = values.to_frame().select(text_of(kind, pl.col(values.name)))[values.name]
    if way == "redact":
        word = pl.when(pl.col(values.name).is_not_null()).then(pl.lit(REDACTED))
        return texts.to_frame().select(word.alias(values.name))[values.name]
    if key is None:
        raise UsageError("a field is masked by a hash, and no mask key is given")
    distinct = texts.drop_nulls().unique()
    hashes = [hmac.digest(key, text.encode(), "sha256").hex() for text in distinct]
    return texts.replace_strict(distinct, pl.Series(hashes, dtype=pl.String), default=None, return_dtype=pl.String)
