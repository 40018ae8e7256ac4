"""What to say of a name that no registry has at its place: where it belongs, or what was probably meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.checks import CHECKS
from dq.checks.expectations import EXPECTATIONS
from dq.diagnostics import did_you_mean
from dq.steps.base import TEXT_STEPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dq.plan.notes import Notes
    from dq.spec.model import KindNode

ROW_KINDS = ("assert", "unique")
ELSEWHERE = {  # what other tools call the same
    "allowed": "accepted_values",
    "choices": "accepted_values",
    "in": "accepted_values",
    "one_of": "accepted_values",
    "values": "accepted_values",
    "greater_than": "gt",
    "less_than": "lt",
    "greater_than_or_equal_to": "minimum",
    "less_than_or_equal_to": "maximum",
    "in_range": "between",
    "range": "between",
    "eq": "equals",
    "matches": "pattern",
    "regexp": "pattern",
    "rlike": "pattern",
    "not_empty": "min_length",
    "non_null": "required",
    "nullable": "required",
    "distinct": "unique",
    "primary_key": "unique",
    "relationships": "references",
    "foreign_key": "references",
    "expression": "assert",
    "sql": "assert",
    "trim": "strip",
    "lowercase": "lower",
    "uppercase": "upper",
    "capitalize": "title",
    "squeeze": "collapse_whitespace",
    "unaccent": "remove_accents",
    "normalize": "nfkc",
    "substring": "slice",
    "zfill": "pad",
}


def note_unknown(notes: Notes, code: str, node: KindNode, known: Iterable[str]) -> None:
    """Note a name that is not among the known ones of its place: `code` where it is known nowhere, else DQ326."""
    names = tuple(known)
    home = _home(node.name)
    if home is not None:
        notes.note("DQ326", node.span, name=node.name, home=home)
        return
    near = did_you_mean(node.name, (*names, *ELSEWHERE))
    meant = near if near is None or near in names else ELSEWHERE[near]
    notes.note(code, node.span, meant if meant in names else did_you_mean(node.name, names), name=node.name)


def _home(name: str) -> str | None:
    """Return in words what a name is and where it belongs, or None if no registry has it."""
    if name in CHECKS.names():
        return "a check of one field, under 'checks' of the field"
    if name == "assert":
        return "a check of whole rows, under 'checks' of the spec"
    if name in TEXT_STEPS.names():
        return "a cleaning step, under 'clean' of a field"
    expectation = EXPECTATIONS.find(name)
    if expectation is None:
        return None
    owner = "the spec" if expectation.scope == "batch" else "a field"
    return f"an expectation, under 'expect' of {owner}"
