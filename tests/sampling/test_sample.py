"""Records made from a spec do what is said of them, by dq's own runs, and are the same again."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import dq
from dq.cli.main import run
from dq.errors import UsageError
from dq.patterns import compile_pattern, parse_pattern
from dq.patterns.generate import matching
from dq.sampling.form import form_of
from dq.sampling.judge import Judge
from dq.sampling.sample import sample
from dq.sampling.trials import is_stated

ROOT = Path(__file__).parents[2]
SPECS = sorted(
    path.relative_to(ROOT).as_posix()
    for folder in ("specs", "examples")
    for path in ROOT.glob(f"{folder}/**/*.dq.yaml")
)
NOW = datetime(2026, 11, 1, tzinfo=UTC)
TANGLED = {"filter", "required"}  # what a filter reads cannot be missing without the filter being unknown, too


@pytest.mark.parametrize("name", SPECS)
def test_valid_records_of_every_spec_are_accepted_by_a_run(name):
    plan = dq.load(ROOT / name)
    made = plan.sample(12, now=NOW)
    assert made.problem is None
    assert len(made.records) == 12
    assert {answer.is_clean for answer in Judge(plan.compiled, NOW).ask(made.records)} == {True}


@pytest.mark.parametrize("name", SPECS)
def test_invalid_records_of_every_spec_violate_exactly_one_check(name):
    plan = dq.load(ROOT / name).compiled
    stated = [check for check in plan.checks if is_stated(check)]
    judge = Judge(plan, NOW)
    for check in stated[1::5]:
        made = sample(plan, 1, now=NOW, invalid=check.id)
        assert made.violates == (check.id,)
        assert made.records or (check.kind in TANGLED and made.problem), made.problem
        for answer in judge.ask(made.records):
            assert answer.fails == {check.id}


def test_the_same_seed_gives_the_same_records(tmp_path):
    path = spec(tmp_path, "code: {type: string, required: true, checks: [{pattern: '^[A-Z]{3}-[0-9]+$'}]}")
    first, again, other = (dq.load(path).sample(5, seed, now=NOW).records for seed in (1, 1, 2))
    assert first == again != other


def spec(tmp_path: Path, fields: str, more: str = "") -> Path:
    path = tmp_path / "made.dq.yaml"
    listed = "\n".join(f"  {line}" for line in fields.splitlines())
    path.write_text(f"dq: 1\nevent: made\nversion: 1.0.0\nfields:\n{listed}\n{more}")
    return path


@pytest.mark.parametrize(
    ("fields", "more", "check"),
    [
        ("a: {type: integer, checks: [{between: [3, 5]}, {multiple_of: 2}]}", "", "a.multiple_of"),
        ("a: {type: 'decimal(6,2)', checks: [{gt: 0.005}]}", "", "a.gt"),
        ("a: {type: number, checks: [{lt: 1.5}]}", "", "a.lt"),
        ("a: {type: date, formats: ['%d.%m.%Y'], checks: [{after: now-7d}]}", "", "a.after"),
        ("a: {type: datetime, timezone: Europe/Moscow, formats: ['%d %b %Y %I:%M %p'], checks: [{before: now}]}", "", "a.before"),
        ("a: {type: duration, checks: [{maximum: 72h}]}", "", "a.maximum"),
        ("a: {type: time, checks: [{between: ['08:00:00', '18:00:00']}]}", "", "a.between"),
        ("a: {type: boolean, words: {true: [ja], false: [nein]}, required: true}", "", "a.type"),
        ("a: {type: 'list<integer>', separator: '|', checks: [{max_items: 2}, {items: [{minimum: 0}]}]}", "", "a.items"),
        ("a: {type: string, checks: [{pattern: '^[a-z]+$'}, {length: {min: 3, max: 70}}]}", "", "a.length"),
        ("a: {type: string, clean: [{map: {x: Y}, otherwise: refuse}]}", "", "a.map"),
        ("a: {type: object, required: true}", "", "a.required"),
        ("a: {type: string, checks: [{not_accepted_values: [test]}]}", "", "a.not_accepted_values"),
        ("a: {type: string}", "unknown_fields: quarantine\n", "unknown_fields"),
        (
            "kind: {type: string}\na: {type: integer, checks: [{maximum: 9, where: kind = 'small' and a <> 77}]}",
            "", "a.maximum",
        ),
        (
            "a: {type: 'decimal(8,2)'}\nb: {type: 'decimal(8,2)'}\ntotal: {type: 'decimal(9,2)'}",
            "checks: [{id: adds_up, assert: total = a + b}, {id: order, assert: b <= a}]\n", "order",
        ),
        (
            "from: {type: datetime, required: true}\nto: {type: datetime}",
            "filter: [{keep: year(from) = 2019}]\nchecks: [{id: later, assert: to is null or to > from}]\n", "later",
        ),
        ("a: {type: integer}\nb: {type: integer, derive: a * 3, checks: [{maximum: 30}]}", "", "b.maximum"),
    ],
)  # fmt: skip
def test_each_family_of_checks_has_valid_and_invalid_records(tmp_path, fields, more, check):
    plan = dq.load(spec(tmp_path, fields, more))
    valid, invalid = plan.sample(4, now=NOW), plan.sample(2, now=NOW, invalid=check)
    assert valid.problem is None or check == "a.map", valid.problem
    assert invalid.problem is None, invalid.problem
    result = plan.run(list(valid.records), now=NOW)
    assert result.accepted.height == len(valid.records)
    for record in invalid.records:
        verdict = plan.check_event(record, now=NOW)
        assert [reason["check"] for reason in verdict.reasons] == [check]


def test_what_cannot_be_made_is_said(tmp_path):
    fields = "a: {type: integer, checks: [unique, {between: [1, 3]}, {minimum: 0, id: weak}]}"
    plan = dq.load(spec(tmp_path, fields))
    assert "for they come two and two" in plan.sample(1, now=NOW, invalid="a.unique").problem
    weak = plan.sample(1, now=NOW, invalid="weak")
    assert weak.records == ()
    assert weak.problem.endswith("what violates it also violates a.between")
    few = plan.sample(9, now=NOW)
    keys = [record["a"] for record in few.records if record["a"] is not None]
    assert sorted(keys) == [1, 2, 3]
    with pytest.raises(UsageError, match=r"did you mean 'a\.between'"):
        plan.sample(1, now=NOW, invalid="a.betwen")


@pytest.mark.parametrize(("form", "source"), [("csv", "crm"), ("jsonl", "app")])
def test_a_file_in_the_shape_of_a_source_is_read_by_it(tmp_path, form, source):
    path = spec(
        tmp_path,
        "id: {type: string, required: true}\namount: {type: 'decimal(8,2)', required: true}\nname: {type: string}",
        """sources:
  crm: {format: csv, delimiter: ";", encoding: cp1251, decimal: ",", fields: {amount: "Сумма"}, missing: ["-"]}
  app: {format: json, fields: {id: "order.ids[1]", amount: pay.amount}}
""",
    )
    plan = dq.load(path)
    shape = form_of(plan.compiled, form, source)
    made = sample(plan.compiled, 20, now=NOW, form=shape)
    file = tmp_path / f"made.{form}"
    file.write_bytes(shape.write(plan.compiled, made.records))
    result = plan.run(f"{source}={file}", now=NOW)
    assert result.accepted.height == result.report["records"]["read"] == 20
    assert 0 < result.accepted["name"].null_count() < 20


def test_the_command_says_where_it_falls_short(tmp_path, capfd):
    path = str(spec(tmp_path, "a: {type: integer, required: true, checks: [unique, {between: [1, 3]}]}"))
    assert run(["sample", path, "-n", "3", "--format", "csv"]) == 0
    assert sorted(capfd.readouterr().out.split()) == ["1", "2", "3", "a"]
    assert run(["sample", path, "-n", "4"]) == 1
    assert "3 of 4 records that are valid were found" in capfd.readouterr().err
    assert run(["sample", path, "--source", "web"]) == 2


@pytest.mark.parametrize(
    "source", ["^[A-Z]{2}-[0-9]{4}$", "a|b+c?", r"^\p{Lu}\p{Ll}*$", "(?i)^(?:ab|cd){2,3}$", r"\d\D\s", "^[^a-z]{3}$"]
)
def test_texts_of_a_pattern_match_it(source):
    import random
    import re

    node, pattern, rng = parse_pattern(source), compile_pattern(source), random.Random(0)
    texts = {matching(node, rng) for _ in range(50)}
    assert len(texts) > 3
    assert all(re.search(pattern.python, text) for text in texts)


REPEATED = """dq: 1
event: made
version: 1.0.0
fields:
  id: {type: string, required: true, clean: [upper], checks: [unique, {pattern: "^A-[0-9]+$"}]}
  shop: {type: integer, required: true, checks: [{between: [1, 100]}]}
  number: {type: integer, required: true}
  mail: {type: string, checks: [{unique: {}, where: shop > 50}]}
  twice: {type: integer, derive: number * 2}
checks:
  - unique: [shop, number]
"""
DOUBLED = "  - {unique: [twice], id: doubled}\n"


def repeating(folder, text: str) -> dq.Plan:
    (folder / "repeating.dq.yaml").write_text(text)
    return dq.load(folder / "repeating.dq.yaml")


@pytest.mark.parametrize("check", ["id.unique", "shop.number.unique", "mail.unique"])
def test_records_with_a_repeated_key_violate_that_alone(tmp_path, check):
    plan = repeating(tmp_path, REPEATED)
    made = plan.sample(8, seed=3, now=NOW, invalid=check)
    assert made.problem is None
    assert plan.sample(8, seed=3, now=NOW, invalid=check) == made
    report = plan.run(list(made.records), now=NOW).report
    failed = {one["id"]: one["failed"] for one in report["checks"] if one["failed"]}
    assert failed == {check: 8}
    assert report.records["quarantined"] == len(made.records) == 8


def test_a_derived_key_is_repeated_by_what_it_is_made_of(tmp_path):
    plan = repeating(tmp_path, REPEATED + DOUBLED)
    made = plan.sample(4, now=NOW, invalid="doubled")
    assert made.problem is None
    assert [record["number"] for record in made.records][::2] == [record["number"] for record in made.records][1::2]


@pytest.mark.parametrize(
    ("text", "check", "problem"),
    [
        (REPEATED + DOUBLED, "shop.number.unique", "also violates doubled"),
        (REPEATED + "dedupe: {key: [number]}\n", "shop.number.unique", "also is a duplicate, and removed"),
    ],
)
def test_what_a_repeated_key_does_beside_is_said(tmp_path, text, check, problem):
    made = repeating(tmp_path, text).sample(4, now=NOW, invalid=check)
    assert made.records == ()
    assert problem in made.problem
