"""Examples of a spec are its tests: each does exactly what it says, or is told where it does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from junitparser import JUnitXml

import dq
from dq.cli.main import run
from dq.sampling.trials import try_examples

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """
dq: 1
event: order_placed
version: 1.0.0
fields:
  order_id: {type: string, required: true, clean: [upper], checks: [unique, {pattern: "^A-[0-9]+$"}]}
  amount: {type: "decimal(10,2)", impute: {median: {by: [status]}}, checks: [{between: [0, 1000]}]}
  status: {type: string, checks: [{accepted_values: [paid, open]}]}
  priority: {type: integer, checks: [{maximum: 3, severity: warning}]}
filter:
  - {id: real, keep: order_id <> 'A-0'}
checks:
  - {id: paid_has_amount, where: status = 'paid', assert: amount > 0}
examples:
"""


def tried(tmp_path, examples):
    path = tmp_path / "spec.dq.yaml"
    path.write_text(SPEC + examples)
    return try_examples(dq.load(path).compiled, NOW)


@pytest.mark.parametrize(
    ("example", "problem"),
    [
        ("valid: [{order_id: a-1, amount: 10.50, status: paid}]", None),
        ("valid: [{order_id: A-1}]", None),
        ("valid: [{order_id: A-1, amount: 1001}]", "it violates amount.between"),
        ("valid: [{order_id: A-1, priority: 4}]", "it violates priority.maximum"),
        ("valid: [{order_id: A-0}]", "the filter real takes it out"),
        ("invalid: [{record: {order_id: A-1, amount: -1}, violates: [amount.between]}]", None),
        ("invalid: [{record: {order_id: A-1, priority: 4}, violates: [priority.maximum]}]", None),
        ("invalid: [{record: {order_id: null}, violates: [order_id.required]}]", "the filter"),
        (
            "invalid: [{record: {order_id: A-1, amount: -1, status: paid}, violates: [amount.between]}]",
            "it also violates paid_has_amount",
        ),
        (
            "invalid: [{record: {order_id: A-1, amount: 1, status: payd}, violates: [amount.between]}]",
            "it does not violate amount.between, but it violates status.accepted_values",
        ),
        (
            "invalid: [{record: {order_id: A-1}, violates: [order_id.unique]}]",
            "order_id.unique asks several records at once, and an example is one",
        ),
    ],
)
def test_an_example_does_exactly_what_it_says(tmp_path, example, problem):
    if problem == "the filter":  # Null is unknown to the filter, and so a failure under its id as well.
        problem = "it also violates real"
    assert [trial.problem for trial in tried(tmp_path, f"  {example}\n").trials] == [problem]


def test_coverage_is_of_what_examples_were_seen_to_violate(tmp_path):
    trials = tried(
        tmp_path,
        """
  invalid:
    - {record: {order_id: A-1, amount: -1}, violates: [amount.between]}
    - {record: {order_id: A-1, status: paid}, violates: [status.accepted_values]}
""",
    )
    assert trials.failed == 1
    assert trials.shown == ("amount.between",)
    assert trials.unshown == (
        "order_id.required", "order_id.pattern", "status.accepted_values", "priority.maximum", "paid_has_amount",
    )  # fmt: skip
    assert trials.coverage == pytest.approx(1 / 6)


def test_scalars_mean_what_json_would_say(tmp_path):
    path = tmp_path / "spec.dq.yaml"
    path.write_text("""
dq: 1
event: thing
version: 1.0.0
fields: {a: {type: string}, b: {type: string}, c: {type: boolean}, d: {type: "list<integer>"}, e: {type: string}}
examples:
  valid: [{a: 007, b: 1.10, c: true, d: [1, 2], e: "null"}]
""")
    plan = dq.load(path).compiled
    record = plan.examples[0].record
    assert record["a"] == "007"
    assert str(record["b"]) == "1.10"
    assert record["c"] is True
    assert record["d"] == [1, 2]
    assert record["e"] == "null"
    assert not try_examples(plan, NOW).failed


def test_exit_codes_and_places(tmp_path, capsys):
    path = tmp_path / "spec.dq.yaml"
    path.write_text(SPEC + "  valid: [{order_id: A-1}]\n")
    assert run(["test", str(path)]) == 0
    assert run(["test", str(path), "--min-coverage", "10"]) == 1
    path.write_text(SPEC + "  valid: [{order_id: A-1, amount: 1001}]\n")
    capsys.readouterr()
    assert run(["test", str(tmp_path)]) == 1
    assert f"{path}:15:11: valid[0]: it violates amount.between" in capsys.readouterr().err
    path.write_text(SPEC + "  valid: [{order: A-1}]\n")
    assert run(["test", str(path)]) == 2


def test_machines_are_told_as_junit(tmp_path, capsys):
    path = tmp_path / "order.dq.yaml"
    path.write_text(
        "dq: 1\nevent: order\nversion: 1.0.0\nfields: {n: {type: integer, checks: [{maximum: 5}, {minimum: 0}]}}\n"
        "examples: {valid: [{n: 1}, {n: 9}], invalid: [{record: {n: 8}, violates: [n.maximum]}]}\n"
    )
    assert run(["test", str(path), "--format", "junit", "--min-coverage", "80"]) == 1
    (suite,) = JUnitXml.fromstring(capsys.readouterr().out.encode())
    assert (suite.name, suite.tests, suite.failures) == ("order", 4, 2)
    failed = {case.name: (case.result[0].message, case.result[0].text) for case in suite if case.result}
    assert failed == {
        "valid[1]": ("it violates n.maximum", f"spec {path}:5"),
        "coverage": ("not shown by any example: n.minimum", f"spec {path}"),
    }
    assert run(["test", str(path), "--format", "junit"]) == 1
    assert "coverage" not in capsys.readouterr().out
