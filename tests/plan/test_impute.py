"""Chains of fills, values taken from another field, and columns that say where a value was filled."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.api import Plan
from dq.dtypes import types
from dq.params import Scalar
from dq.plan.compiler import lint
from dq.steps.fitted import load
from dq.steps.fitted.base import FITTED_STEPS, FitTarget

SPEC = """
dq: 1
event: reading
version: 1.0.0
missing: ["", "-"]
fields:
  place: {type: string}
  spare: {type: integer}
  value:
    type: number
    checks: [{le: 100, on_fail: set_null}]
    impute:
    - {from: spare, indicator: value_spare}
    - {median: {by: [place]}, indicator: value_guess}
    - {constant: 0, indicator: value_guess}
  guessed: {type: boolean, derive: value_guess or value_spare}
  kind: {type: string, impute: {constant: k, indicator: no_kind}}
checks:
- {id: spares_are_known, assert: not value_spare or spare is not null}
"""
NOW = datetime(2026, 11, 1, tzinfo=UTC)
RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "place": st.sampled_from(["a", "b", "-"]),
            "spare": st.sampled_from(["1", "2", "-", "x"]),
            "value": st.sampled_from(["3.5", "7", "-", "1000", "y"]),
            "kind": st.sampled_from(["j", "-"]),
        }
    ),
    max_size=12,
)


def compiled(text: str, folder: Path) -> Plan:
    path = folder / "spec.dq.yaml"
    path.write_text(text)
    return dq.load(path)


def codes(text: str, folder: Path) -> list[str]:
    path = folder / "spec.dq.yaml"
    path.write_text(text)
    return [f"{d.code} {d.message}" for d in lint(path)]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    return compiled(SPEC, tmp_path_factory.mktemp("spec"))


def literal(records: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Do by hand what the spec says, and return the accepted rows."""
    rows = []
    for record in records:
        row: dict[str, Any] = {key: None if text == "-" else text for key, text in record.items()}
        row["refused"] = "x" in record.values() or "y" in record.values()
        row["blocked"] = record["value"] == "y"
        row["spare"] = int(record["spare"]) if record["spare"] in "12" else None
        row["value"] = float(record["value"]) if record["value"] in ("3.5", "7") else None
        rows.append(row)
    for row in rows:
        row["value_spare"] = row["value"] is None and row["spare"] is not None and not row["blocked"]
        row["value"] = float(row["spare"]) if row["value_spare"] else row["value"]
    known = [dict(row) for row in rows]
    for row in rows:
        row["value_guess"] = row["value"] is None and not row["blocked"]
        if row["value_guess"]:
            row["value"] = 0.0
            for everybody in (True, False):
                pool = [
                    k["value"] for k in known if k["value"] is not None and (everybody or k["place"] == row["place"])
                ]
                row["value"] = pl.Series(pool).median() if pool else row["value"]
        row["guessed"] = row["value_guess"] or row["value_spare"]
        row["no_kind"], row["kind"] = row["kind"] is None, row["kind"] or "k"
    order = ["place", "spare", "value", "value_spare", "value_guess", "guessed", "kind", "no_kind"]
    return [{key: row[key] for key in order} for row in rows if not row["refused"]]


@settings(max_examples=80)
@given(RECORDS)
def test_each_fill_is_tried_where_a_value_is_still_missing(plan: Plan, records: list[dict[str, str]]) -> None:
    result = plan.run(records, now=NOW)
    assert result.accepted.to_dicts() == literal(records)
    for row in result.accepted.to_dicts():
        assert list(row) == list(plan.json_schema("canonical")["properties"])


@settings(max_examples=40)
@given(RECORDS, RECORDS)
def test_an_event_is_filled_and_marked_as_in_a_batch(
    plan: Plan, train: list[dict[str, str]], new: list[dict[str, str]]
) -> None:
    state = plan.fit(train, now=NOW)
    alone = [plan.check_event(record, state=state, now=NOW) for record in new]
    together = plan.run(new, state=state, now=NOW).accepted.to_dicts()
    assert [verdict.record for verdict in alone if verdict.accepted] == together


def test_what_takes_from_another_field_needs_no_state(tmp_path: Path) -> None:
    text = "dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: string, impute: {from: b}}, b: {type: string}}\n"
    plain = compiled(text, tmp_path)
    assert plain.check_event({"b": "x"}).record == {"a": "x", "b": "x"}
    assert plain.run([{"b": "x"}, {"a": "y", "b": "z"}, {}]).state is None
    assert plain.compiled.levels == ()


def test_an_indicator_is_a_column_like_any_other(plan: Plan, tmp_path: Path) -> None:
    lines = [{"place": "a", "value": "-", "spare": "-"}, {"place": "a", "value": "5", "spare": "1"}]
    plan.run(lines, out=tmp_path / "out", now=NOW)
    rows = pl.read_parquet(tmp_path / "out" / "accepted.parquet")
    assert rows["value_guess"].to_list() == [True, False]
    schema = json.loads((tmp_path / "out" / "schema.json").read_bytes())
    assert schema["properties"]["value_guess"]["type"] == "boolean"
    assert schema["required"] == rows.columns
    assert plan.pandera.columns["value_guess"].nullable is False
    cleaning = {step["step"]: step["changed"] for step in plan.run(lines, now=NOW).report["cleaning"]}
    assert cleaning["value.impute"] == 0
    assert cleaning["value.impute#2"] == 1
    assert cleaning["value.impute#3"] == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "spare, indicator: value_spare}",
            "spare, indicator: kind}",
            "DQ321 'indicator' does not fit here: a field of this spec is called kind",
        ),
        ("no_kind}", "value_guess}", "DQ321 'indicator' does not fit here: value_guess is the indicator of value"),
        ("no_kind}", "no-kind}", "DQ206 "),
        ("no_kind}", "[no_kind]}", "DQ203 'indicator'"),
        ("no_kind}", "no_kind, by: [place]}", "DQ305 'impute' has no parameter 'by'"),
        ("{from: spare,", "{from: sparse,", "DQ311 impute.from names the field 'sparse'"),
        ("{from: spare,", "{from: value,", "DQ308 "),
        ("{from: spare,", "{from: place,", "DQ304 'impute.from' does not fit the field 'place' of type string"),
        ("{from: spare,", "{from: guessed,", "DQ304 "),
        ("{from: spare,", "{fromm: spare,", "DQ302 "),
        ("{from: spare,", "{constant: 1,", "DQ321 'constant' does not fit here: it leaves nothing missing"),
        ("- {constant: 0, indicator: value_guess}", "- {constant: x, indicator: value_guess}", "DQ318 "),
        ("not value_spare or", "not value_spar or", "DQ402 "),
        ("checks:\n- {id", "filter: [{keep: value_guess}]\nchecks:\n- {id", "DQ321 'value_guess' does not fit here"),
        ("checks:\n- {id", "ml: {target: value}\nchecks:\n- {id", "DQ317 'value' is the target"),
        ("by: [place]", "by: [no_kind]", "DQ321 'no_kind' does not fit here"),
    ],
)
def test_what_cannot_be_meant_is_said(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert SPEC.count(old) == 1
    found = codes(SPEC.replace(old, new), tmp_path)
    assert any(line.startswith(said) for line in found), found


def test_a_mistake_in_a_chain_is_said_once(tmp_path: Path) -> None:
    assert len(codes(SPEC.replace("{from: spare,", "{from: sparse,"), tmp_path)) == 1


@pytest.mark.parametrize("kind", ["mean", "median"])
def test_a_statistic_that_the_type_does_not_have_is_refused(kind: str, tmp_path: Path) -> None:
    text = f"dq: 1\nevent: e\nversion: 1.0.0\nfields: {{a: {{type: boolean, impute: {kind}}}}}\n"
    assert codes(text, tmp_path)[0].startswith(f"DQ304 '{kind}' does not fit the field 'a' of type boolean; it is for ")


def test_the_fit_fingerprint_knows_where_values_were_taken_from(plan: Plan, tmp_path: Path) -> None:
    state = plan.fit([{"place": "a", "value": "1"}], now=NOW)
    renamed = compiled(SPEC.replace("value_guess", "value_made_up"), tmp_path)
    renamed.run([{"place": "a"}], state=state, now=NOW)
    assert renamed.fingerprint != plan.fingerprint
    for old, new in (
        ("{from: spare,", "{from: other,"),
        ("spare: {type: integer}", "spare: {type: integer, missing: [x]}"),
    ):
        text = SPEC.replace(old, new).replace("fields:\n", "fields:\n  other: {type: integer}\n")
        changed = compiled(text, tmp_path)
        with pytest.raises(dq.UsageError, match=r"value\.impute#2"):
            changed.run([{"place": "a"}], state=state, now=NOW)


def test_only_what_fits_exactly_is_taken() -> None:
    load()
    kind = FITTED_STEPS.find("from")
    assert kind is not None
    for target, other, values, taken in (
        (types.NUMBER, types.INTEGER, [2**53 + 1, 2**53, None], [None, float(2**53), None]),
        (types.NUMBER, types.decimal(4, 2), ["0.10", "3.00"], [0.1, 3.0]),
        (types.decimal(3, 1), types.INTEGER, [99, 100], ["99.0", None]),
    ):
        step = kind(kind.Params.model_validate({"field": Scalar("b")}), FitTarget("a", {"a": target, "b": other}))
        frame = pl.DataFrame(
            {
                "a": pl.Series([None] * len(values), dtype=target.polars),
                "b": pl.Series(values).cast(other.polars),
            }
        )
        found = step.apply(frame, step.thaw(step.freeze(None))).values
        assert found.to_list() == pl.Series(taken).cast(target.polars).to_list()
