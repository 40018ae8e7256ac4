"""`infer`: from sources to the text of a specification, each line with its evidence."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from dq.drafting import judge, page, reading
from dq.drafting.files import as_files
from dq.drafting.finding import counted, number
from dq.drafting.material import Material, gather
from dq.errors import InternalError, UsageError

if TYPE_CHECKING:
    from dq.diagnostics import Diagnostic
    from dq.drafting.finding import Finding
    from dq.drafting.judge import Judgement
    from dq.drafting.text import Page
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
        lines = [page.looked(self.records, self.looked_at)]
        return "\n".join([*lines, *(page.judged(self.judgement) if self.judgement else ())])


def infer(
    sources: Any,
    *,
    source_format: str | None = None,
    encoding: str | None = None,
    sample: int = reading.MOST_RECORDS,
    check: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Draft:
    """Draft a specification from files of one shape, from a frame, or from records.

    `sources` is a path, a glob or a folder, or several; a Polars, pandas or Arrow frame; or an iterable of dicts.

    All records are read, at most about `sample` of them, evenly spread, are looked at.  With `check` the draft is run
    over the sources afterwards, so that it says itself what of them does not pass.  The same sources give the same
    text.  `source_format` and `encoding` are those of files whose name and bytes do not tell them.

    SourceError where a source cannot be read, UsageError where nothing can be drafted from it.
    """
    if sample < 1:
        raise UsageError("a draft is made from at least one record")
    with as_files(sources) as paths:
        material = gather(paths, source_format, encoding, sample, progress)
        return _draft(material, source_format, check=check, progress=progress)


def _draft(
    material: Material, source_format: str | None, *, check: bool, progress: Callable[[int], None] | None
) -> Draft:
    """Write the draft, and run it over its sources until it says of them what is true."""
    text, plan = _sound(material)
    if not check:
        return Draft(text, material.sample.records, material.sample.looked_at, None)
    paths = [str(form.path) for form in material.forms]
    found = judge.judge(plan, paths, source_format, progress)
    if _doubt_keys(material, found):
        _, plan = _sound(material)
        found = judge.judge(plan, paths, source_format, progress)
    gate = _gate(found)
    if gate is not None:
        _, plan = _sound(material, gate)
        found = judge.judge(plan, paths, source_format, progress)
    _annotate(material, found)
    text, _ = _sound(material, gate, found)
    return Draft(text, material.sample.records, material.sample.looked_at, found)


def _sound(material: Material, gate: str | None = None, found: Judgement | None = None) -> tuple[str, CompiledPlan]:
    """Return the text of the draft and its plan, with what this installation refuses turned into comments."""
    blocks: set[str] = set()
    for _round in range(_ROUNDS):
        written = page.write(material, blocks, gate, found)
        plan, errors = judge.compiled(written.text())
        if plan is not None:
            return written.text(), plan
        helped = [_take_out(material, written, blocks, each) for each in errors]
        if not any(helped):
            break
    raise InternalError(
        "the draft does not lint: " + "; ".join(f"{each.code} line {each.span.line}" for each in errors)
    )


def _take_out(material: Material, written: Page, blocks: set[str], mistake: Diagnostic) -> bool:
    """Make a doubt of the statement on a line, or write its field on several lines first; tell whether that helps."""
    name, finding = next(
        (written.places[at] for at in range(mistake.span.line, 0, -1) if at in written.places), ("", None)
    )
    made = next((each for each in material.fields if each.name == name), None)
    if made is None or (finding is None and name in blocks):
        return False
    if finding is None:
        blocks.add(name)
        return True
    made.revise(finding, replace(finding, sure=False, evidence=f"refused: {mistake.code}"))
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
            for each in [finding for finding in made.findings if finding.text == "unique"]:
                made.revise(each, replace(each, sure=False, evidence=evidence))
    return doubted


def _annotate(material: Material, found: Judgement) -> None:
    """Write behind each statement how many records of the whole source do not keep it."""
    failed = dict(found.failed)
    for made in material.fields:
        for each in [finding for finding in made.findings if finding.sure]:
            count = failed.get(f"{made.name}.{_kind(each)}", 0)
            if count:
                evidence = "; ".join(filter(None, [each.evidence, f"{number(count)} fail"]))
                made.revise(each, replace(each, evidence=evidence))


def _kind(finding: Finding) -> str:
    """Return the kind of the check that a statement makes: `between: [0, 5]` is between, and so on."""
    return re.split("[: ]", finding.text)[0] if finding.section in {"checks", "clean"} else finding.section


def _gate(found: Judgement) -> str | None:
    """Return the share of refused records with which the source passes, or None where none are refused, or too many."""
    refused, accepted = found.records["quarantined"], found.records["accepted"]
    if found.verdict != "fail" or not refused:
        return None
    part = refused / (refused + accepted)
    return next((step for step in _STEPS if part <= int(step[:-1]) / 100), None)
