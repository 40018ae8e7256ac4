"""Reasons of refused rows, built check by check as JSON text.

A batch may refuse every row, so no dict is made for a row: what a check says of all its rows is one text with a
hole for the value, and the values of a column become JSON in one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import polars as pl

from dq.outcome import Reason, Refused, json_texts
from dq.plan.rows import Rows, json_values, seen_column, text_column
from dq.sources.base import UNKNOWN_COLUMN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt

    from dq.plan.bound import BoundCheck


def refuse(
    checks: Iterable[BoundCheck], rows: Rows, refused: npt.NDArray[np.bool_], fails: Mapping[str, pl.Series]
) -> Refused:
    """Return the refused rows with all of their reasons, warnings included, in the order of the checks.

    `fails` has the failing masks by id, and under `unknown:` and the id the rows for which an assertion is unknown.
    """
    positions = np.flatnonzero(refused)
    if not len(positions):
        return Refused(positions, [])
    found: list[bytes] = [b""] * len(positions)
    slot = np.cumsum(refused) - 1
    for check in checks:
        mask = fails.get(check.id)
        if mask is None:
            continue
        where = np.flatnonzero(mask.to_numpy() & refused)
        unknown = fails.get("unknown:" + check.id)
        unknowns = None if unknown is None else unknown.to_numpy()[where]
        for at, text in zip(slot[where].tolist(), _texts(check, rows, where, unknowns), strict=True):
            found[at] = found[at] + b"," + text if found[at] else text
    return Refused(rows.rows()[positions], [b"[" + text + b"]" for text in found])


def _texts(
    check: BoundCheck, rows: Rows, where: npt.NDArray[np.int64], unknowns: npt.NDArray[np.bool_] | None
) -> list[bytes]:
    """Return the JSON text of one check's reason for each of these rows."""
    before, after = _around(check, unknown=False)
    texts = [before + value + after for value in _value_texts(rows, check, where)]
    if unknowns is not None:
        known, instead = before, _around(check, unknown=True)[0]
        for at in np.flatnonzero(unknowns).tolist():
            texts[at] = instead + texts[at][len(known) :]
    return texts


def _around(check: BoundCheck, *, unknown: bool) -> tuple[bytes, bytes]:
    """Return what stands before and behind the value in a check's reason."""
    reason: Reason = {
        "check": check.id,
        "code": reason_code(check, unknown=unknown),
        "field": check.field,
        "value": None,
        "message": check.expected,
        "severity": check.severity,
    }
    names = list(reason)
    place = names.index("value")
    before = orjson.dumps({name: reason[name] for name in names[:place]})  # type: ignore[literal-required]
    after = orjson.dumps({name: reason[name] for name in names[place + 1 :]})  # type: ignore[literal-required]
    return before[:-1] + b',"value":', b"," + after[1:]


def _value_texts(rows: Rows, check: BoundCheck, where: npt.NDArray[np.int64]) -> list[bytes]:
    """Return the JSON text of the value that a check's reason shows for each of these rows."""
    columns = [_json_texts(series[where]) for series in _columns(rows, check)]
    if check.field is not None or check.kind == "unknown_fields":
        return columns[0]
    if not columns:
        return [b"null"] * len(where)
    names = [orjson.dumps(name) for name in sorted(check.reads)]
    template = b"{" + b",".join(name.replace(b"%", b"%%") + b":%b" for name in names) + b"}"
    return [template % values for values in zip(*columns, strict=True)]


def values_of(rows: Rows, check: BoundCheck, where: npt.NDArray[np.int64]) -> list[Any]:
    """Return the values that a check's reason shows for these rows: JSON values."""
    columns = [_json_values(series[where]) for series in _columns(rows, check)]
    if check.field is not None or check.kind == "unknown_fields":
        return columns[0]
    names = sorted(check.reads)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)] or [None] * len(where)


def _columns(rows: Rows, check: BoundCheck) -> list[pl.Series]:
    """Return the columns that a check's reason shows: of one field, or of each that an assertion reads."""
    if check.kind == "unknown_fields":
        return [rows.frame[UNKNOWN_COLUMN]]
    names = sorted(check.reads) if check.field is None else [check.field]
    return [rows.frame[shown_column(rows, check, name)] for name in names]


def shown_column(rows: Rows, check: BoundCheck, field: str) -> str:
    """Return the name of the column whose values the reasons of a check show."""
    if check.kind in {"filter", "lookup"}:
        return seen_column(check.id, field)
    if check.on_fail == "set_null" and check.kind != "type":
        return text_column(field) + ":value"
    if check.kind in {"type", "clean"} and rows.has(text_column(field)):
        return text_column(field)
    return field


def _json_values(series: pl.Series) -> list[Any]:
    return series.to_list() if series.name == UNKNOWN_COLUMN else json_values(series)


def _json_texts(series: pl.Series) -> list[bytes]:
    """Return the JSON text of each value."""
    values = _json_values(series)
    return [orjson.dumps(value) for value in values] if series.dtype == pl.List else json_texts(values)


def reason_code(check: BoundCheck, *, unknown: bool) -> str:
    """Return the stable word of the fault that a check found."""
    if check.kind == "filter":
        return "filter.unknown"
    if check.kind == "lookup":
        return "lookup.unknown"
    if check.kind == "assert":
        return "rule.unknown" if unknown else "rule.false"
    return check.kind
