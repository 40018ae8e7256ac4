"""Drafts of real files: they lint, their own source passes or what does not is named, and they hold what a person sees."""

from __future__ import annotations

import pytest

from dq.drafting.draft import infer
from dq.drafting.judge import compiled

pytestmark = pytest.mark.shared


def drafted(path):
    """Return the text of a draft, its fields and its checks, after looking at what every draft must keep."""
    draft = infer(path)
    plan, errors = compiled(draft.text)
    assert errors == []
    found = draft.judgement
    assert found.verdict == "pass"
    records = found.records
    assert (
        records["read"]
        == draft.records
        == sum(records[door] for door in ("accepted", "quarantined", "deduplicated", "filtered"))
    )
    for check, _count in found.failed:
        assert check in draft.text
    return draft, plan.by_name, {check.id: check.expected for check in plan.checks}


def steps(field):
    return [step.step.kind for step in field.steps]


def test_beers(shared):
    draft, fields, checks = drafted(shared / "data" / "repair" / "beers" / "dirty.csv")
    assert draft.judgement.records["accepted"] == 2410
    assert steps(fields["ounces"]) == ["quantity"]
    assert steps(fields["abv"]) == ["replace"]
    assert steps(fields["state"]) == ["us_state"]
    assert str(fields["ibu"].type) == "integer"
    assert {fit.stage for fit in fields["city"].fits} == {"repair"}
    assert "id.unique" in checks
    for name in ("id.between", "brewery_id.between", "beer_name.accepted_values", "style.accepted_values"):
        assert name not in checks


def test_hospital(shared):
    draft, fields, checks = drafted(shared / "data" / "repair" / "hospital" / "dirty.csv")
    assert draft.judgement.records["accepted"] >= 900
    assert {check for check, _ in draft.judgement.failed} == {"state.accepted_values", "score.percent", "sample.type"}
    mended = {name for name, field in fields.items() if field.fits}
    assert mended >= {"name", "city", "zip", "phone", "provider_number", "measure_code", "emergency_service", "owner"}
    assert checks["emergency_service.accepted_values"] == "one of yes, no"
    assert checks["zip.pattern"] == "a text that matches ^[0-9]{5}$"
    assert 'missing: ["", empty]' in draft.text


def test_taxi(shared):
    draft, fields, checks = drafted(shared / "data" / "taxi" / "yellow_2019-01.csv")
    assert draft.judgement.records["accepted"] == 10_000
    assert str(fields["pickup_datetime"].type) == "datetime"
    assert "dropoff_datetime_not_before_pickup_datetime" in checks
    assert checks["payment_type.accepted_values"] == "one of 1, 2, 3 and 1 more"
    assert "pickup_location_id.between" not in checks
    assert "# - minimum: 0 " in draft.text


def test_cities(shared, tmp_path):
    path = shared / "data" / "russian" / "city.csv"
    draft, fields, checks = drafted(path)
    assert draft.judgement.records["accepted"] == 1117
    assert str(fields["tax_office"].type) == "string"
    assert checks["geo_lat.between"] == "a value from -90.0 to 90.0"
    assert "kladr_id.unique" in checks
    other = tmp_path / "city.csv"
    other.write_bytes(path.read_bytes().decode().replace(";", "").replace(",", ";").encode("cp1251"))
    again = infer(other, check=False)
    assert "encoding: cp1251" in again.text
    assert 'delimiter: ";"' in again.text


def test_events(shared):
    draft, fields, _ = drafted(shared / "data" / "events" / "github_webhooks" / "events.jsonl")
    assert draft.judgement.records["accepted"] == 255
    assert {"event", "action", "repository_full_name", "sender_login"} <= set(fields)
    assert len(fields) <= 30
    assert "paths that fewer than half of the records have 2," in draft.text
