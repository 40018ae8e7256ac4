"""The first screen: the verdict in a sentence, and the answers that four readers look for.

The owner of a model asks whether the data can be used, the engineer on duty what broke, the gatekeeper which promises
hold, the data scientist what was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dq.report.ranking import worst_checks
from dq.report.wording import count, limit_percent, measure, percent, place, plain, several

Report = dict[str, Any]
WORDS = {"pass": "Passed", "warn": "Passed with warnings", "fail": "Failed"}
HELD = frozenset({"pass", "tolerated"})
BROKEN = frozenset({"fail", "warn", "waived", "known"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader finds: the question, the answer in large type, what it rests on, and where to read on."""

    question: str
    answer: str
    tone: str
    facts: tuple[str, ...]
    link: str


def sentence(report: Report) -> str:
    """Return what was judged, how many records of it were refused, and how many promises broke."""
    records = report["records"]
    if not records["read"]:
        return "No record was read."
    refused = f"{count(records['quarantined'])} of {several(records['read'], 'record')}"
    verb = "was" if records["quarantined"] == 1 else "were"
    text = f"{refused} {verb} refused"
    if records["quarantined"]:
        text += f" ({percent(records['quarantined'] / records['read'])})"
    asked, broken = len(_promised(report)), len(_broken(_promised(report)))
    if not broken:
        return f"{text}; all {several(asked, 'promise')} hold." if asked > 1 else f"{text}."
    return f"{text}; {count(broken)} of {several(asked, 'promise')} {'does' if broken == 1 else 'do'} not hold."


def _promised(report: Report) -> list[dict[str, Any]]:
    """Return everything that a spec promises of its data: checks, expectations, and what `ml` asks."""
    return [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]


def _broken(promises: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the checks or expectations that found a fault, whatever the gate makes of it."""
    return [item for item in promises if item["verdict"] in BROKEN or item.get("failed")]


def unmet(report: Report) -> list[dict[str, Any]]:
    """Return what is asked of the whole batch and does not hold, what fails the gate first."""
    broken = _broken([*report["expectations"], *report["ml"].get("checks", [])])
    return sorted(broken, key=lambda item: item["verdict"] != "fail")


def answers(report: Report) -> tuple[Answer, ...]:
    """Return what each of the four readers came for."""
    return tuple(answer(report) for answer in ANSWERS)


def _use(report: Report) -> Answer:
    """Say whether the accepted rows may be used, and how many there are."""
    records, verdict = report["records"], report["verdict"]
    if not records["read"]:
        return Answer("Can I use this data?", "Nothing to use", "bad", ("no record was read",), "#provenance")
    share = percent(records["accepted"] / records["read"])
    facts = [f"{count(records['accepted'])} rows, {share} of what was read"]
    facts.append("held back as held.*: the gate failed" if verdict == "fail" else "published as accepted.*")
    facts += _training(report)
    lost = (report["dedupe"] or {}).get("keys_without_accepted_record", 0)
    if lost:
        facts.append(f"{several(lost, 'key')} left without an accepted record")
    word = {"pass": "Yes", "warn": "Yes, with care", "fail": "No"}[verdict]
    return Answer("Can I use this data?", word, TONES[verdict], tuple(facts), "#fields")


def _training(report: Report) -> list[str]:
    """Return whether the rows are fit to train on, and whether they are distributed as before, where it was asked."""
    facts = []
    asked = report["ml"].get("checks", [])
    if asked:
        words = (
            "fit to train on" if not _broken(asked) else f"{several(len(_broken(asked)), 'finding')} against training"
        )
        facts.append(words)
    drifts = [item for item in report["expectations"] if item["kind"] == "drift" and item["verdict"] != "not_evaluated"]
    if drifts:
        facts.append(f"{count(len(_broken(drifts)))} of {several(len(drifts), 'field')} drifted from the state")
    return facts


def _broke(report: Report) -> Answer:
    """Name the worst fault, where its first example stands, and the line of the spec that asks for it."""
    question, failing = "What broke?", worst_checks(report)
    others = unmet(report)
    refused = [source for source in report["sources"] if source["refused"]]
    if refused:
        first = refused[0]
        why = (plain(first["refused"]["message"], 120), plain(first["refused"]["code"]))
        return Answer(question, plain(first["name"], 40), "bad", why, "#provenance")
    if others and (not failing or (others[0]["verdict"] == "fail" and failing[0]["verdict"] != "fail")):
        return _other(question, others[0])
    if not failing:
        return Answer(question, "Nothing", "ok", ("no check found a fault",), "#checks")
    check = failing[0]
    facts = [f"{several(check['failed'], 'fault')}, {percent(fault_share(check))} of what was asked"]
    if check["examples"]:
        facts.append(f"first at {place(check['examples'][0])}")
    if check.get("line"):
        facts.append(f"asked for at {plain(check['file'], 60)}:{check['line']}")
    tone = "warn" if check["verdict"] == "warn" or check["severity"] == "warning" else "bad"
    return Answer(question, plain(check["id"], 60), tone, tuple(facts), "#checks")


def _other(question: str, item: dict[str, Any]) -> Answer:
    """Name an expectation, or what `ml` asks, that does not hold."""
    facts = [f"expected {plain(item['expected'], 120)}"]
    facts += [f"found {plain(finding['words'], 80)}" for finding in item.get("findings", [])[:1]]
    if item.get("observed") is not None:
        facts.append(f"found {measure(item['observed'])}")
    facts.append(f"asked for at {plain(item['file'], 60)}:{item['line']}")
    link = "#training" if "findings" in item else "#expectations"
    return Answer(question, plain(item["id"], 60), TONES[item["verdict"]], tuple(facts), link)


def fault_share(check: dict[str, Any]) -> float:
    """Return the share of failures among the rows that a check was to judge."""
    part: float = check["failed"] / max(1, check["evaluated"] + check["blocked"])
    return part


def _promises(report: Report) -> Answer:
    """Count how many promises hold, and by which rule the gate decided."""
    promised, expectations = _promised(report), report["expectations"]
    text = f"{count(len(promised) - len(_broken(promised)))} of {count(len(promised))}"
    facts = [_rule(report)]
    if expectations:
        good = sum(item["verdict"] == "pass" for item in expectations)
        facts.append(f"{count(good)} of {several(len(expectations), 'expectation')} of the batch hold")
    warned = sum(item["verdict"] == "warn" for item in promised)
    if warned:
        facts.append(f"{several(warned, 'promise')} only warned")
    for verdict, words in (("waived", "waived"), ("known", "no worse than in the baseline")):
        found = sum(item["verdict"] == verdict for item in promised)
        facts += [f"{several(found, 'promise')} {words}"] if found else []
    return Answer("Which promises hold?", text, TONES[report["verdict"]], tuple(facts), "#checks")


def _rule(report: Report) -> str:
    """Return the rule of the gate and what it found."""
    tolerated, records = report["gate"]["quarantined"], report["records"]
    name = report["gate"].get("profile")
    gate = "gate" if name is None else f"gate ({name})"
    if tolerated is None:
        return f"{gate}: no check of severity {report['gate']['fail_on']} may fail"
    judged = records["accepted"] + records["quarantined"]
    found = percent(records["quarantined"] / judged) if judged else "none"
    return f"{gate}: at most {limit_percent(tolerated)} refused, found {found}"


def _changed(report: Report) -> Answer:
    """Count how many cells were changed, and by which steps most."""
    question = "What was changed?"
    steps = sorted((s for s in report["cleaning"] if s["changed"]), key=lambda s: (-s["changed"], s["step"]))
    if not steps:
        return Answer(question, "Nothing", "ok", ("no step changed a value",), "#fields")
    cells = sum(step["changed"] for step in steps)
    fields = len({step["field"] for step in steps})
    facts = [f"in {several(fields, 'field')}, by {several(len(steps), 'step')}"]
    facts += [f"{plain(step['step'], 40)}: {count(step['changed'])}" for step in steps[:2]]
    return Answer(question, several(cells, "cell"), "note", tuple(facts), "#cleaning")


TONES = {"pass": "ok", "warn": "warn", "fail": "bad", "not_evaluated": "note", "waived": "warn", "known": "warn"}
ANSWERS: tuple[Callable[[Report], Answer], ...] = (_use, _broke, _promises, _changed)
