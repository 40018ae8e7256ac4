"""How many stored records two specs treat differently: by the door they leave through, by check, by field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import polars as pl

from dq.engines.base import NoDoors, Settings
from dq.engines.batch import BatchRun
from dq.engines.inputs import bind_paths
from dq.outcome import Door

if TYPE_CHECKING:
    from datetime import datetime

    from dq.engines.inputs import Input
    from dq.outcome import Outcome
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk

_KEY = ["\x00input", "\x00record"]  # names that no field has
_DOOR, _BECAUSE = "\x00door", "\x00because"


class _Noted:
    """Watches a run, and keeps of each record its door, why, and a hash of each of its values."""

    def __init__(self, fields: Sequence[str]) -> None:
        """Keep the fields whose values are compared."""
        self._fields = list(fields)
        self._parts: list[pl.DataFrame] = []

    def record(self, item: Input, chunk: Chunk, outcome: Outcome) -> None:
        """Note one chunk of an input."""
        records = np.asarray(chunk.record)
        reasons = [_checks(text) for text in outcome.refused.reasons]
        hashes = outcome.accepted.select(pl.col(name).hash(seed=0).alias(name) for name in self._fields)
        self._note(item, records[outcome.accepted_rows], Door.ACCEPTED, [""] * outcome.accepted.height, hashes)
        self._note(item, records[outcome.refused.rows], Door.QUARANTINED, reasons)
        self._note(item, records[outcome.filtered_rows], Door.FILTERED, outcome.filtered_by)
        lost = records[outcome.deduplicated_rows]
        self._note(item, lost, Door.DEDUPLICATED, ["dedupe"] * len(lost))
        unreadable = np.array([each.record for each in chunk.unreadable], dtype=np.int64)
        self._note(item, unreadable, Door.QUARANTINED, [each.code for each in chunk.unreadable])

    def _note(
        self, item: Input, records: Any, door: Door, because: Sequence[str], hashes: pl.DataFrame | None = None
    ) -> None:
        """Keep what became of some records by one door."""
        key = pl.DataFrame({_KEY[1]: pl.Series(records, dtype=pl.Int64)}).with_columns(pl.lit(item.name).alias(_KEY[0]))
        told = key.with_columns(pl.lit(str(door)).alias(_DOOR), pl.Series(_BECAUSE, because, dtype=pl.String))
        nothing = pl.DataFrame({name: pl.Series([None] * len(records), dtype=pl.UInt64) for name in self._fields})
        self._parts.append(pl.concat([told, nothing if hashes is None else hashes], how="horizontal"))

    def close(self) -> None:
        """Nothing waits."""

    def report(self) -> dict[str, Any]:
        """Add nothing to the report of the run."""
        return {}

    def frame(self) -> pl.DataFrame:
        """Return a row for each record."""
        return pl.concat(self._parts) if self._parts else pl.DataFrame()


def _checks(reasons: bytes) -> str:
    """Return the checks that refused a record, as one text."""
    refusing = (reason["check"] for reason in orjson.loads(reasons) if reason["severity"] == "error")
    return ", ".join(dict.fromkeys(refusing))


def compare_stored(
    old: CompiledPlan, new: CompiledPlan, paths: Sequence[str], form: str | None, now: datetime
) -> dict[str, Any]:
    """Return, as JSON values, how many records of some files change their door, or their values where they keep it.

    Each spec learns from these records on its own, where it learns.  Reading is each spec's own, too: records are
    matched by their number in the file.
    """
    types = {name: field.type for name, field in old.by_name.items()}
    fields = [field.name for field in new.fields if types.get(field.name) == field.type]
    first, second = (_noted(plan, paths, form, now, fields) for plan in (old, new))
    if first.is_empty() or second.is_empty():
        return {"read": 0, "changed_door": 0, "changed_values": 0, "doors": [], "values": {}}
    both = first.join(second, on=_KEY, how="full", suffix="\x00new", coalesce=True, maintain_order="left_right")
    moved = both.filter(pl.col(_DOOR).ne_missing(pl.col(f"{_DOOR}\x00new")))
    kept = both.filter((pl.col(_DOOR) == str(Door.ACCEPTED)) & (pl.col(f"{_DOOR}\x00new") == str(Door.ACCEPTED)))
    changed = {name: kept[name].ne_missing(kept[f"{name}\x00new"]) for name in fields}
    touched = pl.DataFrame(changed).select(pl.any_horizontal(pl.all())).to_series().sum() if fields else 0
    return {
        "read": both.height,
        "changed_door": moved.height,
        "changed_values": int(touched),
        "doors": _moves(moved),
        "values": {name: int(where.sum()) for name, where in changed.items() if where.any()},
    }


def _noted(
    plan: CompiledPlan, paths: Sequence[str], form: str | None, now: datetime, fields: Sequence[str]
) -> pl.DataFrame:
    """Return what becomes of each record under one spec."""
    noted = _Noted(fields)
    settings = Settings(now=now, profile=False, gate=False)
    BatchRun(plan, bind_paths(plan, list(paths), form), settings, NoDoors(), recorders=[noted]).run()
    return noted.frame()


def _moves(moved: pl.DataFrame) -> list[dict[str, Any]]:
    """Return how many records went from one door to another, by what sent them there or held them back."""
    columns = (_DOOR, _BECAUSE, f"{_DOOR}\x00new", f"{_BECAUSE}\x00new")
    counted: Counter[tuple[Any, ...]] = Counter(moved.select(columns).iter_rows())
    named = [
        {"old": old, "new": new, "because": because_new or because_old or None, "records": count}
        for (old, because_old, new, because_new), count in counted.items()
    ]
    return sorted(named, key=lambda each: (-each["records"], str(each["old"]), str(each["new"]), str(each["because"])))


def in_words(found: Mapping[str, Any]) -> list[str]:
    """Return the lines that tell of stored records."""
    read, doors, values = found["read"], found["changed_door"], found["changed_values"]
    lines = [f"stored records: {read} read, {doors} change their door, {values} their values"]
    lines += [
        f"  {each['records']:>8} {each['old'] or 'not read'} -> {each['new'] or 'not read'}"
        + (f" ({each['because']})" if each["because"] else "")
        for each in found["doors"]
    ]
    return lines + [f"  {count:>8} other values of {name}" for name, count in found["values"].items()]
