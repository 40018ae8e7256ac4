"""The summary for people: the verdict and why, where the records went, what is wrong, what to do next.

It is made for one screen of 80 columns and says everything in words, so that nothing is lost without colour.
Data can reach it only through `plain`, which shows control characters instead of sending them, so that no
value moves the cursor or forges a line.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, Literal

from rich.cells import cell_len
from rich.console import Group
from rich.table import Table
from rich.text import Text

from dq.report.ranking import worst_checks
from dq.report.wording import percent, plain, several, verdict_words

if TYPE_CHECKING:
    from rich.console import RenderableType

STYLES = {
    "pass": "green", "warn": "yellow", "fail": "red", "not_evaluated": "yellow", "waived": "yellow", "known": "yellow",
}  # fmt: skip
WORDS = {"pass": "PASS", "warn": "PASS, with warnings", "fail": "FAIL"}
DOORS = (("accepted", "green"), ("quarantined", "red"), ("deduplicated", "blue"), ("filtered", "cyan"))
COLUMNS: tuple[tuple[str, Literal["left", "right"]], ...] = (
    ("check", "left"),
    ("failed", "right"),
    ("share", "right"),
    ("verdict", "left"),
    ("for example", "left"),
)
WIDTH = 24
CHECKS = 8
REASONS = 4
STEPS = 3
ACTIONS = 3
NAME = 32
"""A check's id is shown whole up to so many characters."""


def summary(report: dict[str, Any], where: str | None = None) -> RenderableType:
    """Return the summary of a report as a rich renderable; `where` names the output folder."""
    failing = worst_checks(report)
    shown = failing[:CHECKS]
    parts: list[RenderableType] = [_headline(report), *_because(report, {check["id"] for check in shown})]
    parts += [*_refusals(report), Text(), _flow(report)]
    if shown:
        parts += [Text(), _checks(shown, several=len(report["sources"]) > 1)]
        parts += _more(len(failing) - len(shown), "check has failures", "checks have failures")
    parts += _terms(report)
    parts += _conflicts(report)
    parts += _cleaning(report)
    parts += _training(report)
    parts += _actions(report, where)
    if where is not None:
        parts += [Text(), _written(report, where)]
    return Group(*parts)


def _headline(report: dict[str, Any]) -> Text:
    verdict, spec, profile = report["verdict"], report["spec"], report["gate"].get("profile")
    return Text.assemble(
        (WORDS[verdict], f"bold {STYLES[verdict]}"),
        f"  {plain(spec['event'])} {plain(spec['version'])}",
        f"  profile {plain(profile)}" if profile is not None else "",
        (f"  {spec['fingerprint'][:12]}", "dim"),
    )


def _because(report: dict[str, Any], shown: set[str]) -> list[RenderableType]:
    """Return the reasons of the verdict, apart from those that are a row of the table of checks.

    That a check could not ask cells that failed to cast is told only where it alone decided the verdict.
    """
    blocked = {check["id"] for check in report["checks"] if not check["failed"]}
    told = [reason for reason in report["because"] if reason.partition(":")[0] not in shown | blocked]
    if not told and report["verdict"] not in {"pass", *(c["verdict"] for c in report["checks"] if c["id"] in shown)}:
        told = report["because"]
    style = STYLES[report["verdict"]]
    lines = [_item("!", style, reason) for reason in told[:REASONS]]
    return [*lines, *_more(len(told) - REASONS, "reason is in the report", "reasons are in the report")]


def _refusals(report: dict[str, Any]) -> list[RenderableType]:
    """Return how close a batch that passed came to the refusals that its gate tolerates."""
    tolerated, records = report["gate"]["quarantined"], report["records"]
    judged = records["accepted"] + records["quarantined"]
    if tolerated is None or report["verdict"] == "fail" or not records["quarantined"]:
        return []
    part, refused = records["quarantined"] / judged, records["quarantined"]
    if part > tolerated:  # Waivers or the baseline excuse it, as a reason says.
        return []
    words = f"{refused:,} of {judged:,} judged records were refused ({percent(part)})"
    return [Text(f"{words}, {tolerated * 100:.4g}% are tolerated")]


def _item(mark: str, style: str, text: str) -> RenderableType:
    """Return one line with a mark before it; what does not fit goes on below the text, not below the mark."""
    table = Table.grid(padding=(0, 1))
    table.add_row(Text(mark, style=style), Text(plain(text, 300)))
    return table


def _more(count: int, one: str, many: str) -> list[RenderableType]:
    """Return a line that says how much is not shown, if anything."""
    return [Text(f"  {count:,} more {one if count == 1 else many}", style="dim")] if count > 0 else []


def _flow(report: dict[str, Any]) -> Table:
    """Return how many records came in, and through which door they left."""
    records = report["records"]
    table = Table.grid(padding=(0, 2))
    table.add_column()
    table.add_column(justify="right")
    table.add_column(justify="right")
    table.add_column()
    table.add_row("read", f"{records['read']:,}", "", "")
    for door, style in DOORS:
        count = records[door]
        part = count / records["read"] if records["read"] else 0.0
        bar = "█" * round(part * WIDTH) or ("▏" if count else "")
        name, colour = door, style
        if door == "accepted" and report["verdict"] == "fail":
            name, colour = "accepted, held", "yellow"
        table.add_row(Text(name, style=colour), f"{count:,}", percent(part), Text(bar, style=colour))
    return table


def _checks(checks: list[dict[str, Any]], *, several: bool) -> Table:
    """Return one row for each check that found faults; `several` sources are told apart in the examples.

    Only the examples are cut where the screen is narrow; the other columns are as wide as their contents.
    """
    rows = [_row(check, several=several) for check in checks]
    table = Table(box=None, padding=(0, 1), pad_edge=False, show_edge=False, header_style="dim", expand=True)
    for number, (name, align) in enumerate(COLUMNS[:-1]):
        width = max(len(name), *(cell_len(row[number]) for row in rows))
        table.add_column(name, justify=align, no_wrap=True, overflow="ellipsis", width=min(NAME, width))
    table.add_column(COLUMNS[-1][0], no_wrap=True, overflow="ellipsis", ratio=1)
    for check, row in zip(checks, rows, strict=True):
        style = _style(check)
        styles = (style, "", "", style, "")
        table.add_row(*(Text(cell, style=style) for cell, style in zip(row, styles, strict=True)))
    return table


def _row(check: dict[str, Any], *, several: bool) -> tuple[str, ...]:
    """Return the cells of one check's row."""
    part = check["failed"] / max(1, check["evaluated"] + check["blocked"])
    name = plain(check["id"], 60)
    return name, f"{check['failed']:,}", percent(part), verdict_words(check), _example(check, several=several)


def _style(check: dict[str, Any]) -> str:
    """Return the colour of a check: of its verdict, or of what became of the rows that failed it."""
    if check["verdict"] == "tolerated":
        return "red" if check["on_fail"] in {"quarantine", "abort"} else "yellow"
    return STYLES[check["verdict"]]


def _example(check: dict[str, Any], *, several: bool) -> str:
    """Return what stood in the first failing record, and where that is; the place is cut first."""
    if not check["examples"]:
        return ""
    example = check["examples"][0]
    line, source = example["line"], plain(example["source"], 30)
    place = f"line {line:,}" if line is not None else f"record {example['record']:,}"
    if several:
        place = f"{source}:{line}" if line is not None else f"{source} {place}"
    if "code" in example:
        return f"{plain(example['code'].removeprefix('unreadable.'))}, {place}"
    return place if example["value"] is None else f"{plain(example['value'])}, {place}"


def _conflicts(report: dict[str, Any]) -> list[RenderableType]:
    """Return how many duplicates say something else than the record that stayed, and in which fields most."""
    found = (report["dedupe"] or {}).get("duplicates") or {}
    if not found.get("conflicting"):
        return []
    fields = sorted(found["differs"].items(), key=lambda item: (-item[1], item[0]))
    names = [f"{plain(name)} {count:,}" for name, count in fields[:STEPS]]
    if len(fields) > STEPS:
        names.append(several(len(fields) - STEPS, "more field"))
    count, keys = several(found["conflicting"], "duplicate"), several(found["keys_conflicting"], "key")
    words = f"{count} of {keys} {'differs' if found['conflicting'] == 1 else 'differ'} from the record that stayed"
    return [Text(), Text.assemble(("conflicts: ", "dim"), f"{words}: {', '.join(names)}")]


def _cleaning(report: dict[str, Any]) -> list[RenderableType]:
    """Return which steps changed most cells."""
    changed = [step for step in report["cleaning"] if step["changed"]]
    if not changed:
        return []
    changed.sort(key=lambda step: (-step["changed"], step["step"]))
    names = [f"{plain(step['step'])} {step['changed']:,}" for step in changed[:STEPS]]
    if len(changed) > STEPS:
        more = len(changed) - STEPS
        names.append(f"{more} more step{'' if more == 1 else 's'}")
    return [Text(), Text.assemble(("cells changed by ", "dim"), ", ".join(names))]


def _terms(report: dict[str, Any]) -> list[RenderableType]:
    """Return the waivers that were needed, how many there are, and how what does not hold stands to the baseline."""
    used = [waiver for waiver in report.get("waivers", {"entries": []})["entries"] if waiver["state"] == "used"]
    lines: list[RenderableType] = [
        _item("~", "yellow", f"{w['check']} is waived until {w['expires']} by {plain(w['owner'])}: {w['reason']}")
        for w in used[:REASONS]
    ]
    for name, key, kind in (("waivers", "entries", "state"), ("baseline", "promises", "standing")):
        if name in report:
            found = Counter(item[kind] for item in report[name][key])
            words = ", ".join(f"{count:,} {word}" for word, count in found.items()) or "nothing to compare"
            lines.append(Text.assemble((f"{name} ", "dim"), words))
    return [Text(), *lines] if lines else []


def _training(report: dict[str, Any]) -> list[RenderableType]:
    """Return how many questions to a training set were passed, and its classes."""
    ml = report["ml"]
    if not ml.get("checks"):
        return []
    asked = [check for check in ml["checks"] if check["verdict"] != "not_evaluated"]
    passed = sum(check["verdict"] == "pass" for check in asked)
    words = f"{passed} of {len(asked)} questions passed" if asked else "too little to judge"
    classes = ml["classes"] or []
    shares = ", ".join(f"{plain(c['value'], 20)} {percent(c['share'])}" for c in classes[:STEPS])
    more = f", {len(classes) - STEPS} more" if len(classes) > STEPS else ""
    of = f" {plain(ml['target'])}" if ml["target"] else ""
    return [Text(), Text.assemble((f"to train on{of} ", "dim"), words, f": {shares}{more}" if shares else "")]


def _actions(report: dict[str, Any], where: str | None) -> list[RenderableType]:
    """Return what to do next, and how to get the lines for the spec where a report was written."""
    items = report["recommendations"]
    lines = [_item("→", "bold", item["text"]) for item in items[:ACTIONS]]
    more, words = len(items) - ACTIONS, []
    if more > 0:
        words.append(f"{several(more, 'more recommendation')} {'is' if more == 1 else 'are'} in the report")
    if where is not None and any(item["patch"] for item in items):
        words.append(f"`dq suggest {plain(where, 200)}/report.json` has the lines for the spec")
    last = [Text("  " + "; ".join(words), style="dim")] if words else []
    return [Text(), *lines, *last] if lines else []


def _written(report: dict[str, Any], where: str) -> Text:
    """Return where the outputs are, and what the rows of a failed batch are called."""
    text = Text.assemble(("written to ", "dim"), plain(where, 200))
    if report["verdict"] == "fail":
        text.append(" (the batch failed: its rows are called held.*)", style="dim")
    return text
