"""Binding of checks written as YAML, and their verdicts on columns, for tests."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import yaml

from dq.checks import Check, Target, load
from dq.checks.lists import bind
from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.types import Type, parse_type
from dq.params import Raw, Scalar

NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
KEYS = ("MSK-1", "SPB-2")
load()


def raw(node: yaml.Node) -> Raw:
    """Turn a node into what the loader of specs would give: source texts, with whether they were plain."""
    if isinstance(node, yaml.ScalarNode):
        return Scalar(node.value, plain=node.style is None)
    if isinstance(node, yaml.SequenceNode):
        return [raw(item) for item in node.value]
    return {key.value: raw(item) for key, item in node.value}


def check(text: str, of: str | Type = "string", keys: tuple[str, ...] = KEYS) -> Check:
    """Bind one entry of `checks:` to a field of a type; checks of several rows are bound too."""
    from dq.checks import CHECKS  # the registry as it is now

    entry = raw(yaml.compose(text))
    of = parse_type(of) if isinstance(of, str) else of
    target = Target("field", of, lambda _file, _column: keys)
    name = entry.text if isinstance(entry, Scalar) else next(iter(entry))
    kind = CHECKS.find(name)
    if kind is not None and kind.set_level:
        return kind(kind.Params(), target)
    return bind(entry, target)


def column(texts: tuple[str | None, ...] | list[str | None], of: str | Type) -> pl.Series:
    """Cast texts to a column of a type; every text must be castable."""
    of = parse_type(of) if isinstance(of, str) else of
    frame = pl.DataFrame({"field": pl.Series(texts, dtype=pl.String)})
    series = frame.select(cast(of, CastOptions()).expression(pl.col("field"), None).alias("field"))["field"]
    assert [value is None for value in series] == [text is None for text in texts]
    return series


def verdicts(bound: Check, series: pl.Series, now: datetime = NOW) -> list[bool | None]:
    """Return the row verdicts of the expression."""
    return series.to_frame("field").select(bound.expression(pl.col("field"), now).alias("v"))["v"].to_list()


def judge(text: str, of: str, *texts: str | None) -> list[bool | None]:
    """Bind a check, cast the texts, and return the verdicts."""
    return verdicts(check(text, of), column(list(texts), of))
