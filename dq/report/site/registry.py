"""What a folder of specs holds: each spec with its plan or its mistakes, its latest report, and who uses what."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dq.diagnostics import Diagnostic
from dq.errors import UsageError
from dq.plan import compiler
from dq.plan.plan import CompiledPlan
from dq.report.history import Run, in_order
from dq.report.model import load_report
from dq.spec.document import Document
from dq.spec.loader import read

SUFFIX = ".dq.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """One spec: the name of its file below the folder, the stem of its pages, and what it means.

    `document` is None for a file that is refused as it is read, `plan` for one that is refused at all; then
    `mistakes` say why.  `latest` is its newest report, and `current` says that this very plan made it.
    """

    file: str
    stem: str
    document: Document | None
    plan: CompiledPlan | None
    mistakes: tuple[Diagnostic, ...]
    latest: Run | None
    current: bool

    @property
    def event(self) -> str:
        """The event, or the file's name where nothing is known of it."""
        return self.document.spec.event if self.document else self.file

    @property
    def base(self) -> str | None:
        """The file below the folder that the spec extends."""
        named = self.document.spec.extends if self.document else None
        return None if named is None else _beside(self.file, named)

    @property
    def references(self) -> tuple[str, ...]:
        """The files below the folder that it reads: shared definitions, and tables of checks, lookups and cleaning."""
        shared = self.document.shared if self.document else ()
        tables = tuple(file for file, _ in self.plan.references) if self.plan else ()
        return tuple(_beside(self.file, file) for file in (*shared, *tables))


@dataclass(frozen=True, slots=True)
class Registry:
    """The specs of a folder in the order of their events, and every report that was found."""

    entries: tuple[Entry, ...]
    runs: tuple[Run, ...]

    def children(self, entry: Entry) -> list[Entry]:
        """Return the specs that extend one."""
        return [other for other in self.entries if other.base == entry.file]

    def users(self) -> dict[str, list[Entry]]:
        """Return each file that some spec reads, with those specs, by name."""
        files = sorted({file for entry in self.entries for file in entry.references})
        return {file: [entry for entry in self.entries if file in entry.references] for file in files}


def read_registry(folder: Path, reports: Sequence[Path] = ()) -> Registry:
    """Return the registry of the specs below a folder; reports are looked for there and in more folders.

    Folders whose names begin with a dot are left out.  UsageError where there is no spec, or where a `report.json` is
    none of this version.
    """
    paths = _below(folder, f"*{SUFFIX}")
    if not paths:
        raise UsageError(f"{folder}: there is no *{SUFFIX} in this folder")
    runs = in_order(_reports([folder, *reports]))
    stems = _stems([path.relative_to(folder).as_posix() for path in paths])
    entries = [_entry(path, name, stem, runs) for path, (name, stem) in zip(paths, stems.items(), strict=True)]
    return Registry(tuple(sorted(entries, key=lambda entry: (entry.event, entry.file))), tuple(runs))


def _below(folder: Path, pattern: str) -> list[Path]:
    """Return the files of that name below a folder, in the order of their names."""
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    found = {path: path.relative_to(folder) for path in folder.rglob(pattern)}
    seen = [path for path, name in found.items() if not any(part.startswith(".") for part in name.parts)]
    return sorted(seen, key=lambda path: found[path].as_posix())


def _reports(folders: Iterable[Path]) -> list[Run]:
    """Return the reports below some folders, each file once."""
    found = {
        path.resolve(): Run(path.relative_to(folder).as_posix(), load_report(path).data)
        for folder in folders
        for path in _below(folder, "report.json")
    }
    return list(found.values())


def _entry(path: Path, name: str, stem: str, runs: Sequence[Run]) -> Entry:
    document, diagnostics = read(path)
    plan: CompiledPlan | None = None
    if document is not None:
        plan, diagnostics = compiler.compile_document(document)
    mistakes = () if plan is not None else tuple(compiler.lint(path) or diagnostics)
    latest = _latest(document, plan, runs)
    current = latest is not None and plan is not None and latest.report["spec"]["fingerprint"] == plan.fingerprint
    return Entry(name, stem, document, plan, mistakes, latest, current)


def _latest(document: Document | None, plan: CompiledPlan | None, runs: Sequence[Run]) -> Run | None:
    """Return the newest report of this very plan, or else of its event."""
    if document is None:
        return None
    of_event = [run for run in runs if run.report["spec"]["event"] == document.spec.event]
    own = [run for run in of_event if plan is not None and run.report["spec"]["fingerprint"] == plan.fingerprint]
    return next(reversed(own or of_event), None)


def _stems(names: Sequence[str]) -> dict[str, str]:
    """Return a file name for the pages of each spec: plain letters, and no two alike on any file system."""
    taken: dict[str, str] = {}
    for name in names:
        stem = re.sub(r"[^a-z0-9_.]+", "-", name.removesuffix(SUFFIX).lower()).strip("-.") or "spec"
        same = sum(other == stem or other.startswith(f"{stem}--") for other in taken.values())
        taken[name] = f"{stem}--{same + 1}" if same else stem
    return taken


def _beside(file: str, other: str) -> str:
    """Return the name below the folder of a file that a spec names, relative to itself."""
    return (Path(file).parent / other).as_posix()
