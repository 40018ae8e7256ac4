"""What a spec asks too early or too late: of a value that does not exist yet, or that was never read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dq.plan.bound import BoundCheck, BoundExpectation, BoundField
    from dq.plan.notes import Notes


def note_timing(
    notes: Notes,
    fields: Mapping[str, BoundField],
    derived: Iterable[BoundField],
    expectations: Iterable[BoundExpectation],
) -> None:
    """Note checks that set a value to null when it is too late, or on a condition that is not known yet.

    `derived` is in the order in which derived fields are computed.
    """
    known = {name for name, field in fields.items() if field.is_read}
    for name in sorted(known):
        _conditions(notes, fields[name], frozenset(known))
    for field in derived:
        if field.late:
            _changed_before_it_is(notes, field)
            for check in _emptying(field):
                problem = f"{field.name} is derived from an imputed value; by then everything was learnt"
                notes.note("DQ321", check.span, option="on_fail: set_null", problem=problem)
        else:
            known.add(field.name)
            _conditions(notes, field, frozenset(known))
    for bound in expectations:
        if bound.expectation.raw and bound.field is not None and not fields[bound.field].is_read:
            problem = f"{bound.field} is computed, so no record could lack it; ask what it is derived from"
            notes.note("DQ321", bound.span, option=bound.expectation.kind, problem=problem)


def _changed_before_it_is(notes: Notes, field: BoundField) -> None:
    """Note steps that would change a value which is looked up only after them."""
    if field.lookup is not None and field.changed_late:
        problem = "it is looked up by an imputed value, after everything was repaired and imputed"
        notes.note("DQ321", field.span, option=field.name, problem=problem)


def _emptying(field: BoundField) -> list[BoundCheck]:
    return [check for check in field.checks if check.on_fail == "set_null" and check.kind != "type"]


def _conditions(notes: Notes, field: BoundField, known: frozenset[str]) -> None:
    """Note conditions of checks that set to null, where they read what is derived later."""
    for check in _emptying(field):
        for name in sorted((check.where.fields if check.where is not None else frozenset()) - known):
            problem = f"{name} is derived later than a value is set to null"
            notes.note("DQ321", check.span, option="where", problem=problem)
