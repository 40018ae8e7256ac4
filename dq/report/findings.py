"""What a machine is told of a report: one case for every promise, with how bad it is and where it leads.

Formats for machines (JUnit, SARIF, annotations, TAP) are made of cases, so that they agree with each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dq.report.wording import limit_percent, percent, plain, shown

Report = dict[str, Any]
Paths = Mapping[str, str]
Level = Literal["error", "warning", "note", "none"]
LEVELS: tuple[Level, ...] = ("error", "warning", "note", "none")
WORDS_LIMIT = 300
REASONS = 3
GATE = "gate"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: its path and, where there are lines, the line from 1; `words` say more of it."""

    path: str
    line: int | None
    words: str = ""

    def __str__(self) -> str:
        """Return `path:line`, or the path and the words."""
        return f"{self.path}:{self.line}" if self.line is not None else f"{self.path}{self.words and ', ' + self.words}"


@dataclass(frozen=True, slots=True)
class Case:
    """One promise: what it is called, whether it holds, and where it is asked for and broken.

    `level` is `none` for a promise that holds.  `asked` is False where there was nothing to judge.  `verdict` is that
    of the report, and `standing` says how it stands to the baseline.  All texts are one printable line.
    """

    id: str
    kind: str
    group: str
    expected: str
    level: Level
    words: str
    asked: bool = True
    spec: Place | None = None
    examples: tuple[Place, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    verdict: str = ""
    standing: str | None = None


def cases(report: Report, paths: Paths | None = None) -> list[Case]:
    """Return the gate, refused sources, waivers, checks, expectations and what `ml` asks, in the order of the report.

    The gate is an error exactly where the batch failed, so a batch that failed has an error in every format.

    `paths` says where a reader finds the files that the report knows by name only.
    """
    known = paths or {}
    refused = [_refused(source, known) for source in report["sources"] if source["refused"]]
    checks = [_check(check, report, known) for check in report["checks"]]
    expected = [_expectation(item, known) for item in report["expectations"]]
    training = [_training(item, known) for item in report["ml"].get("checks", [])]
    waived = report.get("waivers", {"entries": []})
    waivers = [_waiver(entry, waived["file"], known) for entry in waived["entries"]]
    standings = {
        plain(item["id"], 120): item["standing"] for item in report.get("baseline", {"promises": []})["promises"]
    }
    found = [_gate(report, known), *refused, *waivers, *checks, *expected, *training]
    return [replace(case, standing=standings.get(case.id)) for case in found]


def worst_first(found: list[Case]) -> list[Case]:
    """Return the cases that do not hold, the worst level first, each level in the order of the report."""
    return sorted((case for case in found if case.level != "none"), key=lambda case: LEVELS.index(case.level))


def headline(report: Report) -> str:
    """Return the verdict of a batch in one printable line."""
    records, spec = report["records"], report["spec"]
    refused = f"{records['quarantined']:,} of {records['read']:,} records refused"
    return f"{plain(spec['event'], 80)} {plain(spec['version'])}: {report['verdict']}, {refused}"


def _path(name: str, known: Paths) -> str:
    return plain(known.get(name, name), 400)


def _spec(item: dict[str, Any], known: Paths) -> Place | None:
    """Return the line of the spec that asks; None for the check that every run has."""
    if not item.get("line"):
        return None
    return Place(_path(item["file"], known), item["line"])


def _gate(report: Report, known: Paths) -> Case:
    """Return the verdict of the batch as a case; it stands in the spec, though the report knows no line of it."""
    tolerated, records = report["gate"]["quarantined"], report["records"]
    judged = records["accepted"] + records["quarantined"]
    if tolerated is None:
        expected = f"no promise of severity {report['gate']['fail_on']} broken"
    else:
        expected = f"at most {limit_percent(tolerated)} of the records refused"
    if "profile" in report["gate"]:
        expected += f" (profile {plain(report['gate']['profile'])})"
    found = percent(records["quarantined"] / judged) if judged else "none"
    words = f"{headline(report)} ({found} of those judged): expected {expected}"
    why = "; ".join(plain(reason, WORDS_LIMIT) for reason in report["because"][:REASONS])
    level: Level = "error" if report["verdict"] == "fail" else "none"
    asked = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
    file = next((item["file"] for item in asked if "file" in item), None)
    place = None if file is None else Place(_path(file, known), None)
    return Case(GATE, GATE, "batch", expected, level, f"{words}. {why}" if why else words, spec=place)


def _refused(source: dict[str, Any], known: Paths) -> Case:
    why = source["refused"]
    words = f"refused as a whole ({plain(why['code'])}): {plain(why['message'], WORDS_LIMIT)}"
    place = Place(_path(source["name"], known), None)
    name = f"source.{plain(source['name'], 80)}"
    return Case(name, plain(why["code"]), "sources", "an input that can be read", "error", words, examples=(place,))


def _waiver(entry: dict[str, Any], file: str, known: Paths) -> Case:
    """Return a waiver as a promise: that what it waives is mended before its last day is over."""
    words = (
        f"waived until {plain(entry['expires'])} by {plain(entry['owner'], 80)}: {plain(entry['reason'], WORDS_LIMIT)}"
    )
    return Case(
        id=f"waiver.{plain(entry['check'], 120)}",
        kind="waiver",
        group="waivers",
        expected=f"no waiver after {plain(entry['expires'])}",
        level="error" if entry["state"] == "expired" else "note",
        words=f"expired: {words}" if entry["state"] == "expired" else f"{words} ({entry['state']})",
        spec=Place(_path(file, known), entry["line"]),
    )


def _excused(item: dict[str, Any]) -> str:
    """Return what keeps a promise that does not hold from failing the gate, to stand behind what was found."""
    return {"waived": " (waived)", "known": " (no worse than in the baseline)"}.get(item["verdict"], "")


def _check(check: dict[str, Any], report: Report, known: Paths) -> Case:
    examples = tuple(Place(_path(e["source"], known), e["line"], f"record {e['record']:,}") for e in check["examples"])
    return Case(
        id=plain(check["id"], 120),
        kind=plain(check["kind"]),
        group=plain(check["field"] if check["field"] is not None else "record", 80),
        expected=plain(check["expected"], WORDS_LIMIT),
        level=_level(check, report),
        words=_words(check) + _excused(check),
        asked=bool(check["evaluated"] or check["blocked"]),
        spec=_spec(check, known),
        examples=examples,
        properties={name: str(check[name]) for name in ("dimension", "severity", "on_fail")},
        verdict=check["verdict"],
    )


def _level(check: dict[str, Any], report: Report) -> Level:
    """Return how bad a check is: an error fails the gate, a warning may refuse records, a note breaks no promise."""
    if check["verdict"] == "fail" or (
        check["verdict"] == "not_evaluated" and any(why.startswith(f"{check['id']}:") for why in report["because"])
    ):
        return "error" if check["severity"] == "error" or report["gate"]["fail_on"] == "warning" else "warning"
    if check["verdict"] == "warn" or (check["verdict"] == "tolerated" and check["failed"]):
        return "warning"
    return "note" if check["failed"] or check["verdict"] in {"waived", "known"} else "none"


def _words(check: dict[str, Any]) -> str:
    """Return what a check found, in words, with its first value."""
    asked = check["evaluated"] + check["blocked"]
    if not asked:
        return "nothing to judge"
    if not check["failed"]:
        return f"{check['blocked']:,} of {asked:,} could not be read" if check["blocked"] else f"all of {asked:,} pass"
    text = f"{check['failed']:,} of {asked:,} fail ({percent(check['failed'] / asked)}): expected "
    text += plain(check["expected"], WORDS_LIMIT)
    value = next((e["value"] for e in check["examples"] if e["value"] is not None), None)
    return text if value is None else f"{text}, found for example {shown(value)}"


_OF_VERDICT: dict[str, Level] = {
    "pass": "none", "not_evaluated": "none", "warn": "warning", "fail": "error", "waived": "note", "known": "note",
}  # fmt: skip


def _expectation(item: dict[str, Any], known: Paths) -> Case:
    found = "nothing to judge" if item["observed"] is None else f"found {shown(item['observed'], 120)}"
    words = f"expected {plain(item['expected'], WORDS_LIMIT)}, {found}"
    if item.get("note"):
        words += f" ({plain(item['note'], WORDS_LIMIT)})"
    return Case(
        id=plain(item["id"], 120),
        kind=plain(item["kind"]),
        group="batch" if item["field"] is None else plain(item["field"], 80),
        expected=plain(item["expected"], WORDS_LIMIT),
        level=_OF_VERDICT[item["verdict"]],
        words=words + _excused(item),
        asked=item["verdict"] != "not_evaluated",
        spec=_spec(item, known),
        properties={"severity": item["severity"]},
        verdict=item["verdict"],
    )


def _training(item: dict[str, Any], known: Paths) -> Case:
    found = "; ".join(plain(finding["words"], 160) for finding in item["findings"][:5])
    return Case(
        id=plain(item["id"], 120),
        kind=plain(item["kind"]),
        group="training",
        expected=plain(item["expected"], WORDS_LIMIT),
        level=_OF_VERDICT[item["verdict"]],
        words=f"expected {plain(item['expected'], WORDS_LIMIT)}"
        + (f", found {found}" if found else "")
        + _excused(item),
        asked=item["verdict"] != "not_evaluated",
        spec=_spec(item, known),
        properties={"severity": item["severity"]},
        verdict=item["verdict"],
    )
