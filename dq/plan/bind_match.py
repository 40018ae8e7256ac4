"""Binding of `match`: which records a spec takes when a folder of specs is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.sources.paths import parse_path

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.plan.notes import Notes

Match = tuple[tuple[str, tuple[str, ...]], ...]


def bind_match(notes: Notes, stated: Mapping[str, str | list[str]] | None) -> Match:
    """Return the paths and the values that records have there, sorted; nothing if the spec states none."""
    if stated is None:
        return ()
    if not stated:
        notes.note("DQ360", notes.key("match"), problem="it names no path")
    bound = []
    for path, values in stated.items():
        listed = (values,) if isinstance(values, str) else tuple(values)
        try:
            parse_path(path)
        except ValueError as error:
            notes.note("DQ360", notes.key("match", path), problem=error)
        if not listed:
            notes.note("DQ360", notes.at("match", path), problem="no value is listed, so no record could be taken")
        bound.append((path, tuple(sorted(set(listed)))))
    return tuple(sorted(bound))
