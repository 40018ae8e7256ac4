"""Fields that stand in a file of shared definitions: `$ref: shared/address.yaml#/fields/zip`.

A reference is replaced by the definition that it names, narrowed by the keys beside it as a spec narrows its base.
Nodes keep the file in their places, so a mistake in a definition points into the shared file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from dq.catalog import diagnose
from dq.diagnostics import did_you_mean
from dq.spec.extends import narrow_field
from dq.spec.nodes import Entry, MappingNode, ScalarNode
from dq.spec.paths import is_url, path_problem, resolve
from dq.spec.yaml import MAX_BYTES, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dq.diagnostics import Diagnostic, Span
    from dq.spec.nodes import Node

REF = "$ref"
_INSIDE = "/fields/"

Place: TypeAlias = "tuple[str, str]"  # the shared file below the folder of the spec, or nothing for the spec; the field


class SharedFields:
    """The references of one spec, and the files that they lead to.

    `diagnostics` holds what is wrong with them, `files` the shared files in the order in which they were read, and
    `unresolved` says whether a definition is missing from the nodes.
    """

    def __init__(self, root: MappingNode, file: str, folder: Path) -> None:
        """Keep the nodes of the spec, its name as given, and the folder that paths are relative to."""
        self.diagnostics: list[Diagnostic] = []
        self.unresolved = False
        self._root, self._file, self._folder = root, file, folder
        self._read: dict[str, MappingNode | None] = {"": root}

    @property
    def files(self) -> tuple[str, ...]:
        """Return the shared files that were read, as the spec names them."""
        return tuple(name for name, root in self._read.items() if name and root is not None)

    def resolved(self) -> MappingNode:
        """Return the nodes of the spec with each field in the place of its reference."""
        fields = self._root.get("fields")
        if not isinstance(fields, MappingNode):
            return self._root
        entries = {
            name: Entry(entry.key, self._definition(entry.value, ("", name), ()))
            for name, entry in fields.entries.items()
        }
        whole = Entry(self._root.entries["fields"].key, MappingNode(fields.span, entries))
        return MappingNode(self._root.span, {**self._root.entries, "fields": whole})

    def _definition(self, node: Node, place: Place, chain: tuple[Place, ...]) -> Node:
        """Return a definition with what it refers to merged into it; `chain` are those that refer to it."""
        reference = node.entries.get(REF) if isinstance(node, MappingNode) else None
        if reference is None or not isinstance(node, MappingNode):
            return node
        target = self._target(reference.value, place, (*chain, place))
        if target is None:
            self.unresolved = True
            return node
        beside = {key: entry for key, entry in node.entries.items() if key != REF}
        return narrow_field(target, MappingNode(node.span, beside), self.diagnostics)

    def _target(self, reference: Node, place: Place, chain: tuple[Place, ...]) -> MappingNode | None:
        """Return the definition that a reference leads to, itself resolved, or None."""
        named = self._named(reference, place[0])
        fields = self._fields(named[0], reference.span) if named else None
        if named is None or fields is None:
            return None
        name = named[1]
        if named in chain:
            self._refuse(reference.span, "the definitions refer to one another in a circle")
            return None
        if name not in fields:
            self._refuse(reference.span, f"there is no field '{name}' in it", did_you_mean(name, fields))
            return None
        found = self._definition(fields[name].value, named, chain)
        if not isinstance(found, MappingNode):
            self._refuse(found.span, f"'{name}' is no field")
            return None
        return found

    def _named(self, reference: Node, home: str) -> Place | None:
        """Return the file and the field that a reference names; `home` is the file in which it stands."""
        if not isinstance(reference, ScalarNode):
            return None  # the structure says that it is no text
        path, _, inside = reference.text.partition("#")
        if is_url(path):
            self.diagnostics.append(diagnose("DQ207", reference.span, key=REF))
            return None
        name = inside.removeprefix(_INSIDE)
        if name == inside or not name or "/" in name:
            self._refuse(reference.span, "it is written as FILE#/fields/NAME, or '#/fields/NAME' for this file")
            return None
        return path or home, name

    def _fields(self, path: str, span: Span) -> Mapping[str, Entry] | None:
        """Return the definitions in a file, or None if there are none that could be read."""
        if path not in self._read:
            self._read[path] = self._load(path, span)
        root = self._read[path]
        if root is None:
            return None
        fields = root.get("fields")
        if not isinstance(fields, MappingNode):
            self._refuse(span, "the file has no mapping 'fields'")
            return None
        return fields.entries

    def _load(self, path: str, span: Span) -> MappingNode | None:
        """Return the nodes of a shared file, or None if it may not be named, or cannot be read."""
        try:
            with resolve(self._folder, path).open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except ValueError as error:
            self.diagnostics.append(diagnose("DQ208", span, key=REF, problem=error))
            return None
        except OSError as error:
            self._refuse(span, f"the file cannot be read ({error.strerror})", self._nearest(path))
            return None
        reading = parse_bytes(data, os.path.join(os.path.dirname(self._file), path))  # noqa: PTH118, PTH120
        self.diagnostics += reading.diagnostics
        return reading.root

    def _nearest(self, path: str) -> str | None:
        """Return the file below the folder of the spec that was probably meant."""
        if path_problem(path):
            return None
        names = sorted(file.relative_to(self._folder).as_posix() for file in self._folder.glob("**/*.y*ml"))
        return did_you_mean(path, names)

    def _refuse(self, span: Span, problem: str, meant: str | None = None) -> None:
        """Note that a reference leads nowhere."""
        self.diagnostics.append(diagnose("DQ690", span, meant, problem=problem))
