"""What is asked of a value too early or too late, and what is personal data by descent."""

from __future__ import annotations

from pathlib import Path

import pytest

import dq

from .small_specs import spec_text

INTEGER = {"type": "integer"}
TOO_LATE = {
    "a where that reads a field derived later": (
        {"a": INTEGER | {"checks": [{"maximum": 6, "on_fail": "set_null", "where": "b > 2"}]},
         "b": INTEGER | {"derive": "a + 1"}},
        "DQ321 'where' does not fit here: b is derived later than a value is set to null",
    ),
    "set_null on a field derived from an imputed one": (
        {"a": INTEGER | {"impute": {"constant": 1}},
         "b": INTEGER | {"derive": "a + 1", "checks": [{"maximum": 6, "on_fail": "set_null"}]}},
        "DQ321 'on_fail: set_null' does not fit here: b is derived from an imputed value",
    ),
    "how much of a computed field is missing": (
        {"a": INTEGER, "b": INTEGER | {"derive": "a + 1", "expect": [{"missing": {"max": 0.5}}]}},
        "DQ321 'missing' does not fit here: b is computed",
    ),
}  # fmt: skip


def load(folder: Path, fields: dict[str, object]) -> dq.Plan:
    path = folder / "spec.yaml"
    path.write_text(spec_text({"dq": 1, "event": "e", "version": "1.0.0", "fields": fields}), encoding="utf-8")
    return dq.load(path)


@pytest.mark.parametrize("name", TOO_LATE)
def test_refused(tmp_path: Path, name: str) -> None:
    fields, message = TOO_LATE[name]
    with pytest.raises(dq.SpecError) as error:
        load(tmp_path, fields)
    assert message in str(error.value)


def test_a_derived_field_may_be_set_to_null_on_what_is_known_by_then(tmp_path: Path) -> None:
    check = {"maximum": 6, "on_fail": "set_null", "where": "b > 2"}
    fields = {
        "a": INTEGER,
        "b": INTEGER | {"derive": "a + 1"},
        "c": INTEGER | {"derive": "b + 1", "checks": [check]},
    }
    result = load(tmp_path, fields).run([{"a": 1}, {"a": 5}])
    assert result.accepted["c"].to_list() == [3, None]


def test_what_is_derived_from_personal_data_is_personal_data(tmp_path: Path) -> None:
    fields = {
        "a": {"type": "string", "pii": True},
        "b": {"type": "string", "derive": "lower(a)", "checks": [{"max_length": 1}]},
        "c": {"type": "string", "derive": "upper(b)", "checks": [{"max_length": 1}]},
        "d": {"type": "string"},
    }
    plan = load(tmp_path, fields)
    assert [bound.name for bound in plan.compiled.fields if bound.pii] == ["a", "b", "c"]
    report = plan.run([{"a": "Canary", "d": "x"}]).report
    assert b"canary" not in report.json().lower()
