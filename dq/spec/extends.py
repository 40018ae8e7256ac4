"""One spec that narrows another: the merged nodes, and every place where the child would weaken its base.

Nodes keep the file in their places, so a mistake in the merged spec points into the file that holds the text.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, TypeAlias

from dq.catalog import diagnose
from dq.params import read_share
from dq.spec.model import FieldModel, Spec, SpecModel
from dq.spec.nodes import Entry, MappingNode, Node, ScalarNode, SequenceNode, to_raw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dq.diagnostics import Diagnostic, Span

Notes: TypeAlias = "list[Diagnostic]"

_OWN = frozenset({"dq", "event", "version", "description", "examples", "extends", "match"})  # never taken from the base
_OVERRIDING = frozenset({"owner", "tags", "output"})  # the base's where the child says nothing
_MEMBERSHIP = frozenset({"accepted_values", "isin", "in_set", "enum"})


def merge(child: MappingNode, base: MappingNode) -> tuple[MappingNode, list[Diagnostic]]:
    """Return the base narrowed by the child, and DQ209 for whatever the child says that does not narrow."""
    notes: list[Diagnostic] = []
    entries = {key: entry for key, entry in base.entries.items() if key not in _OWN}
    for key, entry in child.entries.items():
        old = entries.get(key)
        if key in _OWN or key in _OVERRIDING:
            entries[key] = entry
        else:
            entries[key] = _narrow(_TOP.get(key) or _otherwise(key, Spec), key, old, entry, notes)
    return MappingNode(child.span, entries), notes


def _narrow(rule: _Rule, key: str, old: Entry | None, new: Entry, notes: Notes) -> Entry:
    """Return the entry that a rule makes of the base's and the child's."""
    return Entry(new.key, rule(key, old.value if old else None, new, notes))


def _weaken(notes: Notes, span: Span, problem: str) -> None:
    """Note that the child would not narrow its base."""
    notes.append(diagnose("DQ209", span, problem=problem))


def _otherwise(key: str, model: type[SpecModel]) -> _Rule:
    """Return the rule for a key that may not change; what is no key at all, the structure refuses."""
    return _keep if key in model.model_fields else _own


def _keep(key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Allow only what the base says too."""
    if old is None or not _same(old, new.value):
        verb = "changes" if old is not None else "adds"
        _weaken(notes, new.key.span, f"it {verb} '{key}', which only the base may say")
    return new.value if old is None else old


def _same(one: Node, other: Node) -> bool:
    """Return whether two nodes say the same, wherever they stand."""
    return _plainly(to_raw(one)) == _plainly(to_raw(other))


def _plainly(raw: object) -> object:
    """Return raw values without their places."""
    if isinstance(raw, dict):
        return {key: _plainly(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_plainly(value) for value in raw]
    return str(raw)


def _own(_key: str, _old: Node | None, new: Entry, _notes: Notes) -> Node:
    """Allow whatever the child says."""
    return new.value


def narrow_field(old: MappingNode, new: MappingNode, notes: list[Diagnostic]) -> MappingNode:
    """Return one field narrowed by what stands in its new definition; DQ209 for what does not narrow it."""
    entries = dict(old.entries)
    for key, entry in new.entries.items():
        entries[key] = _narrow(_FIELD.get(key) or _otherwise(key, FieldModel), key, entries.get(key), entry, notes)
    return MappingNode(new.span, entries)


def _fields(_key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Narrow the base's fields, each by itself; new ones are refused."""
    if not isinstance(old, MappingNode) or not isinstance(new.value, MappingNode):
        return new.value
    entries = dict(old.entries)
    for name, entry in new.value.entries.items():
        known = entries.get(name)
        if known is None:
            _weaken(notes, entry.key.span, f"it adds the field '{name}', which the base does not have")
            entries[name] = entry
        elif isinstance(entry.value, MappingNode) and isinstance(known.value, MappingNode):
            entries[name] = Entry(entry.key, narrow_field(known.value, entry.value, notes))
        else:
            entries[name] = entry
    return MappingNode(old.span, entries)


def _required(_key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Allow `required: true`."""
    was = isinstance(old, ScalarNode) and old.text.lower() == "true"
    if was and isinstance(new.value, ScalarNode) and new.value.text.lower() != "true":
        _weaken(notes, new.value.span, "the base requires this field")
    return new.value


def _clean(_key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Allow cleaning where the base has none."""
    if isinstance(old, SequenceNode) and old.items and not _same(old, new.value):
        _weaken(notes, new.key.span, "the base already cleans this field")
        return old
    return new.value


def _append(_key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Add the child's checks behind the base's; subsets of accepted values replace the base's."""
    if not isinstance(new.value, SequenceNode):
        return new.value
    items = list(old.items) if isinstance(old, SequenceNode) else []
    for item in new.value.items:
        _refuse_hiding(item, notes)
        position = _place_of_values(items, item)
        if position is None:
            items.append(item)
        else:
            items[position] = _subset(items[position], item, notes)
    return SequenceNode(new.value.span, tuple(items))


def _refuse_hiding(item: Node, notes: Notes) -> None:
    """Refuse checks that change what the base's checks get to see, or what becomes of a failed cast."""
    if not isinstance(item, MappingNode):
        return
    for key, entry in item.entries.items():
        inner = entry.value.entries if isinstance(entry.value, MappingNode) else {}
        if key == "type":
            _weaken(notes, entry.key.span, "only the base says what becomes of a value that is not of its type")
        for option in (item.entries.get("on_fail"), inner.get("on_fail")):
            if option and isinstance(option.value, ScalarNode) and option.value.text == "set_null":
                _weaken(notes, option.value.span, "on_fail: set_null would hide the value from the base's checks")
                return


def _accepted(item: Node) -> tuple[str, SequenceNode] | None:
    """Return the name and the values of a check of accepted values that has no options."""
    if isinstance(item, MappingNode) and len(item.entries) == 1:
        name, entry = next(iter(item.entries.items()))
        if name in _MEMBERSHIP and isinstance(entry.value, SequenceNode):
            return name, entry.value
    return None


def _place_of_values(items: list[Node], item: Node) -> int | None:
    """Return where the base has a check of accepted values that the child's values would replace."""
    if _accepted(item) is None:
        return None
    for position, old in enumerate(items):
        if isinstance(old, MappingNode) and any(
            name in _MEMBERSHIP and isinstance(entry.value, SequenceNode) for name, entry in old.entries.items()
        ):
            return position
    return None


def _subset(old: Node, item: Node, notes: Notes) -> Node:
    """Return the base's check with the child's values, which must be among the base's."""
    accepted = _accepted(item)
    if accepted is None or not isinstance(old, MappingNode):
        return old
    values = accepted[1]
    entries = dict(old.entries)
    name = next(name for name in entries if name in _MEMBERSHIP)
    allowed = entries[name].value
    items = allowed.items if isinstance(allowed, SequenceNode) else ()
    texts = {node.text for node in items if isinstance(node, ScalarNode)}
    for value in values.items:
        if isinstance(value, ScalarNode) and value.text not in texts:
            _weaken(notes, value.span, f"the base does not accept '{value.text}'")
    entries[name] = Entry(entries[name].key, values)
    return MappingNode(old.span, entries)


def _gate(_key: str, old: Node | None, new: Entry, notes: Notes) -> Node:
    """Allow a gate that is at least as tight, and so each of its profiles."""
    if not isinstance(new.value, MappingNode):
        return new.value
    gate = _entries(old)
    entries = {**gate, **_tightened(gate, new.value, notes)}
    profiles = new.value.get("profiles")
    if isinstance(profiles, MappingNode):
        known = _entries(gate["profiles"].value) if "profiles" in gate else {}
        merged = MappingNode(profiles.span, {**known, **_profiles(gate, known, profiles, notes)})
        entries["profiles"] = Entry(new.value.entries["profiles"].key, merged)
    return MappingNode(new.value.span, entries)


def _profiles(
    gate: Mapping[str, Entry], known: Mapping[str, Entry], new: MappingNode, notes: Notes
) -> dict[str, Entry]:
    """Narrow the profiles that the child names: the base's of that name, or else the base's gate."""
    entries = {}
    for name, entry in new.entries.items():
        base = _entries(known[name].value) if name in known else {}
        said = _tightened({**gate, **base}, entry.value, notes)
        narrowed = isinstance(entry.value, MappingNode)
        entries[name] = Entry(entry.key, MappingNode(entry.value.span, {**base, **said})) if narrowed else entry
    return entries


def _tightened(old: Mapping[str, Entry], new: Node, notes: Notes) -> dict[str, Entry]:
    """Return the settings of a gate that the child says, and note those that are looser than the base's."""
    for key, entry in _entries(new).items():
        _tighter(key, old.get(key), entry, notes)
    return dict(_entries(new))


def _entries(node: Node | None) -> Mapping[str, Entry]:
    """Return the entries of a mapping; none for anything else."""
    return node.entries if isinstance(node, MappingNode) else {}


def _tighter(key: str, old: Entry | None, new: Entry, notes: Notes) -> None:
    """Note where one setting of the gate is looser than the base's."""
    before, after = old.value if old else None, new.value
    if not isinstance(after, ScalarNode):
        return
    if key == "fail_on" and after.text == "error" and isinstance(before, ScalarNode) and before.text == "warning":
        _weaken(notes, after.span, "the base fails on warnings too")
    if key == "quarantined":
        share = _share(after)
        limit = _share(before) if isinstance(before, ScalarNode) else Fraction(0)
        if share is not None and limit is not None and share > limit:
            words = before.text if isinstance(before, ScalarNode) else "no share of refused records"
            _weaken(notes, after.span, f"the base tolerates {words}")


def _share(node: ScalarNode) -> Fraction | None:
    """Return a share, or None if it is malformed, which the structure says."""
    try:
        return read_share(to_raw(node))
    except ValueError:
        return None


_Rule: TypeAlias = "Callable[[str, Node | None, Entry, Notes], Node]"
_TOP: dict[str, _Rule] = {"fields": _fields, "checks": _append, "expect": _append, "gate": _gate}
_FIELD: dict[str, _Rule] = {
    "required": _required,
    "clean": _clean,
    "checks": _append,
    "expect": _append,
    "description": _own,
}
