"""Binding of `dedupe`: the key, the order, and how near duplicates are found."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from dq.diagnostics import did_you_mean
from dq.dtypes.types import Family
from dq.plan.bound import BoundDedupe
from dq.plan.stream_rule import StreamRule
from dq.spec.model import BlockPartModel, ComparedModel
from dq.steps.matching.blocks import BlockPart
from dq.steps.matching.scores import Compared, MatchRule
from dq.steps.matching.similarities import EXACT, EXTRA, PACKAGE, SIMILARITIES, is_installed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.diagnostics import Span
    from dq.plan.bound import BoundField
    from dq.plan.notes import Notes
    from dq.spec.model import DedupeModel, MatchModel

_MATCH = ("dedupe", "match")


def bind_dedupe(notes: Notes, model: DedupeModel | None, fields: Mapping[str, BoundField]) -> BoundDedupe | None:
    """Return the rule of deduplication, or None where there is none; mistakes are noted."""
    if model is None:
        return None
    span = notes.key("dedupe")
    if model.key is None and model.match is None and not notes.document.draft:
        notes.note("DQ321", span, option="dedupe", problem="it needs a key, or a match, to tell which records are one")
    notes.once(model.key, ("dedupe", "key"))
    for index, name in enumerate(model.key or ()):
        _orderable(notes, fields, name, notes.at("dedupe", "key", index), "dedupe.key")
    if model.order_by is not None:
        _orderable(notes, fields, model.order_by, notes.at("dedupe", "order_by"), "dedupe.order_by")
    if model.keep == "merge":
        _note_derived_emptied(notes, fields)
        _note_derived_keys(notes, fields)
    match = _match(notes, model.match, fields) if model.match is not None else None
    key, stream = tuple(model.key or ()), _stream(notes, model, fields)
    return BoundDedupe(key, model.keep, model.order_by, model.prefer == "valid", span, match, stream)


def _stream(notes: Notes, model: DedupeModel, fields: Mapping[str, BoundField]) -> StreamRule | None:
    """Return how a stream finds duplicates, or None where it is not said."""
    given = model.stream
    if given is None:
        return None
    if not model.key:
        problem = "a stream finds duplicates by a key, and there is none"
        notes.note("DQ321", notes.key("dedupe", "stream"), option="stream", problem=problem)
    if given.within <= timedelta(0):
        problem = "nothing is remembered for no time"
        notes.note("DQ322", notes.at("dedupe", "stream", "within"), problem=problem)
    if given.max_keys < 1:
        notes.note("DQ322", notes.at("dedupe", "stream", "max_keys"), problem="no key is remembered")
    if given.time is not None:
        _moment(notes, fields, given.time)
    elif given.late != "accept":
        problem = "it needs `time`, the field with the moment of the event"
        notes.note("DQ321", notes.key("dedupe", "stream", "late"), option="late", problem=problem)
    return StreamRule(given.within, given.max_keys, given.time, given.late)


def _moment(notes: Notes, fields: Mapping[str, BoundField], name: str) -> None:
    """Note a field that holds no moments, or is known too late."""
    span = notes.at("dedupe", "stream", "time")
    if name not in fields:
        notes.absent(name, span, fields, "dedupe.stream.time")
        return
    if fields[name].type.family is not Family.DATETIME:
        kind = str(fields[name].type)
        notes.note("DQ304", span, check="dedupe.stream.time", field=name, type=kind, fits="datetime")
    note_late(notes, fields, frozenset({name}), span, "dedupe")


def note_late(notes: Notes, fields: Mapping[str, BoundField], names: frozenset[str], span: Span, who: str) -> None:
    """Note fields that are derived from values which are imputed only after `who` needs them."""
    for name in sorted(names):
        if name in fields and fields[name].late:
            problem = f"it is derived from an imputed value, which {who} comes before"
            notes.note("DQ321", span, option=name, problem=problem)


def _orderable(notes: Notes, fields: Mapping[str, BoundField], name: str, span: Span, where: str) -> None:
    if name not in fields:
        notes.absent(name, span, fields, where)
        return
    if fields[name].type.family in {Family.LIST, Family.OBJECT}:
        notes.note("DQ304", span, check=where, field=name, type=str(fields[name].type), fits="types that have an order")
    note_late(notes, fields, frozenset({name}), span, "dedupe")


def _note_derived_emptied(notes: Notes, fields: Mapping[str, BoundField]) -> None:
    """Note derived fields that are set to null by a check: they are derived anew where a gap was filled."""
    for field in fields.values():
        for check in field.checks:
            if field.derive is not None and check.on_fail == "set_null":
                problem = (
                    f"{field.name} is derived anew where records are merged, when it is too late to set it to null"
                )
                notes.note("DQ321", check.span, option="on_fail: set_null", problem=problem)


def _note_derived_keys(notes: Notes, fields: Mapping[str, BoundField]) -> None:
    """Note derived keys of lookups: a gap that is filled may change them when the table has given its answer."""
    for field in fields.values():
        for key in field.lookup.keys if field.lookup is not None else ():
            if key in fields and fields[key].derive is not None:
                problem = f"{key} is derived, and may change where records are merged, after it was looked up"
                notes.note("DQ321", notes.key("fields", field.name, "lookup", "by", key), option="by", problem=problem)


def _match(notes: Notes, model: MatchModel, fields: Mapping[str, BoundField]) -> MatchRule:
    compared = tuple(_compared(notes, fields, name, given) for name, given in model.fields.items())
    if any(one.by != EXACT and one.by in SIMILARITIES for one in compared) and not is_installed():
        notes.note("DQ325", notes.key(*_MATCH), kind="match", package=PACKAGE, extra=EXTRA)
    blocks = []
    for number, parts in enumerate(model.blocks):
        bound = tuple(_part(notes, fields, part, (number, place)) for place, part in enumerate(parts))
        if bound in blocks:
            notes.note("DQ324", notes.at(*_MATCH, "blocks", number), name="a block", where="'dedupe.match.blocks'")
        blocks.append(bound)
    for option, share in (("threshold", model.threshold), ("min_compared", model.min_compared)):
        if share == 0 and (option == "threshold" or "min_compared" in model.model_fields_set):
            problem = "0 makes every two records of a block one" if option == "threshold" else "0 asks for no evidence"
            notes.note("DQ322", notes.at(*_MATCH, option), problem=problem)
    if model.max_block < 2:  # noqa: PLR2004 - a pair has two records
        notes.note("DQ322", notes.at(*_MATCH, "max_block"), problem="a block of less than two records has no pair")
    return MatchRule(compared, tuple(blocks), float(model.threshold), float(model.min_compared), model.max_block)


def _compared(notes: Notes, fields: Mapping[str, BoundField], name: str, given: str | ComparedModel) -> Compared:
    """Return how one field is compared."""
    path = (*_MATCH, "fields", name)
    _orderable(notes, fields, name, notes.key(*path), "dedupe.match.fields")
    by = given if isinstance(given, str) else given.by
    if by not in SIMILARITIES:
        span = notes.at(*path) if isinstance(given, str) else notes.at(*path, "by")
        notes.note("DQ327", span, did_you_mean(by, SIMILARITIES), name=by)
    weight = 1.0 if isinstance(given, str) else given.weight
    if not 0 < weight < float("inf"):
        notes.note(
            "DQ307", notes.at(*path, "weight"), what="'weight'", expected="a number above 0", found=f"{weight:g}"
        )
    return Compared(name, by, weight)


def _part(
    notes: Notes, fields: Mapping[str, BoundField], given: str | BlockPartModel, place: tuple[int, int]
) -> BlockPart:
    """Return one part of a block."""
    path = (*_MATCH, "blocks", *place)
    if isinstance(given, str):
        _orderable(notes, fields, given, notes.at(*path), "dedupe.match.blocks")
        return BlockPart(given)
    _orderable(notes, fields, given.field, notes.at(*path, "field"), "dedupe.match.blocks")
    if given.first == 0:
        notes.note("DQ322", notes.at(*path, "first"), problem="no character is the same in every value")
    if given.soundex and given.first is not None:
        problem = "a sound is made of the whole value; take 'first' or 'soundex'"
        notes.note("DQ321", notes.at(*path, "first"), option="first", problem=problem)
    return BlockPart(given.field, given.first, given.soundex)
