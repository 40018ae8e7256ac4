"""The page of a draft: its head, its sources, its fields, what is said of records and of the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dq.drafting import names, sources_text
from dq.drafting.finding import counted, number, percent, share
from dq.drafting.material import Material, stem
from dq.drafting.text import Page, write_field

if TYPE_CHECKING:
    from dq.drafting.judge import Judgement


def write(material: Material, blocks: set[str], gate: str | None, found: Judgement | None) -> Page:
    """Write the draft."""
    page, first = Page(), material.forms[0]
    _head(page, material, found)
    page.add("dq: 1")
    page.add(f"event: {material.event}")
    page.add("version: 0.1.0")
    if not sources_text.is_implied(first, material.paths, material.marks):
        page.add("")
        page.add("sources:")
        name = names.as_name(stem(first.path).lower(), "source")
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
    if material.left_out:
        page.add(f"  # left out: {', '.join(material.left_out)}")
    _tail(page, material, gate, found)
    return page


def _head(page: Page, material: Material, found: Judgement | None) -> None:
    """Write what the draft was made from, and what its own source makes of it."""
    sample = material.sample
    listed = ", ".join(each.path.name for each in material.forms[:3]) + (", …" if len(material.forms) > 3 else "")  # noqa: PLR2004
    page.add(f"# Drafted by dq infer from {' '.join(listed.split())}: {looked(sample.records, sample.looked_at)}")
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
    for line in judged(found) if found is not None else ():
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


def looked(everything: int, looked_at: int) -> str:
    """Say how many records the draft was made from."""
    if not everything:
        return "no record: only the names of the columns are known."
    if everything == looked_at:
        return f"{counted(everything, 'record')}, all of them looked at."
    return f"{counted(everything, 'record')}, {number(looked_at)} of them looked at, evenly spread."


def judged(found: Judgement) -> list[str]:
    """Say what the source makes of the draft."""
    doors = found.records
    read, accepted = doors["read"], doors["accepted"]
    if not read:
        return []
    first = (
        f"Run over its own source: {found.verdict}. {share(accepted, read)} record{'' if read == 1 else 's'} accepted"
    )
    first += "".join(f", {number(doors[door])} {door}" for door in ("quarantined", "deduplicated") if doors[door]) + "."
    failed = [f"{check} {number(count)} ({percent(count, read)})" for check, count in found.failed]
    return [first, *([f"What does not pass: {', '.join(failed)}."] if failed else [])]
