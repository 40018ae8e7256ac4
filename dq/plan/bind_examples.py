"""Binding of examples: records become Python values, and what they claim must speak of the spec that they stand in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from dq.diagnostics import did_you_mean
from dq.params import Scalar
from dq.plan.bound import BoundExample

if TYPE_CHECKING:
    from dq.plan.bound import BoundField
    from dq.plan.notes import Notes
    from dq.spec.model import ExamplesModel, Spec

_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]{1,3})?\Z", re.ASCII)


def bind_examples(
    notes: Notes, spec: Spec, fields: Mapping[str, BoundField], ids: Sequence[str]
) -> tuple[BoundExample, ...]:
    """Return the examples, valid ones first, after noting names of fields and ids (`ids` are all) that are wrong."""
    if spec.examples is None:
        return ()
    _note_unknown_ids(notes, spec.examples, ids)
    bound = tuple(_bound(notes, spec.examples))
    if spec.unknown_fields == "ignore":
        for example in bound:
            _note_unread_fields(notes, example, fields)
    return bound


def _bound(notes: Notes, examples: ExamplesModel) -> Iterator[BoundExample]:
    """Yield the examples with their places."""
    for number, record in enumerate(examples.valid):
        yield BoundExample(f"valid[{number}]", python_value(record), (), notes.at("examples", "valid", number))
    for number, example in enumerate(examples.invalid):
        span = notes.at("examples", "invalid", number)
        yield BoundExample(f"invalid[{number}]", python_value(example.record), tuple(example.violates), span)


def _note_unknown_ids(notes: Notes, examples: ExamplesModel, ids: Sequence[str]) -> None:
    """Note every id in `violates` that no check of the spec has."""
    for number, example in enumerate(examples.invalid):
        path = ("examples", "invalid", number, "violates")
        notes.once(example.violates, path)
        for index, given in enumerate(example.violates):
            if given not in ids:
                notes.note("DQ323", notes.at(*path, index), did_you_mean(given, ids), id=given)


def _note_unread_fields(notes: Notes, example: BoundExample, fields: Mapping[str, BoundField]) -> None:
    """Note every field of an example that no record brings: where unknown ones are ignored it would mean nothing."""
    kind, _, number = example.place.rstrip("]").partition("[")
    path = ("examples", kind, int(number), *(("record",) if example.violates else ()))
    read = [name for name, field in fields.items() if field.is_read]
    for name in example.record:
        if name not in read:
            notes.note("DQ350", notes.key(*path, name), did_you_mean(name, read), field=name)


def python_value(raw: Any) -> Any:
    """Return a raw value of a spec as a record of JSON would have it: text, numbers with all their digits, null.

    A scalar without quotes is a number, a truth value or null where JSON would write it so, and text else: `007` and
    `2026-11-01` are texts.
    """
    if isinstance(raw, Mapping):
        return {str(key): python_value(value) for key, value in raw.items()}
    if isinstance(raw, Sequence) and not isinstance(raw, str):
        return [python_value(value) for value in raw]
    if not isinstance(raw, Scalar):
        return raw
    if raw.is_null:
        return None
    return _plain(raw.text) if raw.plain else raw.text


def _plain(text: str) -> Any:
    """Return what a scalar without quotes means."""
    if text in {"true", "false"}:
        return text == "true"
    if _WHOLE.match(text):
        return int(text)
    return Decimal(text) if _NUMBER.match(text) else text
