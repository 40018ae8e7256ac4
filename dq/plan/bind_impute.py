"""What `impute` says beside what is learnt: chains of fills, the constant at their end, and indicator columns.

`impute` is one fill or a list of them, each tried where the value is still missing.  Beside a fill, `indicator` names
a boolean column of the canonical row that is true where that fill gave the value; fills of one chain may share it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.diagnostics import did_you_mean
from dq.dtypes.cast import CastOptions
from dq.dtypes.literals import parse_literal
from dq.dtypes.types import BOOLEAN, Type
from dq.params import ParamError, Scalar, describe
from dq.plan.bound import BoundField
from dq.spec.rules import name_problem

if TYPE_CHECKING:
    from dq.plan.notes import Notes
    from dq.spec.model import FieldModel

CONSTANT = "constant"
INDICATOR = "indicator"
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Constant:
    """The value at the end of a chain of fills, and the column that says where it was taken."""

    value: Any = None
    indicator: str | None = None


def is_constant(raw: Any) -> bool:
    """Whether a fill states its value, so that nothing is learnt."""
    return isinstance(raw, Mapping) and CONSTANT in raw


def entries(name: str, stage: str, raw: Any) -> list[tuple[Path, Any]]:
    """Return the entries of a stage of a field with their paths: one, or those of a list."""
    path = ("fields", name, stage)
    if isinstance(raw, list) and raw and stage != "outliers":
        return [((*path, index), entry) for index, entry in enumerate(raw)]
    return [] if raw is None else [(path, raw)]


def indicator_of(raw: Any) -> str | None:
    """Return the column that a fill names, or None."""
    named = raw.get(INDICATOR) if isinstance(raw, Mapping) else None
    return named.text if isinstance(named, Scalar) and not named.is_null else None


def bind_constant(notes: Notes, name: str, raw: Any, kind: Type) -> Constant:
    """Return the constant at the end of a chain; one that is none, or stands before other fills, is noted."""
    found = Constant()
    listed = entries(name, "impute", raw)
    for at, (path, entry) in enumerate(listed, start=1):
        if not is_constant(entry):
            continue
        if at < len(listed):
            problem = "it leaves nothing missing for what stands behind it; put it last"
            notes.note("DQ321", notes.key(*path, CONSTANT), option=CONSTANT, problem=problem)
        known = [CONSTANT, INDICATOR]
        for key in entry:
            if key not in known:
                notes.note("DQ305", notes.key(*path, key), did_you_mean(key, known), kind="impute", key=key)
        found = Constant(_value(notes, path, entry[CONSTANT], kind), indicator_of(entry))
    return found


def _value(notes: Notes, path: Path, raw: Any, kind: Type) -> Any:
    """Return the value of a constant, or None after noting what is wrong with it."""
    span = notes.at(*path, CONSTANT)
    if not isinstance(raw, Scalar) or raw.is_null:
        expected = f"a value of type {kind}"
        notes.note("DQ307", span, what="'constant' of 'impute'", expected=expected, found=describe(raw))
        return None
    try:
        return parse_literal(kind, raw.text)
    except (ValueError, ParamError):
        notes.note("DQ318", span, value=raw.text, type=str(kind), kind="impute", key=CONSTANT)
        return None


def bind_indicators(notes: Notes, fields: Mapping[str, FieldModel]) -> dict[str, BoundField]:
    """Return the indicator columns by name, in order of their fields; names that cannot be are noted."""
    bound: dict[str, BoundField] = {}
    for name, path, column in _named(notes, fields):
        span = notes.at(*path)
        if problem := name_problem(column):
            notes.note("DQ206", span, name=column, problem=problem)
        elif column in fields:
            notes.note("DQ321", span, option=INDICATOR, problem=f"a field of this spec is called {column}")
        elif column in bound and bound[column].indicates != name:
            problem = f"{column} is the indicator of {bound[column].indicates}"
            notes.note("DQ321", span, option=INDICATOR, problem=problem)
        else:
            bound.setdefault(column, _field(notes, name, column, path))
    return bound


def _named(notes: Notes, fields: Mapping[str, FieldModel]) -> Iterator[tuple[str, Path, str]]:
    """Yield every indicator that is named: its field, its place, its name."""
    for name, field in fields.items():
        for path, entry in entries(name, "impute", field.impute):
            if isinstance(entry, Mapping) and INDICATOR in entry:
                column = indicator_of(entry)
                place = (*path, INDICATOR)
                if column is None:
                    found = describe(entry[INDICATOR])
                    notes.note("DQ203", notes.at(*place), key=INDICATOR, expected="the name of a column", found=found)
                else:
                    yield name, place, column


def _field(notes: Notes, of: str, name: str, path: Path) -> BoundField:
    """Return the column that says where a field was filled, as a field that nothing is asked of."""
    return BoundField(
        name=name,
        type=BOOLEAN,
        required=False,
        pii=False,
        description=f"Whether {of} was missing and was filled.",
        missing=None,
        steps=(),
        options=CastOptions(),
        derive=None,
        impute=None,
        checks=(),
        span=notes.at(*path),
        late=True,
        indicates=of,
    )
