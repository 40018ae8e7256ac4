"""Reading a specification: every mistake that the file shows by itself, at once and at its place."""

from __future__ import annotations

import os
from pathlib import Path

from dq.catalog import diagnose
from dq.diagnostics import Diagnostic
from dq.errors import SpecError, UsageError
from dq.spec.document import Document
from dq.spec.extends import merge
from dq.spec.nodes import MappingNode, Places, ScalarNode
from dq.spec.paths import is_url, path_problem, resolve
from dq.spec.rules import check_rules
from dq.spec.shared import SharedFields
from dq.spec.structure import read_structure, sound_part
from dq.spec.yaml import MAX_BYTES, MAX_DIAGNOSTICS, Reading, parse_bytes, parse_text

__all__ = ["Document", "load", "loads", "read", "read_draft", "reads"]

_MAY_HIDE_KEYS = frozenset({"DQ103", "DQ111"})
_HARMLESS = frozenset({"DQ102", "DQ108"})  # of the faults of YAML, those behind which the rest can still be judged


def load(path: str | Path) -> Document:
    """Return the specification in a file.

    SpecError, with every diagnostic in order of place, if it is refused; UsageError if the file cannot be read.
    """
    return _accept(*read(path))


def loads(text: str, name: str = "<string>", root: Path | None = None) -> Document:
    """Return the specification in a text; `name` stands for the file in places.

    Paths in it are relative to `root`, by default the current folder.  SpecError as for `load`.
    """
    return _accept(*reads(text, name, root))


def read(path: str | Path) -> tuple[Document | None, list[Diagnostic]]:
    """Return the specification in a file, or None, and every diagnostic in order of place.

    At most a thousand diagnostics are given.  UsageError if the file cannot be read.
    """
    document, diagnostics = _read_file(Path(path), str(path), ())
    return (None if document is None or document.draft else document), diagnostics


def read_draft(path: str | Path) -> tuple[Document | None, list[Diagnostic]]:
    """Return the specification in a file as `read` does; where it is refused, what is left of it as a draft.

    None where a fault leaves nothing to judge: YAML that does not parse, another version of the language, a base
    that is refused.
    """
    return _read_file(Path(path), str(path), ())


def reads(text: str, name: str = "<string>", root: Path | None = None) -> tuple[Document | None, list[Diagnostic]]:
    """Return the specification in a text, or None, and every diagnostic in order of place."""
    document, diagnostics = _assemble(parse_text(text, name), root or Path(), ())
    return (None if document is None or document.draft else document), diagnostics


def _accept(document: Document | None, diagnostics: list[Diagnostic]) -> Document:
    """Return the document, or raise what speaks against it."""
    if document is None:
        raise SpecError(diagnostics)
    return document


def _read_file(path: Path, name: str, chain: tuple[Path, ...]) -> tuple[Document | None, list[Diagnostic]]:
    """Read a file; `chain` holds the files that extend it, to find circles."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "its name is malformed"
        raise UsageError(f"cannot read the spec {name}: {reason}") from error
    return _assemble(parse_bytes(data, name), path.parent, (*chain, path.resolve()))


def _assemble(reading: Reading, root: Path, chain: tuple[Path, ...]) -> tuple[Document | None, list[Diagnostic]]:
    """Turn the nodes of one file, and of those it extends, into a document."""
    found = list(reading.diagnostics)
    if reading.root is None:
        return None, _in_order(found)
    base, problems = _read_base(reading.root, reading.file, root, chain)
    found += problems
    if any(problem.span.file != reading.file for problem in problems):
        return None, _in_order([*found, *check_rules(reading.root)])
    shared = SharedFields(reading.root, reading.file, root)
    whole = shared.resolved()
    found += shared.diagnostics
    if base is not None:
        whole, problems = merge(whole, base.places.root)
        found += problems
    places = Places(whole)
    spec, problems = read_structure(places)
    incomplete = base is None and "extends" in whole.entries
    hidden = incomplete or shared.unresolved
    found = _drop_consequences(found, [*problems, *check_rules(whole)], incomplete=hidden)
    parents = (base, *base.parents) if base else ()
    refused = any(diagnostic.severity == "error" for diagnostic in found)
    if spec is None or refused:
        if incomplete or any(_is_fatal(diagnostic) for diagnostic in found):
            return None, _in_order(found)
        spec, whole = sound_part(whole)
    if spec is None:
        return None, _in_order(found)
    named = places.node(("fields",))
    lost = frozenset(named.entries if isinstance(named, MappingNode) else ()) - spec.fields.keys()
    files = tuple(dict.fromkeys((*shared.files, *(base.shared if base else ()))))
    document = Document(spec, Places(whole), reading.file, reading.text, root, parents, refused, lost, files)
    return document, _in_order(found)


def _is_fatal(diagnostic: Diagnostic) -> bool:
    """Return whether nothing behind a fault can be judged."""
    return diagnostic.code == "DQ204" or (diagnostic.code < "DQ200" and diagnostic.code not in _HARMLESS)


def _read_base(
    node: MappingNode, file: str, root: Path, chain: tuple[Path, ...]
) -> tuple[Document | None, list[Diagnostic]]:
    """Read the spec that a spec extends, if it extends one."""
    named = node.get("extends")
    if not isinstance(named, ScalarNode) or is_url(named.text) or path_problem(named.text):
        return None, []  # the rules of structure and of paths say what is wrong with it
    if "/" in named.text:
        return None, [diagnose("DQ209", named.span, problem="the base must lie in the same folder")]
    try:
        path = resolve(root, named.text)
    except ValueError as error:
        return None, [diagnose("DQ208", named.span, key="extends", problem=error)]
    if path.resolve() in chain:
        return None, [diagnose("DQ209", named.span, problem="the specs extend one another in a circle")]
    try:
        return _read_file(path, os.path.join(os.path.dirname(file), named.text), chain)  # noqa: PTH118, PTH120
    except UsageError as error:
        return None, [diagnose("DQ209", named.span, problem=error)]


def _drop_consequences(found: list[Diagnostic], later: list[Diagnostic], *, incomplete: bool) -> list[Diagnostic]:
    """Join both lists, without what only follows from an earlier fault.

    That is what stands at the same place, and missing keys where an alias, a merge key, a base or a definition that
    could not be read (`incomplete`) might have given them.
    """
    taken = {(diagnostic.span.file, diagnostic.span.line, diagnostic.span.column) for diagnostic in found}
    hidden = incomplete or any(diagnostic.code in _MAY_HIDE_KEYS for diagnostic in found)
    joined = list(found)
    for diagnostic in later:
        place = (diagnostic.span.file, diagnostic.span.line, diagnostic.span.column)
        if place not in taken and not (hidden and diagnostic.code == "DQ202"):
            joined.append(diagnostic)
    return joined or list(later)  # whatever is refused, something must say so


def _in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics in order of place, each once."""
    unique = dict.fromkeys(diagnostics)
    ordered = sorted(unique, key=lambda diagnostic: (diagnostic.span, diagnostic.code, diagnostic.message))
    return ordered[:MAX_DIAGNOSTICS]
