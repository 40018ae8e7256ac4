"""Recommendations: what to do next, with lines that can be pasted into the spec."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

import dq
from dq.plan.compiler import lint
from dq.report.recommend import WORTH, worst_checks

from . import runs

BASE = """\
dq: 1
event: visit
version: 1.0.0
missing: ["", "-"]
fields:
  id: {type: string, checks: [unique]}
  count: {type: integer, missing: ["", "none"]}
  when: {type: date}
  share: {type: number}
  country: {type: string, clean: [lower], checks: [{accepted_values: [de, fr]}]}
  secret: {type: integer, pii: true}
  never: {type: string}
"""


def advise(folder: Any, rows: list[Any], text: str = BASE) -> dict[str, dict[str, Any]]:
    """Return the recommendations of a batch by their id."""
    report = runs.plan(folder, text).check(rows, now=runs.NOW)
    return {item["id"]: item for item in report["recommendations"]}


def merged(spec: Any, patch: Any) -> Any:
    """Return a spec with a patch in it: mappings key by key, everything else replaced."""
    if isinstance(spec, dict) and isinstance(patch, dict):
        return spec | {key: merged(spec.get(key), value) for key, value in patch.items()}
    return patch


def patched(folder: Any, text: str, patch: str) -> Any:
    """Return the path of the spec with a patch brought into it."""
    path = folder / "patched.dq.yaml"
    whole = merged(yaml.load(text, yaml.BaseLoader), yaml.load(patch, yaml.BaseLoader))
    # BaseLoader reads every scalar as text, and dump would put what is none in quotes.
    text = yaml.safe_dump(whole, allow_unicode=True).replace("dq: '1'", "dq: 1").replace("'true'", "true")
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "rows", "before", "after"),
    [
        ("dedupe.id.unique", [{"id": "a"}, {"id": "a"}, {"id": "b"}], 1, 2),
        ("type.count.type", [{"id": "a", "count": "n/a"}, {"id": "b", "count": "2"}], 1, 2),
        ("type.count.type", [{"id": "a", "count": 'say "no"'}, {"id": "b", "count": "x: #y"}], 0, 2),
    ],
)
def test_a_complete_patch_lints_and_helps(tmp_path, name, rows, before, after):
    item = advise(tmp_path, rows)[name]
    assert runs.plan(tmp_path, BASE).run(rows, now=runs.NOW).report.records["accepted"] == before
    path = patched(tmp_path, BASE, item["patch"])
    assert lint(path) == []
    assert dq.load(path).run(rows, now=runs.NOW).report.records["accepted"] == after


def test_the_patch_of_a_closed_set_is_yaml_to_be_completed(tmp_path):
    """Which member a spelling stands for is for a person to say: its place is marked, and it still lints."""
    rows = [{"country": 'Deutsch "land": #1'}, {"country": "France"}]
    item = advise(tmp_path, rows)["map.country.accepted_values"]
    table = yaml.load(item["patch"], yaml.BaseLoader)["fields"]["country"]["clean"][0]["map"]
    assert table == {'deutsch "land": #1': "…", "france": "…"}
    assert lint(patched(tmp_path, BASE, item["patch"])) == []
    assert item["evidence"]["records"] == 2


def test_the_weightiest_come_first_and_no_more_than_some(tmp_path):
    rows = [{"id": f"r{n}", "count": "1.5", "when": "31.12.2026", "share": "1,5"} for n in range(4)]
    rows += [{"id": "x", "country": "it", "stranger": 1}] * 3
    found = advise(tmp_path, rows)
    assert len(found) == WORTH
    weights = [item["evidence"]["records"] for item in found.values()]
    assert weights == sorted(weights, reverse=True)
    assert list(found)[:3] == ["type.count.type", "type.share.type", "type.when.type"]


def test_features_that_a_model_is_better_without_are_taken_out(tmp_path):
    text = BASE + "ml: {target: country, features: [share, id, count, never], leakage: {severity: error}}\n"
    rows = [
        {"id": f"k{n}", "country": ["de", "fr"][n % 2], "share": str(n % 2 + n / 100), "count": str(n % 7)}
        for n in range(40)
    ]
    item = advise(tmp_path, rows, text)["ml.features"]
    assert item["text"] == (
        "share gives country away: leave it out, unless known when country is to be predicted; id identifies records: "
        "leave it out, for it can only be learnt by heart; never hardly varies: leave it out"
    )
    assert item["evidence"]["fields"] == ["id", "never", "share"]
    assert item["evidence"]["observed"] == {
        "constant": {"never": 1.0},
        "id_like": {"id": 1.0},
        "leakage": {"share": 1.0},
    }
    path = patched(tmp_path, text, item["patch"])
    assert lint(path) == []
    again = dq.load(path).check(rows, now=runs.NOW)
    assert again.verdict == "pass"
    assert again["ml"]["features"] == ["count"]


def test_a_refused_source_comes_first(tmp_path):
    required = BASE.replace("{type: string, checks: [unique]}", "{type: string, required: true}")
    plan = runs.plan(tmp_path, required)
    report = plan.check(runs.csv(tmp_path, "count\n1\n"), now=runs.NOW)
    assert report["recommendations"][0]["id"] == "source.input.csv"
    assert report["recommendations"][0]["evidence"] == {"records": 0, "code": "source.missing_column"}


def test_personal_data_is_not_quoted(tmp_path):
    item = advise(tmp_path, [{"secret": "x7731"}])["type.secret.type"]
    assert "7731" not in str(item)
    assert item["patch"] is None


def test_unreadable_records_unknown_fields_and_fields_without_values_are_named(tmp_path):
    row = {"id": "a", "count": "1", "when": "2026-01-01", "share": "1", "country": "de", "secret": "1", "stranger": 1}
    found = advise(tmp_path, [row, '{"id": NaN}'])
    assert {"read.unreadable.not_finite", "unknown.records", "missing.never"} <= set(found)
    assert found["unknown.records"]["evidence"]["fields"] == ["stranger"]


def test_the_worst_checks_are_those_that_failed_the_gate():
    def check(name: str, verdict: str, failed: int, severity: str = "error") -> dict[str, Any]:
        return {"id": name, "verdict": verdict, "failed": failed, "severity": severity, "blocked": 0}

    checks = [
        check("fine", "pass", 0),
        check("warned", "warn", 900, "warning"),
        check("tolerated", "tolerated", 90),
        check("failed", "fail", 9),
        check("failed more", "fail", 10),
    ]
    assert [c["id"] for c in worst_checks({"checks": checks})] == ["failed more", "failed", "tolerated", "warned"]
