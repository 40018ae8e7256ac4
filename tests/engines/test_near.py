"""Near duplicates, held to the literal reading: all pairs, one by one, whatever the chunks and the memory."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan, make_settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.report.build import build

pytest.importorskip("rapidfuzz", reason="the extra match is not installed")

SPEC = """
dq: 1
event: person
version: 1.0.0
fields:
  id: {type: string}
  name: {type: string, clean: [strip], checks: [{max_length: 5}]}
  born: {type: date}
  city: {type: string, impute: most_frequent}
  seen: {type: integer}
  size: {type: integer, derive: length(name)}
checks:
  - {unique: [city, name], severity: warning}
dedupe:
  KEY
  match:
    fields:
      name: {by: jaro_winkler, weight: 2}
      born: alignment
      city: exact
    blocks: [[born], [{field: name, first: 1}, city], [{field: name, soundex: true}]]
    threshold: 75%
    max_block: 4
  keep: KEEP
  ORDER
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
WEIGHTS = {"name": 2.0, "born": 1.0, "city": 1.0}
SOUNDS = {"Anna": "A500", "Anne": "A500", "Ana": "A500", "Hannah": "H500", "Bob": "B100", "Ödön": "D500", None: None}
KEEPS = ["first", "last", "most_complete", "merge"]
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(["1", "2", None]),
            "name": st.sampled_from([*SOUNDS]),
            "born": st.sampled_from(["2001-02-03", "2001-03-02", "1999-12-31", "never", None]),
            "city": st.sampled_from(["Rome", "Oslo", None]),
            "seen": st.sampled_from(["1", "2", "x", None]),
        }
    ),
    max_size=10,
)


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, bool, bool], Plan]:
    folder = tmp_path_factory.mktemp("specs")
    found = {}
    for keep in KEEPS:
        for keyed in (False, True):
            for ordered in (False, True):
                path = folder / f"{keep}{keyed}{ordered}.dq.yaml"
                text = SPEC.replace("KEEP", keep).replace("KEY", "key: [id]" if keyed else "")
                path.write_text(text.replace("ORDER", "order_by: seen" if ordered else ""))
                found[keep, keyed, ordered] = dq.load(path)
    return found


def outcome(plan: Plan, records: Any, **driven: Any) -> tuple[Any, Any, Any]:
    """Return the report, the accepted rows, and what each removed record lost to, why, and with which score."""
    doors = MemoryDoors(plan.compiled)
    run = BatchRun(plan.compiled, plan.inputs(records), replace(make_settings(NOW), **driven), doors)
    report = build(plan.compiled, run.run(), NOW)
    accepted, _, removed = doors.frames()
    lost = {
        row["record"]: (row["lost_record"], json.loads(row["reasons"])[0]["code"], row["lost_score"])
        for row in removed.to_dicts()
    }
    return report, accepted.to_dicts(), lost


@settings(max_examples=60, deadline=None)
@given(
    records=RECORDS,
    keep=st.sampled_from(KEEPS),
    keyed=st.booleans(),
    ordered=st.booleans(),
    size=st.integers(1, 5),
    memory=st.sampled_from([0, 1 << 20]),
)
def test_who_stays_of_nearly_the_same(
    plans: dict[tuple[str, bool, bool], Plan],
    records: list[dict[str, Any]],
    keep: str,
    keyed: bool,
    ordered: bool,
    size: int,
    memory: int,
) -> None:
    report, accepted, lost = outcome(plans[keep, keyed, ordered], records, chunk_records=size, memory=memory)
    expected = Literal(records, keep, keyed=keyed, ordered=ordered)
    assert {n: (w, s) for n, (w, c, s) in lost.items() if c == "duplicate.near"} == expected.near
    assert {n: w for n, (w, c, _) in lost.items() if c != "duplicate.near"} == expected.by_key
    near = report["dedupe"]["near"]
    assert (near["pairs_compared"], near["pairs_matched"]) == (expected.compared, expected.matched)
    assert (near["blocks_skipped"], near["records_skipped"]) == (expected.blocks, expected.skipped)
    assert near["linked"] == sum(score < 0.75 for _, score in expected.near.values())
    assert (near["clusters"], near["largest"]) == (len(expected.sizes), max(expected.sizes, default=0))
    assert [row["seen"] for row in accepted] == [row["seen"] for row in expected.accepted]
    assert [row["name"] for row in accepted] == [row["name"] for row in expected.accepted]
    assert [row["size"] for row in accepted] == [row["name"] and len(row["name"]) for row in expected.accepted]
    merged = [one for one in report["cleaning"] if one["step"].endswith(".merge")]
    assert sum(one["changed"] for one in merged) == expected.filled
    assert bool(merged) == (keep == "merge")


class Literal:
    """What the spec says, done by hand."""

    def __init__(self, records: list[dict[str, Any]], keep: str, *, keyed: bool, ordered: bool) -> None:
        self.keep, self.ordered = keep, ordered
        self.rows = {number: typed(record) for number, record in enumerate(records, 1)}
        self.by_key: dict[int, int] = {}
        if keyed:
            for key in ("1", "2"):
                group = [n for n, row in self.rows.items() if row["id"] == key]
                self.by_key |= {n: self.best(group) for n in group if n != self.best(group)}
        left = [n for n in self.rows if n not in self.by_key]
        pairs = self.candidates(left)
        self.compared = len(pairs)
        links = [pair for pair in pairs if self.score(*pair) >= 0.75]
        self.matched = len(links)
        clusters = {n: {n} for n in left}
        for one, other in links:
            joined = clusters[one] | clusters[other]
            for n in joined:
                clusters[n] = joined
        groups = {min(cluster): sorted(cluster) for cluster in clusters.values() if len(cluster) > 1}
        self.sizes = [len(group) for group in groups.values()]
        self.near = {
            n: (self.best(g), self.score(n, self.best(g))) for g in groups.values() for n in g if n != self.best(g)
        }
        self.filled = 0
        winners = self.by_key | {n: winner for n, (winner, _) in self.near.items()}
        stay = [n for n in self.rows if n not in winners]
        if keep == "merge":
            self.merge(stay, winners)
        self.accepted = [self.rows[n] for n in stay if "x" not in (self.rows[n]["bad"]) and self.passes(self.rows[n])]

    def best(self, group: list[int]) -> int:
        """Return the record that stays."""

        def rank(n: int) -> tuple[Any, ...]:
            seen, sign = self.rows[n]["seen"], 1 if self.keep == "first" else -1
            full = -sum(self.rows[n][f] is not None for f in ("id", "name", "born", "city", "seen"))
            order = (
                (seen is None, sign * (seen or 0), n)
                if self.ordered
                else (n if self.keep in {"first", "most_complete"} else -n,)
            )
            return (full if self.keep == "most_complete" else 0, *order)

        return min(group, key=rank)

    def candidates(self, left: list[int]) -> set[tuple[int, int]]:
        """Return the pairs that share a block of at most four."""
        found: set[tuple[int, int]] = set()
        self.blocks = self.skipped = 0
        for keys in (
            lambda r: (r["born"],),
            lambda r: (r["name"] and r["name"][:1], r["city"]),
            lambda r: (SOUNDS[r["name"]],),
        ):
            members: dict[Any, list[int]] = {}
            for n in left:
                if None not in keys(self.rows[n]):
                    members.setdefault(keys(self.rows[n]), []).append(n)
            for group in members.values():
                if len(group) > 4:
                    self.blocks, self.skipped = self.blocks + 1, self.skipped + len(group)
                else:
                    found |= set(combinations(group, 2))
        return found

    def score(self, one: int, other: int) -> float:
        """Return the weighted mean of what both have; nothing where that is less than half of the weights."""
        from rapidfuzz.distance import OSA, JaroWinkler

        scores = {
            "name": JaroWinkler.normalized_similarity,
            "born": OSA.normalized_similarity,
            "city": lambda a, b: a == b,
        }
        known = [f for f in WEIGHTS if self.rows[one][f] is not None and self.rows[other][f] is not None]
        weight = sum(WEIGHTS[f] for f in known)
        if weight < 2:
            return 0.0
        alike = (WEIGHTS[f] * scores[f](*sorted((self.rows[one][f], self.rows[other][f]))) for f in known)
        return round(sum(alike) / weight, 6)

    def merge(self, stay: list[int], winners: dict[int, int]) -> None:
        """Fill the gaps of what stays by the newest value of the others."""
        for n in stay:
            group = [m for m in self.rows if self.root(m, winners) == n]
            ranked = []
            while group:
                ranked.append(self.best(group))
                group.remove(ranked[-1])
            row = dict(self.rows[n])
            for field in ("id", "name", "born", "city", "seen"):
                values = [self.rows[m][field] for m in ranked if self.rows[m][field] is not None]
                if row[field] is None and field not in row["bad"] and values:
                    row[field] = values[0]
                    self.filled += 1
            self.rows[n] = row

    def root(self, n: int, winners: dict[int, int]) -> int:
        while n in winners:
            n = winners[n]
        return n

    def passes(self, row: dict[str, Any]) -> bool:
        return not row["bad"] and (row["name"] is None or len(row["name"]) <= 5)


def typed(record: dict[str, Any]) -> dict[str, Any]:
    """Return the canonical values of a record, and which cells could not be read."""
    seen = record["seen"]
    bad = [name for name, words in (("born", "never"), ("seen", "x")) if record[name] == words]
    return record | {
        "born": None if "born" in bad else record["born"],
        "seen": None if "seen" in bad or seen is None else int(seen),
        "bad": bad,
    }


def test_the_file_of_removed_records_has_the_score(plans: dict[tuple[str, bool, bool], Plan], tmp_path: Path) -> None:
    records = [{"name": "Anna", "born": "2001-02-03"}, {"name": "Anne", "born": "2001-02-03"}]
    plans["first", False, False].run(records, out=tmp_path / "out", now=NOW)
    [line] = [json.loads(line) for line in (tmp_path / "out/removed.jsonl").read_text().splitlines()[1:]]
    assert line["lost_to"] == {"source": "records", "record": 1, "door": "accepted", "score": 0.922222}
    assert line["reasons"][0]["message"] == "another record is nearly the same"


def test_what_lost_by_its_key_names_a_record_that_lost_itself(
    plans: dict[tuple[str, bool, bool], Plan], tmp_path: Path
) -> None:
    same = {"name": "Anna", "born": "2001-02-03"}
    records = [same, {"id": "1", **same}, {"id": "1", **same}]
    plans["first", True, False].run(records, out=tmp_path / "out", now=NOW)
    lines = [json.loads(line) for line in (tmp_path / "out/removed.jsonl").read_text().splitlines()[1:]]
    assert [(one["record"], one["lost_to"]["record"], one["lost_to"]["door"]) for one in lines] == [
        (2, 1, "accepted"),
        (3, 2, "deduplicated"),
    ]
    assert [one["reasons"][0]["code"] for one in lines] == ["duplicate.near", "duplicate.natural"]


def test_without_the_package_the_spec_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "spec.dq.yaml"
    path.write_text(SPEC.replace("KEEP", "first").replace("KEY", "").replace("ORDER", ""))
    monkeypatch.setattr("dq.plan.bind_dedupe.is_installed", lambda: False)
    with pytest.raises(dq.SpecError, match="'match' needs the package rapidfuzz: install dq-gate"):
        dq.load(path)
    text = path.read_text().replace("by: jaro_winkler, weight: 2", "by: exact").replace("alignment", "exact")
    path.write_text(text)
    dq.load(path)


def test_one_event_is_not_compared(plans: dict[tuple[str, bool, bool], Plan]) -> None:
    plan = plans["merge", True, True]
    assert plan.check_event({"id": "1", "name": "Anna"}, state=plan.fit([{"city": "Rome"}])).accepted


def test_blocks_that_were_skipped_are_told(plans: dict[tuple[str, bool, bool], Plan]) -> None:
    report, _, lost = outcome(plans["first", False, False], [{"born": "2001-02-03", "city": "Rome"}] * 5)
    assert lost == {}
    [advice] = [one for one in report["recommendations"] if one["id"] == "skipped_blocks.match"]
    assert advice["text"].startswith("1 block of more than 4 records not compared, with 5 records in them")
