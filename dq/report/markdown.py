"""Markdown for people who read a job's summary or a merge request: one screen, and the lines to paste."""

from __future__ import annotations

import re
from typing import Any

from dq.report.findings import Case, Paths, cases, worst_first
from dq.report.page.overview import WORDS, sentence
from dq.report.wording import count, lines, percent, plain

SHOWN = 20
DOORS = ("accepted", "quarantined", "deduplicated", "filtered")
MARKS = {"pass": "✅", "warn": "⚠️", "fail": "❌"}


def render(report: dict[str, Any], paths: Paths | None = None) -> bytes:
    """Return a summary in GitHub's and GitLab's Markdown."""
    spec, found = report["spec"], worst_first(cases(report, paths)[1:])
    named, word = f"{text(spec['event'], 80)} {text(spec['version'], 40)}", WORDS[report["verdict"]].lower()
    parts = [
        f"## {MARKS[report['verdict']]} {named}: {word}",
        sentence(report),
        *_reasons(report),
        _flow(report),
    ]
    if found:
        parts += ["### What does not hold", _table(found[:SHOWN])]
    if len(found) > SHOWN:
        parts.append(f"{len(found) - SHOWN} more in the report.")
    parts += _terms(report)
    if report["recommendations"]:
        parts += [
            "### What to do next",
            *(_advice(number, item) for number, item in enumerate(report["recommendations"], 1)),
        ]
    parts.append(f"Made by dq {text(report['dq'])}; plan `{spec['fingerprint'][:12]}`, now {report['now']}.")
    return ("\n\n".join(parts) + "\n").encode()


def text(value: Any, limit: int = 300) -> str:
    """Return a text that Markdown shows as it is: every mark that could mean something is an entity."""
    return re.sub(
        r"[^\w ,\-\u0080-\U0010ffff]|_|www", lambda m: "".join(f"&#{ord(c)};" for c in m[0]), plain(value, limit)
    )


def code(value: Any, limit: int = 120) -> str:
    """Return a text in the type of code."""
    return f"<code>{text(value, limit)}</code>"


def _reasons(report: dict[str, Any]) -> list[str]:
    listed = [f"* {text(reason)}" for reason in report["because"][:5]]
    if len(report["because"]) > len(listed):
        listed.append(f"* {len(report['because']) - len(listed)} more in the report")
    return ["\n".join(listed)] if listed else []


def _flow(report: dict[str, Any]) -> str:
    records = report["records"]
    rows = [f"| read | {count(records['read'])} | |"]
    for door in DOORS:
        share = percent(records[door] / records["read"]) if records["read"] else ""
        held = ", held back" if door == "accepted" and report["verdict"] == "fail" else ""
        rows.append(f"| {door}{held} | {count(records[door])} | {share} |")
    return "\n".join(["| records | | |", "| :-- | --: | --: |", *rows])


def _table(found: list[Case]) -> str:
    rows = [
        f"| {case.level} | {code(case.id)} | {text(case.words)} | {code(case.spec) if case.spec is not None else ''} "
        f"| {code(case.examples[0]) if case.examples else ''} |"
        for case in found
    ]
    return "\n".join(["| | promise | found | asked in | first at |", "| :-- | :-- | :-- | :-- | :-- |", *rows])


def _terms(report: dict[str, Any]) -> list[str]:
    """Return the waivers with their reasons, and how what does not hold stands to the baseline."""
    parts = []
    if "waivers" in report:
        rows = [
            f"| {w['state']} | {code(w['check'])} | {text(w['reason'])} | {text(w['owner'])} | {text(w['expires'])} |"
            for w in report["waivers"]["entries"]
        ]
        head = ["| | waived | reason | owner | last day |", "| :-- | :-- | :-- | :-- | :-- |"]
        parts += ["### Waivers", "\n".join([*head, *rows])]
    if "baseline" in report:
        rows = [
            f"| {p['standing']} | {code(p['id'])} | {_share(p['before'])} | {_share(p['after'])} |"
            for p in report["baseline"]["promises"]
        ]
        head = ["| | promise | failed then | fails now |", "| :-- | :-- | --: | --: |"]
        parts += [f"### Against the baseline of {text(report['baseline']['now'])}", "\n".join([*head, *rows])]
    return parts


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _advice(number: int, item: dict[str, Any]) -> str:
    """Return one recommendation with its lines, in a fence longer than any in them."""
    said = f"{number}. {text(item['text'], 400)}"
    if not item["patch"]:
        return said
    patch = lines(item["patch"].rstrip("\n"))
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", patch)), default=0))
    block = "\n".join(f"   {line}" for line in [f"{fence}yaml", *patch.split("\n"), fence])
    return f"{said}\n\n{block}"
