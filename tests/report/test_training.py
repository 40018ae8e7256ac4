"""Faults planted in training sets, each named by its question, and what is told of the rest."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

import dq
from dq.api import make_settings
from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.report import training

HEAD = "dq: 1\nevent: churn\nversion: 1.0.0\n"
FIELDS = """fields:
  id: {type: string}
  region: {type: string, checks: [{accepted_values: [north, south]}]}
  months: {type: integer}
  fee: {type: number}
  since: {type: date}
  tags: {type: "list<string>", separator: ";"}
  churned: {type: boolean}
  spent: {type: "decimal(12,2)"}
  level: {type: integer, checks: [{accepted_values: [1, 2, 3]}]}
"""
FEATURES = "[region, months, fee, since, tags]"
ML = f"ml: {{target: churned, features: {FEATURES}, groups: [region]"


def plan(folder, ml: str, fields: str = FIELDS) -> dq.Plan:
    path = folder / "churn.dq.yaml"
    path.write_text(HEAD + fields + ml, encoding="utf-8")
    return dq.load(path)


def rows(count: int = 400, seed: int = 1) -> list[dict[str, Any]]:
    """Return sound records: nothing in them is against training."""
    rng = random.Random(seed)
    found = []
    for number in range(count):
        churned = rng.random() < 0.3
        found.append(
            {
                "id": f"c{number}",
                "region": rng.choice(["north", "south"]),
                "months": str(rng.randrange(1, 60)),
                "fee": f"{rng.gauss(50 if churned else 60, 20):.4f}",
                "since": f"20{rng.randrange(10, 26)}-0{rng.randrange(1, 10)}-11",
                "tags": rng.choice(["a;b", "a", "b;c"]),
                "churned": str(churned).lower(),
                "spent": f"{rng.uniform(1, 900):.2f}",
                "level": str(rng.randrange(1, 4)),
            }
        )
    return found


def report(made: dq.Plan, records: list[dict[str, Any]], **changes: Any) -> Any:
    """Return the report of records in which some cells are changed: a value, or a function of number and record."""
    planted = [
        record | {n: v(i, record) if callable(v) else v for n, v in changes.items()} for i, record in enumerate(records)
    ]
    return made.check(pl.DataFrame(planted, schema=dict.fromkeys(records[0], pl.String)) if records else planted)


def verdicts(found: Any) -> dict[str, str]:
    return {check["kind"]: check["verdict"] for check in found["ml"]["checks"]}


def test_a_sound_batch_passes_every_question(tmp_path):
    found = report(plan(tmp_path, ML + "}"), rows())
    assert found.verdict == "pass"
    assert set(verdicts(found).values()) == {"pass"}
    assert set(verdicts(found)) == {
        "class_balance", "classes", "constant", "id_like", "leakage", "representation", "target_missing",
    }  # fmt: skip
    assert found["ml"]["task"] == "classification"
    assert sum(entry["rows"] for entry in found["ml"]["classes"]) == 400


PLANTED = {
    "a flag after the fact": ({"tags": lambda i, r: "refund" if r["churned"] == "true" else "a"}, "leakage", "tags (100%)"),
    "a date after the fact": ({"since": lambda i, r: None if r["churned"] == "true" else r["since"]}, "leakage", "since (100%)"),
    "a number after the fact": (
        {"fee": lambda i, r: str(100 + i / 7) if r["churned"] == "true" else str(i / 7)}, "leakage", "fee (100%)",
    ),
    "an id in whole numbers": ({"months": lambda i, r: str(9000 + i)}, "id_like", "months (100%)"),
    "a constant": ({"region": "north"}, "constant", "region (one value in 100%)"),
    "nothing at all": ({"since": None}, "constant", "since (no value in 100%)"),
    "one class": ({"churned": "true"}, "classes", "found 1"),
    "a rare class": ({"churned": lambda i, r: str(i < 8).lower()}, "class_balance", "true 2% (8 rows)"),
    "rows without a target": (
        {"churned": lambda i, r: r["churned"] if i % 40 else None}, "target_missing", "2.5% (10 rows)",
    ),
    "a small group": (
        {"region": lambda i, r: "south" if i < 3 else "north"}, "representation", "region south: 3 rows (0.75%)",
    ),
    "a group that is not there": ({"region": "north"}, "representation", "region south: 0 rows (0%)"),
}  # fmt: skip


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_fault_is_named(tmp_path, fault):
    changes, kind, words = PLANTED[fault]
    found = report(plan(tmp_path, ML + "}"), rows(), **changes)
    assert verdicts(found)[kind] == "warn"
    reason = next(reason for reason in found["because"] if reason.startswith(f"ml.{kind}: expected "))
    assert words in reason
    assert found.verdict == "warn"
    others = {k for k, verdict in verdicts(found).items() if verdict == "warn"} - {kind}
    assert others <= {"representation", "constant", "class_balance"}


def test_only_an_error_fails_the_gate_and_fail_on_tightens(tmp_path):
    changes = {"since": None}
    assert report(plan(tmp_path, ML + ", constant: {severity: error}}"), rows(), **changes).verdict == "fail"
    loose = plan(tmp_path, ML + "}")
    planted = pl.DataFrame([record | changes for record in rows()], schema=dict.fromkeys(rows(1)[0], pl.String))
    assert loose.check(planted).verdict == "warn"
    assert loose.check(planted, fail_on="warning").verdict == "fail"
    assert report(plan(tmp_path, ML + ", constant: false}"), rows(), **changes).verdict == "pass"
    assert report(plan(tmp_path, ML + ", constant: 100%}"), rows(), **changes).verdict == "pass"


@pytest.mark.parametrize("count", [0, 1, 29])
def test_a_batch_that_is_too_small_is_not_judged(tmp_path, count):
    found = report(plan(tmp_path, ML + "}"), rows(count), churned="true")
    assert set(verdicts(found).values()) == {"not_evaluated"}
    assert found.verdict == "pass"
    assert "30 are the least" in found["ml"]["checks"][0]["note"]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_small_batch_is_judged_on_request(tmp_path, count):
    found = report(plan(tmp_path, ML + ", min_rows: 0}"), rows(count))
    assert verdicts(found)["classes"] == ("warn" if count < 2 else verdicts(found)["classes"])
    assert verdicts(found)["leakage"] in {"not_evaluated", "pass", "warn"}


def test_a_question_that_is_stated_and_cannot_be_answered_is_a_warning(tmp_path):
    made = plan(tmp_path, ML + ", leakage: {severity: error}}")
    found = report(made, rows(12))
    assert found.verdict == "warn"
    assert found["because"] == ["ml.leakage: not evaluated: of 12 accepted rows, where 30 are the least to be judged"]
    assert report(made, []).verdict == "pass"


def test_numbers_are_predicted_too(tmp_path):
    made = plan(tmp_path, "ml: {target: spent, features: [fee, months, region]}")
    found = report(made, rows())
    assert found["ml"]["task"] == "regression"
    assert found["ml"]["classes"] is None
    assert set(verdicts(found)) == {"constant", "id_like", "leakage", "spread", "target_missing"}
    assert found.verdict == "pass"
    found = report(made, rows(), fee=lambda i, r: str(float(r["spent"]) ** 2))
    assert verdicts(found)["leakage"] == "warn"
    assert "fee (99." in found["because"][0]
    found = report(made, rows(), spent=lambda i, r: "0.00" if i % 3 else r["spent"])
    assert verdicts(found)["spread"] == "warn"
    assert "one number in 66." in found["because"][0]


def test_the_task_follows_from_the_target(tmp_path):
    assert report(plan(tmp_path, "ml: {target: level, features: [fee]}"), rows())["ml"]["task"] == "classification"
    assert report(plan(tmp_path, "ml: {target: months, features: [fee]}"), rows())["ml"]["task"] == "regression"
    made = plan(tmp_path, "ml: {target: months, task: classification, features: [fee]}")
    assert report(made, rows())["ml"]["task"] == "classification"


def test_a_declared_class_without_a_row_is_missed(tmp_path):
    made = plan(tmp_path, "ml: {target: level, features: [fee]}")
    found = report(made, rows(), level=lambda i, r: "1" if r["level"] == "3" else r["level"])
    assert found["because"] == [
        "ml.classes: expected 2 to 100 classes of level, with rows of all 3 accepted ones, found no row of 3"
    ]


def test_groups_tell_the_classes_in_them(tmp_path):
    found = report(
        plan(tmp_path, ML + "}"), rows(), churned=lambda i, r: str(r["region"] == "north" and i % 4 == 0).lower()
    )
    (group,) = found["ml"]["groups"]
    by_name = {value["value"]: value["rates"] for value in group["values"]}
    assert by_name["south"] == {"false": 1.0}
    north = [i for i, r in enumerate(rows()) if r["region"] == "north"]
    assert by_name["north"]["true"] == sum(i % 4 == 0 for i in north) / len(north)


def test_personal_data_is_not_told(tmp_path):
    fields = FIELDS.replace("region: {", "region: {pii: true, ").replace("level: {", "level: {pii: true, ")
    made = plan(
        tmp_path, "ml: {target: level, features: [region], groups: [region], representation: {min_count: 300}}", fields
    )
    found = report(made, rows(), level=lambda i, r: "1" if i else "2")
    assert "south" not in str(found["ml"]) + str(found["because"])
    assert "value 2: " in "".join(found["because"])
    assert [entry["value"] for entry in found["ml"]["classes"]] == ["value 1", "value 2", "value 3"]


@pytest.mark.parametrize(("size", "count"), [(1, 60), (7, 300), (100, 300)])
def test_chunks_and_order_do_not_matter(tmp_path, size, count):
    made = plan(tmp_path, ML + "}")
    frame = pl.DataFrame(rows(count), schema=dict.fromkeys(rows(1)[0], pl.String))
    tallies = []
    for records, shown in ((100_000, frame), (size, frame.sample(fraction=1, shuffle=True, seed=size))):
        settings = replace(make_settings(), chunk_records=records)
        tallies.append(BatchRun(made.compiled, made.inputs(shown), settings, NoDoors()).run())
    whole, cut = (training.describe(made.compiled, t, training.ask(made.compiled, t, strict=False)) for t in tallies)
    assert cut == whole
    assert whole["rows"] == count
