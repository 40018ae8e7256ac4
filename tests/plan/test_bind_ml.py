"""What `ml` may say, and what is said of it where it may not."""

from __future__ import annotations

import pytest

from dq.plan.compiler import lint, load

HEAD = """dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string}
  kind: {type: string}
  size: {type: number}
  count: {type: integer}
  tags: {type: list<string>}
  at: {type: date}
  filled: {type: number, impute: {constant: 0}}
  taught: {type: number, impute: {mean: {by: [kind]}}}
  model: {type: number, impute: {model: {from: [kind]}}}
  told: {type: string, derive: "upper(kind)"}
  twice: {type: string, derive: "lower(told)"}
dedupe: {key: [id]}
"""


def problems(folder, ml: str) -> list[str]:
    path = folder / "e.dq.yaml"
    path.write_text(f"{HEAD}ml: {ml}\n", encoding="utf-8")
    return [f"{d.code} {d.span.line}:{d.span.column} {d.message} | {d.suggestion or ''}" for d in lint(path)]


@pytest.mark.parametrize(
    ("ml", "code", "words"),
    [
        ("{target: kind, leakge: 0.9}", "DQ201 17:20", "leakage"),
        ("{target: kind, featurs: [size]}", "DQ201 17:20", "features"),
        ("{target: kind, severity: error}", "DQ201", "beside the name of a check"),
        ("{target: knd}", "DQ311", "kind"),
        ("{target: tags}", "DQ304", "string, integer, number, decimal or boolean"),
        ("{target: filled}", "DQ317", "filled"),
        ("{target: kind, task: regression}", "DQ321", "a number is to be predicted"),
        ("{target: kind, task: clustering}", "DQ203", "classification"),
        ("{target: kind, features: [kind]}", "DQ321", "to be predicted"),
        ("{target: kind, features: [size, taught]}", "DQ321 17:", "taught is computed or filled from kind"),
        ("{target: kind, features: [model]}", "DQ321 17:", "model is computed or filled from kind"),
        ("{target: kind, features: [twice]}", "DQ321 17:", "twice is computed or filled from kind"),
        ("{target: kind, groups: [knd]}", "DQ311", "kind"),
        ("{target: kind, groups: [tags]}", "DQ304", "tags"),
        ("{target: kind, groups: [at, at]}", "DQ324", "at"),
        ("{target: kind, key: [idd]}", "DQ311", "id"),
        ("{target: kind, min_rows: -1}", "DQ203", "from 0 on"),
        ("{target: kind, class_balance: {min_shar: 1%}}", "DQ305", "min_share"),
        ("{target: kind, class_balance: 105%}", "DQ307", "from 0 to 1"),
        ("{target: kind, class_balance: {severity: bad}}", "DQ307", "'warning' or 'error'"),
        ("{target: kind, class_balance: }", "DQ203", "true, false"),
        ("{target: kind, classes: {min: 5, max: 2}}", "DQ308", "5 is above 2"),
        ("{target: kind, classes: 5}", "DQ307", "in braces"),
        ("{target: size, class_balance: 5%}", "DQ321", "a target that is a class"),
        ("{target: kind, spread: true}", "DQ321", "a target that is a number"),
        ("{target: kind, leakage: true}", "DQ321", "does not name features"),
        ("{features: [kind], leakage: true}", "DQ321", "does not name target"),
        ("{target: kind, representation: true}", "DQ321", "does not name groups"),
    ],
)
def test_mistakes(tmp_path, ml, code, words):
    found = problems(tmp_path, ml)
    assert len(found) == 1, found
    assert found[0].startswith(code)
    assert words in found[0]


def bound(folder, ml: str):
    assert problems(folder, ml) == []
    return load(folder / "e.dq.yaml").ml


def test_all_that_can_be_asked_is_asked_by_default_as_a_warning(tmp_path):
    ml = bound(tmp_path, "{target: kind, features: [size]}")
    kinds = ["class_balance", "classes", "constant", "id_like", "leakage", "overlap", "target_missing"]
    assert [(check.id, check.severity) for check in ml.checks] == [(f"ml.{kind}", "warning") for kind in kinds]
    assert ml.training.key == ("id",)
    assert [check.id for check in bound(tmp_path, "{features: [size]}").checks] == [
        "ml.constant",
        "ml.id_like",
        "ml.overlap",
    ]
    assert [check.id for check in bound(tmp_path, "{}").checks] == ["ml.overlap"]


def test_a_question_is_stated_in_four_ways(tmp_path):
    base = "{target: kind, features: [size], leakage: %s}"
    asked = {
        text: bound(tmp_path, base % text) for text in ("true", "0.9", "90%", "{max: 90%, severity: error}", "false")
    }
    found = {text: next((c for c in ml.checks if c.id == "ml.leakage"), None) for text, ml in asked.items()}
    assert found["false"] is None
    assert (
        found["true"].check.identity() == bound(tmp_path, "{target: kind, features: [size]}").checks[4].check.identity()
    )
    assert found["0.9"].check.identity() == found["90%"].check.identity() != found["true"].check.identity()
    assert found["{max: 90%, severity: error}"].severity == "error"


@pytest.mark.parametrize(
    "other",
    [
        "{target: kind, features: [size, count]}",
        "{target: kind, features: [size], groups: [kind]}",
        "{target: kind, features: [size], key: [count]}",
        "{target: kind, features: [size], min_rows: 5}",
        "{target: kind, features: [size], leakage: 90%}",
        "{target: kind, features: [size], leakage: {severity: error}}",
        "{target: kind, features: [size], leakage: false}",
        "{target: count, features: [size]}",
        "{target: count, features: [size], task: classification}",
    ],
)
def test_whatever_decides_an_answer_is_in_the_fingerprint(tmp_path, other):
    prints = set()
    for ml in ("{target: kind, features: [size]}", other):
        bound(tmp_path, ml)
        prints.add(load(tmp_path / "e.dq.yaml").fingerprint)
    assert len(prints) == 2
