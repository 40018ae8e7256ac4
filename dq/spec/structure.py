"""From nodes to models: every mistake in the structure of a spec, in plain words and at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from dq.catalog import diagnose
from dq.diagnostics import did_you_mean
from dq.params import Scalar, describe
from dq.spec.language import dotted, home_of, nearest_key, where
from dq.spec.model import Spec, SpecModel
from dq.spec.nodes import Entry, MappingNode, ScalarNode, to_raw, without

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import TypeVar

    from pydantic_core import ErrorDetails

    from dq.diagnostics import Diagnostic
    from dq.spec.nodes import Node, Path, Places

    M = TypeVar("M", bound=SpecModel)

UNTYPED = "\0untyped"  # the type of a field of a draft that says none; no spec can write it

_MOST = 1000
_QUOTED = re.compile(r"'([^']*)'")
_KINDS_OF_VALUE = {
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "string_type": "text",
    "none_required": "nothing",
}


@dataclass(frozen=True, slots=True)
class _Fault:
    """One error of pydantic: where it leads in the nodes, and whether a member of a union raised it."""

    path: Path
    alternative: bool
    detail: ErrorDetails


def read_structure(places: Places) -> tuple[Spec | None, list[Diagnostic]]:
    """Return the spec that the nodes say, or None, with every mistake in its structure."""
    return read_model(Spec, to_raw(places.root), places, ())


def read_model(model: type[M], raw: Any, places: Places, path: Path) -> tuple[M | None, list[Diagnostic]]:
    """Return the model of raw values that stand at a path, or None, with every mistake.

    What stands at the root is a document of its own: keys are those of the model.
    """
    try:
        return model.model_validate(raw), []
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        return None, explain_errors(details, raw, places, path, Spec if path else model)


def explain_errors(
    details: Iterable[ErrorDetails], raw: Any, places: Places, path: Path, root: type[SpecModel] = Spec
) -> list[Diagnostic]:
    """Return pydantic's errors about raw values at a path as diagnostics; a union's errors become one.

    `root` is the model of the whole document.  At most a thousand are explained.
    """
    faults = _merge([_locate(detail, raw, path) for detail in islice(details, _MOST)])
    return [_explain(group, raw, places, path, root) for group in faults.values()]


def sound_part(root: MappingNode) -> tuple[Spec | None, MappingNode]:
    """Return what is left of a spec without all that is wrong with its structure, and the nodes that say it.

    Wrong entries are taken out, and what lacks a key goes as a whole; None if no spec is left.
    """
    for _ in range(_PRUNINGS):
        raw = to_raw(root)
        try:
            return Spec.model_validate(raw), root
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)
        wrong = {_wrong_part(detail, raw) for detail in details}
        if () in wrong and root.get("fields") is None:
            break
        pruned = without(_with_types(_with_head(root)), wrong - {()})
        if not isinstance(pruned, MappingNode):
            break
        root = pruned
    return None, root


_PRUNINGS = 8  # what lacks a key goes with what holds it: no deeper than the language is
_HEAD = {"dq": "1", "event": "draft", "version": "0.0.0"}


def _with_head(root: MappingNode) -> MappingNode:
    """Return the nodes with something for the first keys of a spec, where they are missing or wrong."""
    entries = dict(root.entries)
    for key, text in _HEAD.items():
        if not isinstance(root.get(key), ScalarNode):
            entries[key] = Entry(ScalarNode(root.span, key, plain=True), ScalarNode(root.span, text, plain=True))
    return MappingNode(root.span, entries)


def _with_types(root: MappingNode) -> MappingNode:
    """Return the nodes with UNTYPED for the type of every field that has none."""
    fields = root.get("fields")
    if not isinstance(fields, MappingNode):
        return root
    entries = dict(fields.entries)
    for name, entry in entries.items():
        if isinstance(entry.value, MappingNode) and not _is_text(entry.value.get("type")):
            key = ScalarNode(entry.key.span, "type", plain=True)
            untyped = Entry(key, ScalarNode(entry.key.span, UNTYPED, plain=False))
            entries[name] = replace(entry, value=replace(entry.value, entries={**entry.value.entries, "type": untyped}))
    named = replace(root.entries["fields"], value=replace(fields, entries=entries))
    return replace(root, entries={**root.entries, "fields": named})


def _is_text(node: Node | None) -> bool:
    """Return whether a node is a text rather than nothing, null, a list or a mapping."""
    return isinstance(node, ScalarNode) and not Scalar(node.text, node.plain).is_null


def _wrong_part(detail: ErrorDetails, raw: Any) -> Path:
    """Return the path of what has to go for an error of pydantic to vanish."""
    path = _locate(detail, raw, ()).path
    if path[:1] == ("fields",) and len(path) == 2 + (detail["type"] != "missing") and detail["loc"][-1] == "type":
        return ()  # it has UNTYPED by now
    return (*path, str(detail["loc"][-1])) if detail["type"] == "extra_forbidden" else path


def raw_at(raw: Any, steps: Path) -> Any:
    """Return what stands in raw values at the end of some steps, which must exist."""
    for step in steps:
        raw = raw[step]
    return raw


def _locate(detail: ErrorDetails, raw: Any, path: Path) -> _Fault:
    """Follow the location of an error as far as the values go; steps that name members of unions are left out."""
    steps: list[str | int] = []
    alternative = False
    location = detail["loc"][:-1] if detail["type"] in {"missing", "extra_forbidden"} else detail["loc"]
    for step in location:
        inside = step in raw if isinstance(raw, dict) else isinstance(step, int) and isinstance(raw, list)
        if inside and (isinstance(raw, dict) or int(step) < len(raw)):
            raw = raw[step]
            steps.append(step)
        else:
            alternative = True
    return _Fault((*path, *steps), alternative, detail)


def _merge(faults: list[_Fault]) -> Mapping[object, list[_Fault]]:
    """Put together what the members of one union say of one value; the member that came farthest is right."""
    groups: dict[object, list[_Fault]] = {}
    passed = {fault.path[:end] for fault in faults if fault.alternative for end in range(len(fault.path))}
    for position, fault in enumerate(faults):
        if fault.alternative and fault.path in passed:
            continue
        key: object = fault.path if fault.alternative else position
        groups.setdefault(key, []).append(fault)
    return groups


def _explain(group: list[_Fault], raw: Any, places: Places, base: Path, root: type[SpecModel]) -> Diagnostic:
    """Return the diagnostic of one value's faults."""
    fault, detail = group[0], group[0].detail
    key = str(detail["loc"][-1]) if detail["loc"] else ""
    place = where(fault.path) if fault.path else root.whole
    if detail["type"] == "extra_forbidden":
        # A key of the language that stands at the wrong place is no misspelling.
        elsewhere = home_of(key) if root is Spec else ""
        meant = None if elsewhere else nearest_key(key, fault.path, root)
        return diagnose("DQ201", places.key((*fault.path, key)), meant, key=key, where=place + elsewhere)
    if detail["type"] == "missing":
        return diagnose("DQ202", places.key(fault.path), key=key, where=place)
    value = raw_at(raw, fault.path[len(base) :])
    return wrong_value(places, fault.path, [_expected(one.detail) for one in group], value)


def wrong_value(places: Places, path: Path, expected: list[str], value: Any) -> Diagnostic:
    """Return the diagnostic of a value that is not what its key takes; `expected` says each thing it could be."""
    words = [word for text in expected for word in _QUOTED.findall(text)]
    meant = did_you_mean(str(value), words) if words and not isinstance(value, (dict, list)) else None
    either = " or ".join(dict.fromkeys(expected))
    found = f"an empty {'list' if value == [] else 'mapping'}" if value in ([], {}) else describe(value)
    name = dotted(path[-2:] if path and isinstance(path[-1], int) else path[-1:]) or "the spec"
    return diagnose("DQ203", places.value(path), meant, key=name, expected=either, found=found)


def _expected(detail: ErrorDetails) -> str:
    """Return in plain words what an error wanted."""
    context = detail.get("ctx", {})
    kind = detail["type"]
    if kind == "dq_value":
        return str(context["expected"])
    if kind in {"literal_error", "enum"}:
        return str(context["expected"])
    if kind == "too_short":
        least = context["min_length"]
        return "at least one entry" if least == 1 else f"at least {least} entries"
    if kind == "greater_than_equal":
        return f"a number not below {context['ge']}"
    return _KINDS_OF_VALUE.get(kind, "another kind of value")
