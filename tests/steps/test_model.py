"""`impute: {model: …}`: the tree against trees by hand, its parts, its state, what it refuses."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
import dq.steps.fitted.model as model_module
from dq.api import Plan, load_state, make_settings, save_state
from dq.dtypes import types
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.params import ParamError
from dq.states.group_counts import added
from dq.steps.fitted.base import FitTarget
from dq.steps.fitted.model import Model, ModelParams

TYPES = {
    "kind": types.STRING,
    "km": types.NUMBER,
    "price": types.decimal(12, 2),
    "seats": types.INTEGER,
    "ok": types.BOOLEAN,
    "town": types.STRING,
    "at": types.DATETIME,
    "parts": types.list_of(types.INTEGER),
}
SCHEMA = {name: kind.polars for name, kind in TYPES.items()}
NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from([None, "taxi", "bus", "tram"]),
            "km": st.one_of(st.none(), st.integers(0, 9).map(float), st.floats(-1e300, 1e300)),
            "price": st.one_of(st.none(), st.decimals(-1000, 1000, places=2)),
            "seats": st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(0, 5)),
            "ok": st.sampled_from([None, True, False]),
            "town": st.sampled_from([None, "Rome", "Oslo", "Bonn"]),
        }
    ),
    max_size=30,
)


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA)


def model(field: str, *sources: str, **params: Any) -> Model:
    given_params = {"min_records": 1, **params}
    return Model(ModelParams.model_validate({"from": list(sources), **given_params}), FitTarget(field, TYPES))


def run(made: Model, train: pl.DataFrame, new: pl.DataFrame | None = None) -> list[Any]:
    frozen = json.loads(json.dumps(made.freeze(made.partial(train))))
    return made.apply(train if new is None else new, made.thaw(frozen)).values.to_list()


TRIPS = [
    {"kind": "taxi", "km": 1.0, "price": Decimal("10.00")},
    {"kind": "taxi", "km": 2.0, "price": Decimal("10.03")},
    {"kind": "taxi", "km": 2.0, "price": Decimal("10.04")},
    {"kind": "tram", "km": 2.0, "price": Decimal("10.01")},
    {"kind": "bus", "km": 1.0, "price": Decimal("2.00")},
    {"kind": None, "km": 1.0, "price": Decimal("55.00")},
]


def test_a_small_tree_is_the_one_by_hand() -> None:
    made = model("price", "kind", max_depth=2)
    assert made.freeze(made.partial(frame(TRIPS))) == {
        "columns": [{"field": "kind", "is": None}, {"field": "kind", "is": "bus"}],
        "feature": [0, 1, -1, -1, -1],
        "threshold": [0.5, 0.5, 0.0, 0.0, 0.0],
        "left": [1, 2, -1, -1, -1],
        "right": [4, 3, -1, -1, -1],
        "value": [None, None, "10.02", "2.00", "55.00"],
    }
    asked = frame([{"kind": kind} for kind in ("taxi", "bus", None, "rocket")])
    assert run(made, frame(TRIPS), asked) == [Decimal(text) for text in ("10.02", "2.00", "55.00", "10.02")]


def test_what_a_leaf_rests_on_is_counted_in_records() -> None:
    seven = [{"kind": "taxi", "seats": 4}] * 4 + [{"kind": "bus", "seats": 40}] * 3
    asked = frame([{"kind": "taxi"}, {"kind": "bus"}])
    assert run(model("seats", "kind", min_records=3), frame(seven), asked) == [4, 40]
    mean = round((4 * 4 + 3 * 40) / 7)
    assert run(model("seats", "kind", min_records=4), frame(seven), asked) == [mean, mean]
    assert run(model("seats", "kind", min_records=100), frame(seven), asked) == [mean, mean]
    for taxis, buses, expected in ((8, 4, [4, 40]), (9, 3, [13, 13])):
        twelve = [{"kind": "taxi", "seats": 4}] * taxis + [{"kind": "bus", "seats": 40}] * buses
        assert run(model("seats", "kind", min_records=4), frame(twelve), asked) == expected


def test_numbers_and_times_are_compared_by_size() -> None:
    days = [{"at": datetime(2026, month, 1, tzinfo=UTC), "km": float(month), "ok": month > 6} for month in range(1, 13)]
    asked = frame([{"at": datetime(2025, 1, 1, tzinfo=UTC)}, {"at": datetime(2027, 1, 1, tzinfo=UTC)}])
    assert run(model("ok", "at"), frame(days), asked) == [False, True]
    assert run(model("ok", "km"), frame(days), frame([{"km": 6.4}, {"km": 6.6}, {"km": 1e300}])) == [False, True, True]


def test_texts_are_predicted_by_the_most_frequent_and_of_equals_by_the_smallest() -> None:
    rows = [{"kind": "a", "town": town} for town in ("Rome", "Oslo", "Rome", "Oslo", "Bonn")]
    assert run(model("town", "kind"), frame(rows), frame([{"kind": "a"}])) == ["Oslo"]


def test_only_frequent_texts_are_told_apart_and_predicted() -> None:
    rows = [{"kind": "a", "town": "Rome"}] * 3 + [{"kind": "b", "town": "Oslo"}] * 2 + [{"kind": "c", "town": "Bonn"}]
    made = model("town", "kind", max_categories=2)
    frozen = made.freeze(made.partial(frame(rows)))
    assert "Bonn" not in json.dumps(frozen)
    assert run(made, frame(rows), frame([{"kind": "a"}, {"kind": "b"}])) == ["Rome", "Oslo"]
    one = model("town", "kind", max_categories=1)
    assert run(one, frame(rows), frame([{"kind": "b"}])) == ["Rome"]


def test_where_nothing_was_seen_nothing_is_filled() -> None:
    made = model("price", "kind", "km")
    empty = frame([{"kind": "taxi"}])
    assert run(made, empty) == [None]
    assert made.apply(empty, made.thaw(made.freeze(None))).values.to_list() == [None]


@settings(max_examples=25)
@given(ROWS, ROWS)
def test_parts_add_up_and_order_does_not_show(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    for field, sources in (("price", ("kind", "km")), ("seats", ("kind", "town", "km")), ("town", ("kind", "ok"))):
        made = model(field, *sources, min_records=2)
        whole = made.freeze(made.partial(frame([*first, *second])))
        parts = [made.partial(frame(second)), made.partial(frame(first))]
        assert made.freeze(added(parts)) == whole
        assert made.freeze(made.partial(frame([*second, *first][::-1]))) == whole


@settings(max_examples=25)
@given(ROWS)
def test_what_had_a_value_keeps_it_and_predictions_are_within_what_was_seen(rows: list[dict[str, Any]]) -> None:
    for field in ("price", "seats", "town", "ok"):
        filled = run(model(field, "kind", "km"), frame(rows))
        seen = [row[field] for row in rows if row[field] is not None]
        for row, value in zip(rows, filled, strict=True):
            if row[field] is not None or not seen:
                assert value == row[field]
            elif field in ("price", "seats"):
                assert value is None or min(seen) - 1024 <= value <= max(seen) + 1024  # of 2**63, rounding to a double
            else:
                assert value in seen


def test_too_many_combinations_are_refused_with_the_fields_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "MOST_CELLS", 23)
    made = model("price", "kind")
    with pytest.raises(dq.UsageError, match="impute of price: 6 different combinations of values of kind are too many"):
        made.freeze(made.partial(frame(TRIPS)))


@pytest.mark.parametrize(
    ("sources", "params", "code"),
    [
        (["nothing"], {}, "DQ311"),
        (["price"], {}, "DQ308"),
        (["kind", "kind"], {}, "DQ308"),
        (["parts"], {}, "DQ308"),
        (["kind"], {"max_depth": 0}, "DQ308"),
        (["kind"], {"max_depth": 31}, "DQ308"),
        (["kind"], {"min_records": 0}, "DQ308"),
        (["kind"], {"max_categories": 1001}, "DQ308"),
    ],
)
def test_what_cannot_be_is_refused(sources: list[str], params: dict[str, Any], code: str) -> None:
    with pytest.raises(ParamError) as caught:
        model("price", *sources, **params)
    assert caught.value.code == code


SPEC = """
dq: 1
event: trip
version: 1.0.0
missing: [""]
fields:
  id: {type: integer, required: true}
  kind: {type: string}
  km: {type: number}
  price:
    type: decimal(12,2)
    impute:
    - model: {from: [kind, km], min_records: 2}
      indicator: price_guessed
    - constant: 0
  town: {type: string, impute: {model: [kind]}}
"""
CELLS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["taxi", "bus", "tram", ""]),
            "km": st.one_of(st.integers(0, 20).map(str), st.sampled_from(["", "far"])),
            "price": st.one_of(st.integers(0, 9999).map(lambda cents: f"{cents / 100:.2f}"), st.just("")),
            "town": st.sampled_from(["Rome", "Oslo", ""]),
        }
    ),
    max_size=25,
)


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Plan:
    path = tmp_path_factory.mktemp("spec") / "trip.dq.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def numbered(records: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{"id": str(number), **record} for number, record in enumerate(records)]


def outputs(plan: Plan, file: Path, **driven: Any) -> tuple[Any, Any]:
    """Return the accepted rows and the state of a run that is driven so."""
    doors = MemoryDoors(plan.compiled)
    run = BatchRun(plan.compiled, plan.inputs(file), replace(make_settings(NOW), **driven), doors, None)
    run.run()
    return [frame.to_dicts() for frame in doors.frames()], run.state


@settings(max_examples=15)
@given(CELLS, st.integers(1, 7))
def test_chunks_change_no_byte_of_the_state(plan: Plan, records: list[dict[str, str]], size: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "trips.csv"
        lines = ["id,kind,km,price,town", *(",".join(record.values()) for record in numbered(records))]
        file.write_text("\n".join(lines) + "\n")
        whole = outputs(plan, file)
        assert outputs(plan, file, chunk_records=size, memory=0) == whole
        again = Path(folder) / "state.json"
        save_state(whole[1], again)
        assert load_state(again).json() == whole[1].json()


@settings(max_examples=15)
@given(CELLS, CELLS)
def test_an_event_is_filled_as_in_a_batch(plan: Plan, train: list[dict[str, str]], new: list[dict[str, str]]) -> None:
    state = plan.fit(numbered(train), now=NOW)
    by_batch = {row["id"]: row for row in plan.run(numbered(new), state=state, now=NOW).accepted.to_dicts()}
    for record in numbered(new):
        verdict = plan.check_event(record, state=state, now=NOW)
        assert verdict.accepted == (int(record["id"]) in by_batch)
        if verdict.accepted:
            assert verdict.record == by_batch[int(record["id"])]


def test_applying_does_not_import_scikit_learn(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    trips = [{"kind": kind, "km": "1", "price": price, "town": ""} for kind, price in (("taxi", "9"), ("bus", "2")) * 3]
    state = plan.fit(numbered(trips), now=NOW)
    monkeypatch.setitem(sys.modules, "sklearn.tree", None)
    verdict = plan.check_event({"id": "1", "kind": "taxi", "km": "1", "price": "", "town": ""}, state=state, now=NOW)
    assert verdict.record is not None
    assert (verdict.record["price"], verdict.record["price_guessed"]) == (Decimal("9.00"), True)
    with pytest.raises(ImportError):
        plan.fit(numbered(trips), now=NOW)


def test_a_state_of_other_fields_is_refused(plan: Plan, tmp_path: Path) -> None:
    state = plan.fit(numbered([]), now=NOW)
    for old, new in (
        ("[kind, km]", "[kind]"),
        ("min_records: 2", "min_records: 3"),
        ("km: {type: number", "km: {type: integer"),
    ):
        path = tmp_path / "changed.dq.yaml"
        path.write_text(SPEC.replace(old, new))
        with pytest.raises(dq.UsageError, match=r"price\.impute"):
            dq.load(path).run([], state=state, now=NOW)


def test_lint_names_the_extra_that_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_module, "find_spec", lambda name: None)
    path = tmp_path / "trip.dq.yaml"
    path.write_text(SPEC)
    with pytest.raises(dq.SpecError) as caught:
        dq.load(path)
    assert {diagnostic.code for diagnostic in caught.value.diagnostics} == {"DQ325"}
    assert "dq-gate[model]" in caught.value.diagnostics[0].message


def test_the_target_of_ml_is_not_filled_by_a_model(tmp_path: Path) -> None:
    path = tmp_path / "trip.dq.yaml"
    path.write_text(SPEC + "ml: {target: town}\n")
    with pytest.raises(dq.SpecError, match="DQ317"):
        dq.load(path)
