"""Real tables and events against specs written for them; every count is made a second time without dq."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from decimal import Decimal

import polars as pl
import pytest

from .runs import SPECS, Run

pytestmark = pytest.mark.shared


def rows_of(path, encoding="utf-8"):
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.DictReader(file))


def refused_numbers(rows, *questions):
    return [n for n, row in enumerate(rows, 1) if any(question(row) for question in questions)]


@pytest.fixture(scope="module")
def beers(shared, tmp_path_factory):
    path = shared / "data" / "repair" / "beers" / "dirty.csv"
    return Run(SPECS / "beers.dq.yaml", [str(path)], tmp_path_factory.mktemp("beers") / "out"), rows_of(path)


def test_beers_faults_are_those_that_counting_finds(beers):
    run, rows = beers
    percent = [row for row in rows if row["abv"].endswith("%")]
    assert run.code == 1
    assert run.failed() == {
        "abv.type": len(percent),
        "state.required": sum(not row["state"] for row in rows),
        "style.required": sum(not row["style"] for row in rows),
    }
    run.assert_conserved(len(rows))
    refused = refused_numbers(
        rows, lambda r: r["abv"].endswith("%"), lambda r: not r["state"], lambda r: not r["style"]
    )
    assert [record["record"] for record in run.quarantine] == refused


def test_beers_blocked_checks_are_not_failures(beers):
    run, rows = beers
    between = next(check for check in run.report["checks"] if check["id"] == "abv.between")
    values = [row["abv"] for row in rows]
    assert between["blocked"] == sum(value.endswith("%") for value in values)
    assert between["skipped"] == values.count("")
    assert between["failed"] == sum(not 0.01 <= float(v) <= 0.12 for v in values if v and not v.endswith("%"))


def test_beers_ounces_are_cleaned_to_their_numbers(beers):
    run, rows = beers
    refused = {record["record"] for record in run.quarantine}
    numbers = [float(re.match("[0-9.]+", row["ounces"])[0]) for n, row in enumerate(rows, 1) if n not in refused]
    assert pl.read_parquet(run.out / "held.parquet")["ounces"].to_list() == numbers
    cleaning = {step["step"]: step["changed"] for step in run.report["cleaning"]}
    assert cleaning == {
        "ounces.lower": sum(row["ounces"] != row["ounces"].lower() for row in rows),
        "ounces.replace": len(rows),
    }


def test_taxi_three_months_are_one_batch(shared, tmp_path):
    paths = sorted((shared / "data" / "taxi").glob("*.csv"))
    rows = [row for path in paths for row in rows_of(path)]
    run = Run(SPECS / "taxi.dq.yaml", [str(path) for path in paths], tmp_path / "out")
    settled = [row for row in rows if row["payment_type"] in {"1", "2"}]
    parts = ("fare_amount", "extra", "mta_tax", "tip_amount", "tolls_amount", "improvement_surcharge")
    keys = Counter(
        tuple(
            r[k]
            for k in ("vendor_id", "pickup_datetime", "dropoff_datetime", "pickup_location_id", "dropoff_location_id")
        )
        for r in settled
    )
    expected = {
        "pickup_datetime.before": sum(row["pickup_datetime"] >= "2019-04-01" for row in settled),
        "passenger_count.minimum": sum(row["passenger_count"] == "0" for row in settled),
        "trip_distance.gt": sum(Decimal(row["trip_distance"]) <= 0 for row in settled),
        "rate_code_id.accepted_values": sum(row["rate_code_id"] == "99" for row in settled),
        "fare_amount.minimum": sum(Decimal(row["fare_amount"]) < 0 for row in settled),
        "ends_after_it_begins": sum(row["dropoff_datetime"] <= row["pickup_datetime"] for row in settled),
        "adds_up": sum(sum(Decimal(row[p]) for p in parts) != Decimal(row["total_amount"]) for row in settled),
        "unique": sum(count for count in keys.values() if count > 1),
    }
    assert run.failed() == {name: count for name, count in expected.items() if count}
    assert expected["adds_up"] > 10_000
    run.assert_conserved(len(rows))
    assert run.report["records"]["filtered"] == len(rows) - len(settled)
    assert [source["records"] for source in run.report["sources"]] == [10_000] * 3
    (expectation,) = run.report["expectations"]
    assert expectation["observed"] == sum(not row["congestion_surcharge"] for row in settled) / len(settled)
    assert (expectation["verdict"], run.code) == ("fail", 1)
    verdicts = {check["id"]: check["verdict"] for check in run.report["checks"]}
    assert verdicts["passenger_count.minimum"] == "warn"
    assert verdicts["trip_distance.gt"] == "pass"


@pytest.mark.parametrize(("source", "encoding"), [("modern", "utf-8"), ("old", "cp1251")])
def test_cities_in_two_encodings(shared, tmp_path, source, encoding):
    original = shared / "data" / "russian" / "city.csv"
    text = original.read_bytes().decode("utf-8")
    path = tmp_path / "city.csv"
    path.write_bytes(text.encode(encoding))
    rows = rows_of(original)
    run = Run(SPECS / "city.dq.yaml", [f"{source}={path}"], tmp_path / "out")
    codes = Counter(row["oktmo"] for row in rows)
    nameless, twins = (lambda r: not r["city"]), (lambda r: codes[r["oktmo"]] > 1)
    assert run.code == 0
    assert run.failed() == {"city.required": 14, "oktmo.unique": 2}
    assert run.refused_by("city.required") == refused_numbers(rows, nameless)
    assert run.refused_by("oktmo.unique") == refused_numbers(rows, twins)
    run.assert_conserved(len(rows))
    refused = set(refused_numbers(rows, nameless, twins))
    kept = [row for number, row in enumerate(rows, 1) if number not in refused]
    written = rows_of(run.out / "accepted.csv")
    same = ("address", "postal_code", "federal_district", "region", "city", "kladr_id", "fias_id", "oktmo", "timezone")
    assert [[row[name] for name in same] for row in written] == [[row[name] for name in same] for row in kept]
    raw = text.encode(encoding).splitlines(keepends=True)
    for record in run.quarantine:
        assert record["raw"] == raw[record["record"]].decode(encoding).rstrip("\r\n")
        assert record["offset"] == sum(len(line) for line in raw[: record["record"]])


def test_cities_read_with_the_wrong_encoding_are_never_accepted(shared, tmp_path):
    path = tmp_path / "city.csv"
    path.write_bytes((shared / "data" / "russian" / "city.csv").read_text(encoding="utf-8").encode("cp1251"))
    run = Run(SPECS / "city.dq.yaml", [f"modern={path}"], tmp_path / "out")
    assert (run.code, run.report["records"]["accepted"]) == (1, 0)
    assert run.report["records"]["unreadable"] == run.report["records"]["read"] == 1117
    assert {reason["code"] for record in run.quarantine for reason in record["reasons"]} == {"unreadable.encoding"}
    assert all("raw_base64" in record for record in run.quarantine)


def test_webhooks_are_narrowed_to_one_event(shared, tmp_path):
    path = shared / "data" / "events" / "github_webhooks" / "events.jsonl"
    events = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    run = Run(SPECS / "github.dq.yaml", [str(path)], tmp_path / "out")
    kept = [event for event in events if event["event"] != "marketplace_purchase"]
    repositories = [event["payload"].get("repository") or {} for event in kept]
    senders = [event["payload"].get("sender") or {} for event in kept]
    assert run.code == 1
    assert run.failed() == {
        "created_at.type": sum(isinstance(r.get("created_at"), int) for r in repositories),
        "sender_login.required": sum(s.get("login") is None for s in senders),
        "sender_id.required": sum(s.get("id") is None for s in senders),
        "sender_type.accepted_values": sum(s.get("type") == "Bot" for s in senders),
        "topics.max_items": sum(bool(r.get("topics")) for r in repositories),
    }
    run.assert_conserved(len(events))
    refused = {record["record"] for record in run.quarantine} | {record["record"] for record in run.removed}
    originals = [event for number, event in enumerate(events, 1) if number not in refused]
    assert len(originals) == 240
    for row, event in zip(run.accepted(), originals, strict=True):
        payload = event["payload"]
        repository = payload.get("repository") or {}
        assert row["event"] == event["event"]
        assert row["sender_id"] == payload["sender"]["id"]
        assert row["repository"] == repository.get("full_name")
        assert row["private"] == repository.get("private")
        assert row["topics"] == repository.get("topics")
        assert row["owner"] == repository.get("owner")
        assert row["issue_number"] == (payload.get("issue") or {}).get("number")
        assert row["ref"] == (payload.get("ref") or None)
    logins = {sender["login"] for sender in senders if sender.get("login")}
    assert not [login for login in logins if f'"{login}"' in (run.out / "report.json").read_text(encoding="utf-8")]
