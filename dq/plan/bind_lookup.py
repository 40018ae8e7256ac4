"""Binding of `lookup`: the table is read, typed and checked when the spec is compiled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.checks.base import suited
from dq.dtypes.literals import parse_literal
from dq.dtypes.types import Family, Type
from dq.params import ParamError
from dq.plan.bound import BoundCheck
from dq.steps.lookup import Lookup, TableError, typed_table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.diagnostics import Span
    from dq.plan.notes import Notes
    from dq.plan.references import References
    from dq.spec.model import FieldModel, LookupModel

SCALAR = frozenset(Family) - {Family.LIST, Family.OBJECT}
NOT_READ = ("clean", "missing", "formats")


def bind_lookup(
    notes: Notes, name: str, field: FieldModel, types: Mapping[str, Type], references: References
) -> Lookup | None:
    """Return the lookup of a field, or None where it has none or after noting what is wrong with it."""
    model = field.lookup
    if model is None:
        return None
    before = len(notes.diagnostics)
    path = ("fields", name, "lookup")
    if field.derive is not None:
        notes.note("DQ321", notes.key(*path), option="lookup", problem="a derived field is computed, not looked up")
    for key in NOT_READ:
        if key in field.model_fields_set and not model.fill:
            problem = "the field is looked up, not read; fill: true would do both"
            notes.note("DQ321", notes.key("fields", name, key), option=key, problem=problem)
    _note_keys(notes, name, model, types)
    default = _default(notes, path, model, types[name])
    if len(notes.diagnostics) > before or not model.by.keys() <= types.keys():  # a lost field was noted elsewhere
        return None
    try:
        return _read(name, model, types, references, default)
    except ParamError as error:
        notes.note(error.code, _place(notes, path, model, error), _near(error), file=model.file, **_problem(error))
        return None


def _place(notes: Notes, path: tuple[str | int, ...], model: LookupModel, error: ParamError) -> Span:
    """Return where the mistake in a table was written: at a column, or at the file."""
    column = error.values.get("column")
    for field, named in model.by.items():
        if named == column:
            return notes.at(*path, "by", field)
    if column is None:
        return notes.at(*path, "file")
    return notes.at(*path, "take") if model.take == column else notes.key(*path)


def _near(error: ParamError) -> str | None:
    near = error.values.get("suggestion")
    return near if isinstance(near, str) else None


def _problem(error: ParamError) -> dict[str, object]:
    return {"problem": error.values["problem"]}


def _note_keys(notes: Notes, name: str, model: LookupModel, types: Mapping[str, Type]) -> None:
    """Note fields that cannot be the key."""
    for key in model.by:
        span = notes.key("fields", name, "lookup", "by", key)
        if key not in types:
            notes.absent(key, span, types, "lookup.by")
        elif key == name:
            notes.note("DQ321", span, option="by", problem=f"{key} is what is looked up")
        elif types[key].family not in SCALAR:
            notes.note("DQ304", span, check="lookup.by", field=key, type=str(types[key]), fits=suited(SCALAR))


def _default(notes: Notes, path: tuple[str | int, ...], model: LookupModel, kind: Type) -> Any:
    """Return the value of an unknown key, or None."""
    if model.default is None:
        return None
    span = notes.at(*path, "default")
    if "otherwise" in model.model_fields_set:
        notes.note("DQ321", span, option="default", problem="'otherwise' says what becomes of an unknown key")
    try:
        return parse_literal(kind, model.default.text)
    except ValueError:
        notes.note("DQ318", span, value=model.default.text, type=str(kind), kind="lookup")
        return None


def _read(name: str, model: LookupModel, types: Mapping[str, Type], references: References, default: Any) -> Lookup:
    """Read the table.  ParamError DQ320 where it cannot be used."""
    take = model.take or name
    texts, kinds = references.table(model.file, (*model.by.values(), take))
    try:
        table = typed_table(texts, kinds, model.by, types, take, types[name])
    except TableError as error:
        raise ParamError("DQ320", "file", file=model.file, problem=str(error)) from error
    return Lookup(
        file=model.file,
        sha256=references.sum(model.file),
        keys=tuple(model.by),
        columns=tuple(model.by.values()),
        take=take,
        otherwise=model.otherwise,
        default=model.default.text if model.default is not None else None,
        fill=model.fill,
        table=table,
        default_value=default,
    )


def unknown_key(name: str, lookup: Lookup, span: Span) -> BoundCheck:
    """Return the check that refuses a key that the table does not have; its answer comes from the lookup."""
    return BoundCheck(
        id=f"{name}.lookup",
        kind="lookup",
        dimension="consistency",
        field=name,
        severity="error",
        on_fail="quarantine",
        mostly=None,
        where=None,
        expected=lookup.expected(),
        reads=frozenset({name, *lookup.keys}),
        span=span,
    )
