"""`infer`: from sources to the text of a specification, each line with its evidence."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from dq.drafting import (
    dependencies,
    fields,
    form,
    judge,
    keys,
    marks,
    missing_words,
    names,
    order,
    reading,
    records,
    sources_text,
)
from dq.drafting.column import columns
from dq.drafting.finding import counted, number, percent, share
from dq.drafting.text import Page, write_field
from dq.dtypes.cast import CastOptions
from dq.errors import InternalError, UsageError

if TYPE_CHECKING:
    from dq.diagnostics import Diagnostic
    from dq.drafting.fields import FieldDraft
    from dq.drafting.finding import Finding
    from dq.drafting.form import Form
    from dq.drafting.judge import Judgement
    from dq.drafting.reading import Sample
    from dq.plan.plan import CompiledPlan

_STEPS = ("1%", "2%", "5%", "10%", "20%", "30%", "50%")  # the shares of refused records that a draft tolerates
_ROUNDS = 8  # of taking out what this installation refuses


@dataclass(frozen=True, slots=True)
class Draft:
    """A drafted specification.

    `text` is the YAML.  `records` says how many records the sources have, `looked_at` from how many the draft was
    made.  `judgement` is what a run over the sources themselves makes of it, None where none was asked for.
    """

    text: str
    records: int
    looked_at: int
    judgement: Judgement | None

    def words(self) -> str:
        """Return what a person is told of the draft, in a few lines."""
        lines = [_looked(self.records, self.looked_at)]
        return "\n".join([*lines, *(_judged(self.judgement) if self.judgement else ())])


@dataclass
class Material:
    """Everything that a draft is written from."""

    event: str
    forms: list[Form]
    paths: dict[str, str]
    sample: Sample
    marks: CastOptions
    fields: list[FieldDraft]
    left_out: list[str]
    missing: Finding | None
    dedupe: list[str]
    row_checks: list[str]


def infer(
    sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    source_format: str | None = None,
    encoding: str | None = None,
    sample: int = reading.MOST_RECORDS,
    check: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Draft:
    """Draft a specification from one file, or from several of the same shape.

    All records are read, at most about `sample` of them, evenly spread, are looked at.  With `check` the draft is run
    over the sources afterwards, so that it says itself what of them does not pass.  The same sources give the same
    text.  `source_format` and `encoding` are those of files whose name and bytes do not tell them.

    SourceError where a source cannot be read, UsageError where nothing can be drafted from it.
    """
    given = [sources] if isinstance(sources, (str, os.PathLike)) else list(sources)
    if not given:
        raise UsageError("there is nothing to draft from: name at least one file")
    if sample < 1:
        raise UsageError("a draft is made from at least one record")
    material = _material([Path(path) for path in given], source_format, encoding, sample, progress)
    text, plan = _sound(material)
    if not check:
        return Draft(text, material.sample.records, material.sample.looked_at, None)
    paths = [os.fspath(path) for path in given]
    form_of_paths = source_format or material.forms[0].dialect.format
    found = judge.judge(plan, paths, form_of_paths, progress)
    if _doubt_keys(material, found):
        _, plan = _sound(material)
        found = judge.judge(plan, paths, form_of_paths, progress)
    gate = _gate(found)
    if gate is not None:
        _, plan = _sound(material, gate)
        found = judge.judge(plan, paths, form_of_paths, progress)
    _annotate(material, found)
    text, _ = _sound(material, gate, found)
    return Draft(text, material.sample.records, material.sample.looked_at, found)


def _material(
    paths: list[Path],
    source_format: str | None,
    encoding: str | None,
    most: int,
    progress: Callable[[int], None] | None,
) -> Material:
    """Read the sources and make every guess."""
    forms = [form.guess(path, source_format, encoding) for path in paths]
    _need_one_shape(forms)
    named, left_out = _fields_of(forms[0])
    if not named:
        raise UsageError(f"{forms[0].path.name}: it has no record with a field that a draft could speak of")
    forms = [reading.with_fields(each, named) for each in forms]
    sample = reading.read(forms, most, progress)
    if sample.refused:
        raise UsageError("; ".join(sample.refused))
    if not sample.looked_at:
        raise UsageError(f"{forms[0].path.name}: it has no record that can be read, so nothing can be drafted from it")
    seen = columns(sample.cells, named)
    how = marks.guess(seen) if forms[0].dialect.format == "csv" else CastOptions()
    drafts = [fields.draft(column, how) for column in seen]
    mixed = [made.name for made in drafts if 2 * made.reading.read < made.column.present]
    drafts = [made for made in drafts if made.name not in mixed]
    left_out += [f"{counted(len(mixed), 'field')} of lists or objects and other values"] if mixed else []
    named = {name: path for name, path in named.items() if name not in mixed}
    if not named:
        raise UsageError(f"{forms[0].path.name}: it has no field whose values are of one type")
    missing = missing_words.in_common(drafts)
    cells = sample.cells.select(list(named))
    unique = keys.mark_unique(drafts)
    dependencies.add_repairs(drafts, cells)
    dedupe = (
        []
        if unique
        else keys.nearly_unique(drafts, cells) or ([] if left_out else keys.repeated_records(drafts, cells))
    )
    sets = order.guess(drafts, cells) + ([] if unique or dedupe else keys.sets(drafts, cells))
    return Material(
        names.event_name(_stem(paths[0])), forms, named, sample, how, drafts, left_out, missing, dedupe, sets
    )


def _need_one_shape(forms: Sequence[Form]) -> None:
    """Refuse files of different shapes: one draft speaks of one event."""
    first = forms[0]
    for other in forms[1:]:
        if (other.dialect, other.names) != (first.dialect, first.names):
            raise UsageError(
                f"{other.path.name} is not of the shape of {first.path.name}: draft a spec from each of them"
            )


def _fields_of(shape: Form) -> tuple[dict[str, str], list[str]]:
    """Return the fields of a source, name to path, and in words what was left out."""
    if shape.dialect.format == "csv":
        return names.of_columns(shape.names), []
    if shape.dialect.format == "parquet":
        selection = records.of_parquet(shape)
    else:
        selection = records.select(records.look_through(shape))
    return names.of_paths(selection.paths), selection.left_out


def _stem(path: Path) -> str:
    """Return the name of a file without what tells its format."""
    return path.name.split(".")[0] or "record"


def _sound(material: Material, gate: str | None = None, found: Judgement | None = None) -> tuple[str, CompiledPlan]:
    """Return the text of the draft and its plan, with what this installation refuses turned into comments."""
    blocks: set[str] = set()
    for _round in range(_ROUNDS):
        page = _page(material, blocks, gate, found)
        plan, errors = judge.compiled(page.text())
        if plan is not None:
            return page.text(), plan
        helped = [_take_out(material, page, blocks, each) for each in errors]
        if not any(helped):
            break
    raise InternalError(
        "the draft does not lint: " + "; ".join(f"{each.code} line {each.span.line}" for each in errors)
    )


def _take_out(material: Material, page: Page, blocks: set[str], mistake: Diagnostic) -> bool:
    """Make a doubt of the statement on a line, or write its field on several lines first; tell whether that helps."""
    name, finding = next((page.places[at] for at in range(mistake.span.line, 0, -1) if at in page.places), ("", None))
    made = next((each for each in material.fields if each.name == name), None)
    if made is None or (finding is None and name in blocks):
        return False
    if finding is None:
        blocks.add(name)
        return True
    made.findings = [
        replace(each, sure=False, evidence=f"refused: {mistake.code}") if each is finding else each
        for each in made.findings
    ]
    return finding.section != "type"


def _doubt_keys(material: Material, found: Judgement) -> bool:
    """Make a doubt of the keys that only the whole source shows to be repeated; tell whether there are any."""
    failed = dict(found.failed)
    doubted = False
    for made in material.fields:
        count = failed.get(f"{made.name}.unique", 0)
        if count:
            doubted = True
            evidence = f"{counted(count, 'record')} of the whole source share it with another one"
            made.findings = [
                replace(each, sure=False, evidence=evidence) if each.text == "unique" else each
                for each in made.findings
            ]
    return doubted


def _annotate(material: Material, found: Judgement) -> None:
    """Write behind each statement how many records of the whole source do not keep it."""
    failed = dict(found.failed)
    for made in material.fields:
        made.findings = [
            replace(each, evidence="; ".join(filter(None, [each.evidence, f"{number(count)} fail"])))
            if each.sure and (count := failed.get(f"{made.name}.{_kind(each)}", 0))
            else each
            for each in made.findings
        ]


def _kind(finding: Finding) -> str:
    """Return the kind of the check that a statement makes: `between: [0, 5]` is between, and so on."""
    return re.split("[: ]", finding.text)[0] if finding.section in {"checks", "clean"} else finding.section


def _page(material: Material, blocks: set[str], gate: str | None, found: Judgement | None) -> Page:
    """Write the draft."""
    page, first = Page(), material.forms[0]
    _head(page, material, found)
    page.add("dq: 1")
    page.add(f"event: {material.event}")
    page.add("version: 0.1.0")
    if not sources_text.is_implied(first, material.paths, material.marks):
        page.add("")
        page.add("sources:")
        name = names.as_name(_stem(first.path).lower(), "source")
        sources_text.write(page, name, first, material.paths, material.marks)
    page.add("")
    if material.missing is not None:
        page.add(f"missing: {material.missing.text}", material.missing.evidence)
    page.add("fields:")
    records_seen = material.sample.looked_at
    for made in material.fields:
        have = made.column.present
        presence = "" if have in {0, records_seen} else f"{share(have, records_seen)} have a value"
        write_field(page, made, presence, block=made.name in blocks)
    for what in material.left_out:
        page.add(f"  # left out: {what}")
    _tail(page, material, gate, found)
    return page


def _head(page: Page, material: Material, found: Judgement | None) -> None:
    """Write what the draft was made from, and what its own source makes of it."""
    sample = material.sample
    listed = ", ".join(each.path.name for each in material.forms[:3]) + (", …" if len(material.forms) > 3 else "")  # noqa: PLR2004
    page.add(f"# Drafted by dq infer from {' '.join(listed.split())}: {_looked(sample.records, sample.looked_at)}")
    page.add(
        "# Every line is a guess; behind it stands what speaks for it. Doubtful ones are comments: decide, and correct."
    )
    evidence = material.forms[0].evidence
    for what in ("encoding", "delimiter"):
        if what in evidence and sources_text.is_implied(material.forms[0], material.paths, material.marks):
            page.add(f"# {what}: {getattr(material.forms[0].dialect, what)!r}, {evidence[what]}".replace("'", '"'))
    if sample.unreadable:
        codes = ", ".join(f"{code} {number(count)}" for code, count in sorted(sample.unreadable.items()))
        page.add(f"# Could not be read: {codes}")
    for line in _judged(found) if found is not None else ():
        page.add(f"# {line}")


def _tail(page: Page, material: Material, gate: str | None, found: Judgement | None) -> None:
    """Write what is said of whole records and of the batch."""
    if material.row_checks:
        sure = not all(line.startswith("# ") for line in material.row_checks)
        page.add("")
        page.add("checks:" if sure else "# checks:")
        for line in material.row_checks:
            page.add(f"  {line}" if sure else f"#   {line.removeprefix('# ')}")
    if material.dedupe:
        page.add("")
        for line in material.dedupe:
            page.add(line)
    if gate is not None:
        page.add("")
        refused = found.records["quarantined"] if found else 0
        whole = found.records["quarantined"] + found.records["accepted"] if found else 0
        page.add(
            f"gate: {{quarantined: {gate}}}",
            f"{share(refused, whole)} records of this source are refused" if found else "",
        )


def _gate(found: Judgement) -> str | None:
    """Return the share of refused records with which the source passes, or None where none are refused, or too many."""
    refused, accepted = found.records["quarantined"], found.records["accepted"]
    if found.verdict != "fail" or not refused:
        return None
    part = refused / (refused + accepted)
    return next((step for step in _STEPS if part <= int(step[:-1]) / 100), None)


def _looked(everything: int, looked_at: int) -> str:
    """Say how many records the draft was made from."""
    if everything == looked_at:
        return f"{counted(everything, 'record')}, all of them looked at."
    return f"{counted(everything, 'record')}, {number(looked_at)} of them looked at, evenly spread."


def _judged(found: Judgement) -> list[str]:
    """Say what the source makes of the draft."""
    doors = found.records
    read, accepted = doors["read"], doors["accepted"]
    first = f"Run over its own source: {found.verdict}. {share(accepted, read)} records accepted"
    first += "".join(f", {number(doors[door])} {door}" for door in ("quarantined", "deduplicated") if doors[door]) + "."
    failed = [f"{check} {number(count)} ({percent(count, read)})" for check, count in found.failed]
    return [first, *([f"What does not pass: {', '.join(failed)}."] if failed else [])]
