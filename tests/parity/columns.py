"""Random canonical columns, and random parameters of checks that bite on them."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import polars as pl
import yaml
from hypothesis import strategies as st

from dq.checks import Check
from dq.dtypes.render import text_of
from dq.dtypes.types import (
    BOOLEAN,
    DATE,
    DATETIME,
    DURATION,
    INTEGER,
    NUMBER,
    OBJECT,
    STRING,
    TIME,
    Family,
    Type,
    decimal,
    list_of,
)

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
SCALARS = (
    STRING,
    INTEGER,
    NUMBER,
    decimal(5, 2),
    decimal(15, 3),
    decimal(38, 10),
    BOOLEAN,
    DATE,
    TIME,
    DATETIME,
    DURATION,
)
TYPES = (*SCALARS, OBJECT, *(list_of(of) for of in SCALARS))
_CHARACTERS = st.characters(exclude_categories=["Cs"])
_WORDS = (
    "",
    "a",
    "ab",
    "abc",
    "A1",
    "1.2.3.4",
    "::1",
    "a@b.co",
    "2026-02-29",
    "ёж",
    "e\u0301",
    "😀",
    "a\n",
    "\na",
    "٣",
    "é",
)


def values(of: Type) -> st.SearchStrategy[Any]:
    """Return canonical values of a type, small and extreme ones."""
    if of.element is not None:
        return st.lists(st.one_of(st.none(), values(of.element)), max_size=4)
    if of.name == "decimal":
        largest = 10 ** (of.precision or 0) - 1
        units = st.one_of(st.integers(-300, 300), st.integers(-largest, largest))
        return units.map(
            lambda count: (
                Decimal(count).scaleb(-(of.scale or 0)) if abs(count) < 10**28 else Decimal(f"{count}e-{of.scale}")
            )
        )
    return {
        "string": st.one_of(
            st.sampled_from(_WORDS), st.text(_CHARACTERS, max_size=6), st.text("ab1.:-@\n", max_size=8)
        ),
        "integer": st.one_of(st.integers(-12, 12), st.integers(-(2**63), 2**63 - 1)),
        "number": st.one_of(
            st.integers(-300, 300).map(lambda count: count / 100),
            st.integers(-300, 300).map(float),
            st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False),
        ),
        "boolean": st.booleans(),
        "date": st.one_of(st.dates(date(2026, 10, 20), date(2026, 11, 5)), st.dates()),
        "time": st.one_of(st.sampled_from([time(0), time(9, 30), time(23, 59, 59, 999999)]), st.times()),
        "datetime": st.one_of(
            st.integers(-90, 90).map(lambda minutes: NOW + timedelta(minutes=minutes)),
            st.datetimes(timezones=st.just(UTC)),
        ),
        "duration": st.timedeltas(timedelta(days=-99), timedelta(days=99)),
        "object": st.dictionaries(st.sampled_from("ab"), st.integers(0, 3), max_size=2).map(json.dumps),
    }[of.name]


def columns(of: Type, pool: list[Any]) -> st.SearchStrategy[pl.Series]:
    """Return columns of up to eight rows: nulls, values from the pool, and others."""
    rows = st.one_of(st.none(), st.sampled_from(pool), values(of))
    return st.lists(rows, max_size=8).map(lambda drawn: pl.Series("field", drawn, dtype=of.polars))


def literal(value: Any, of: Type) -> str:
    """Return the text that an author writes for a value."""
    frame = pl.DataFrame({"v": pl.Series([value], dtype=of.polars)})
    return frame.select(text_of(of, pl.col("v")))["v"][0]


def entries(kind: type[Check], of: Type, pool: list[Any]) -> st.SearchStrategy[Any]:
    """Return parameters of a kind, with literals from the pool.  A kind not named here brings its own example."""
    scalars = [value for value in pool if value is not None and of.element is None]
    texts = [literal(value, of) for value in scalars] if of.family is not Family.OBJECT else [""]
    written = st.sampled_from(texts or [""])
    finer = written.map(lambda text: f"{text}1" if "." in text and of.name == "decimal" and len(text) < 36 else text)
    whole = st.integers(0, 4)
    table: dict[str, st.SearchStrategy[Any]] = {
        "between": st.lists(finer, min_size=2, max_size=2),
        **dict.fromkeys(("minimum", "maximum", "gt", "lt"), finer),
        "accepted_values": st.lists(written, min_size=1, max_size=3),
        "not_accepted_values": st.lists(written, min_size=1, max_size=3),
        "equals": written,
        "multiple_of": st.sampled_from(["1", "3", "10", "0.1", "0.01", "0.5", "2.5", "0.004", "1000"]),
        "pattern": st.sampled_from(
            ["a", "^a$", "a|b", r"^\d+$", "^[^a]*$", r"\w", r"\s", "^.{2}$", "^[a-zё]+$", r"\.", "^$"]
        ),
        "format": st.sampled_from(["ipv4", "ipv6", "email", "date", "hostname", "uri", "base64", "semver"]),
        "min_length": whole,
        "max_length": whole,
        "length": st.one_of(whole, st.fixed_dictionaries({"min": whole, "max": whole})),
        "min_items": whole,
        "max_items": whole,
        "before": st.one_of(written, st.sampled_from(["now", "now-1h", "now+3d"])),
        "after": st.one_of(written, st.sampled_from(["now", "now-1h", "now-3d"])),
    }
    if kind.kind in {"required", "type", "unique"}:
        return st.none()
    if kind.kind == "references":
        return st.just({"file": "keys.csv", "column": "key"})
    if kind.kind == "items":
        return nested(of, pool)
    return table.get(kind.kind, st.just(example_value(kind)))


def nested(of: Type, pool: list[Any]) -> st.SearchStrategy[Any]:
    """Return lists of checks of an element."""
    assert of.element is not None
    inner = [value for values_ in pool for value in values_ or () if value is not None]
    text = st.sampled_from([literal(value, of.element) for value in inner] or ["1"])
    one = st.one_of(
        st.just("required"),
        text.map(lambda word: {"equals": word}),
        text.map(lambda word: {"not_in": [word]}),
        text.map(lambda word: {"minimum": word}),
        st.just({"references": {"file": "keys.csv", "column": "key"}}),
        st.integers(0, 3).map(lambda count: {"max_length": count}),
        st.sampled_from(["a", "^[ab]*$"]).map(lambda pattern: {"pattern": pattern}),
    )
    return st.lists(one, min_size=1, max_size=2)


def example_value(kind: type[Check]) -> Any:
    """Return the parameters of a kind's own example, as plain YAML."""
    entry = yaml.safe_load(kind.example)
    return None if isinstance(entry, str) else next(iter(entry.values()))


def source(value: Any) -> Any:
    """Turn plain values into what a spec holds: the text of each scalar."""
    from dq.params import Scalar

    if isinstance(value, dict):
        return {key: source(item) for key, item in value.items()}
    if isinstance(value, list):
        return [source(item) for item in value]
    return Scalar(str(value).lower() if isinstance(value, bool) else str(value), plain=not isinstance(value, str))
