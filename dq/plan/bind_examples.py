"""Binding of examples: what they claim must speak of the spec that they stand in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.diagnostics import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.plan.notes import Notes
    from dq.spec.model import ExamplesModel


def note_unknown_ids(notes: Notes, examples: ExamplesModel | None, ids: Sequence[str]) -> None:
    """Note every id in `violates` that no check of the spec has; `ids` are those of all checks."""
    for number, example in enumerate(examples.invalid if examples is not None else ()):
        path = ("examples", "invalid", number, "violates")
        notes.once(example.violates, path)
        for index, given in enumerate(example.violates):
            if given not in ids:
                notes.note("DQ323", notes.at(*path, index), did_you_mean(given, ids), id=given)
