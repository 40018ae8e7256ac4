"""Cleaning that reads the cleaned text of other fields: telephone numbers by country, and toys for the general case."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import phonenumbers
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from laws.ledger_replay import check_law

import dq
from dq.api import make_settings
from dq.engines.batch import BatchRun
from dq.engines.doors import MemoryDoors
from dq.engines.ledger import INDEX_FILE, LEDGER_FILE, MemoryTraces, Tracing
from dq.params import Params, Text
from dq.report.build import build
from dq.steps.base import TEXT_STEPS, TextStep, beside_column
from dq.steps.domains.phone import Phone, PhoneParams

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """
dq: 1
event: signup
version: 1.0.0
missing: ["", "-"]
fields:
  phone: {type: string, clean: [strip, phone: {region_field: country, OPTIONS}]}
  country: {type: string, clean: [country]}
  note: {type: string}
"""
COUNTRIES = [None, "-", "Russia", "ru", "U.K.", "GB", "Germany", "Atlantis"]
NUMBERS = [None, "8 (495) 123-45-67", " 8 495 123-45-67", "020 7946 0958", "030 123456", "+44 20 7946 0958", "123"]
PAIRS = list(itertools.product(COUNTRIES, NUMBERS))
records = st.lists(
    st.fixed_dictionaries({"country": st.sampled_from(COUNTRIES), "phone": st.sampled_from(NUMBERS)}),
    min_size=1,
    max_size=6,
)


def load(folder: Path, text: str) -> dq.Plan:
    path = folder / "spec.dq.yaml"
    path.write_text(text, encoding="utf-8")
    return dq.load(path)


def signup(folder: Path, options: str = "otherwise: keep", more: str = "") -> dq.Plan:
    return load(folder, SPEC.replace("OPTIONS", options) + more)


def run(plan: dq.Plan, rows: list[dict[str, Any]], **driven: Any) -> dq.Result:
    """Run with a ledger, and hold it to the law: input and ledger give the output, and the counts agree."""
    how = dataclasses.replace(make_settings(NOW), **driven)
    inputs = plan.inputs(rows)
    doors, traces = MemoryDoors(plan.compiled), MemoryTraces()
    recorders = Tracing(ledger=True, key=b"k" * 32).recorders(plan.compiled, traces.create)
    tally = BatchRun(plan.compiled, inputs, how, doors, recorders=recorders).run()
    frames = doors.frames()
    report = dq.Report(build(plan.compiled, tally, NOW))
    result = dq.Result(report, *frames, index=traces.frame(INDEX_FILE), ledger=traces.frame(LEDGER_FILE))
    check_law(plan, inputs, result, how, b"k" * 32)
    return result


def by_hand(country: str | None, number: str | None, fallback: str | None) -> str | None:
    """Return what the library reads, dialled in the country that a person would take the cell for."""
    regions = {"Russia": "RU", "ru": "RU", "U.K.": "GB", "GB": "GB", "Germany": "DE"}
    if number is None:
        return None
    try:
        parsed = phonenumbers.parse(number, regions.get(country or "", fallback))
    except phonenumbers.NumberParseException:
        return number.strip()
    valid = phonenumbers.is_valid_number(parsed)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if valid else number.strip()


@pytest.mark.parametrize("fallback", [None, "DE"])
def test_every_pair_is_read_in_its_own_country(tmp_path: Path, fallback: str | None) -> None:
    plan = signup(tmp_path, f"region: {fallback}" if fallback else "otherwise: keep")
    rows = [{"country": country, "phone": number} for country, number in PAIRS]
    found = run(plan, rows).accepted["phone"].to_list()
    expected = [by_hand(country, number, fallback) for country, number in PAIRS]
    assert found == expected
    assert {"+74951234567", "+442079460958", "+4930123456", "020 7946 0958", "123"} <= set(expected)


@settings(max_examples=8, deadline=None)
@given(rows=records, chunk=st.integers(1, 7), otherwise=st.sampled_from(["keep", "blank", "refuse"]))
def test_chunks_and_single_events_agree(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], chunk: int, otherwise: str
) -> None:
    plan = signup(tmp_path_factory.mktemp("spec"), f"otherwise: {otherwise}")
    whole, parts = run(plan, rows), run(plan, rows, chunk_records=chunk)
    assert whole.accepted.equals(parts.accepted)
    assert whole.quarantined["reasons"].to_list() == parts.quarantined["reasons"].to_list()
    assert whole.report["cleaning"] == parts.report["cleaning"]
    verdicts = [plan.check_event(row, now=NOW) for row in rows]
    assert [v.record for v in verdicts if v.accepted] == whole.accepted.to_dicts()


def test_changes_are_counted_by_what_each_step_did_beside_each_country(tmp_path: Path) -> None:
    rows = [{"country": country, "phone": " 020 7946 0958"} for country in ("GB", "uk", "Germany", None)]
    result = run(signup(tmp_path), rows)
    counts = {one["step"]: one["changed"] for one in result.report["cleaning"]}
    assert counts == {"phone.strip": 4, "phone.phone": 2, "country.country": 2}


def test_a_narrow_scan_that_needs_the_number_reads_the_country(tmp_path: Path) -> None:
    plan = signup(tmp_path, more="dedupe: {key: [phone]}\n")
    assert plan.compiled.levels[0].reads == ("phone", "country")
    numbers = ["020 7946 0958", "020 7946 0958", "+442079460958", "020 7946 0958"]
    rows = [{"country": c, "phone": p} for c, p in zip(["UK", "Germany", "Russia", "GB"], numbers, strict=True)]
    for chunk in (1, 2, 100):
        kept = run(plan, rows, chunk_records=chunk)
        assert kept.accepted["phone"].to_list() == ["+442079460958", "020 7946 0958"]
        assert kept.removed.height == 2


def test_what_is_learnt_of_the_number_hangs_on_how_the_country_is_cleaned(tmp_path: Path) -> None:
    spec = SPEC.replace("OPTIONS", "otherwise: keep").replace(
        "note: {type: string}", "note: {type: string, impute: most_frequent}"
    )
    grouped = spec.replace("impute: most_frequent", "repair: {agree: {by: [phone]}}")
    other = grouped.replace("[country]}", "[country: {languages: [ru]}]}")
    prints = [load(tmp_path, text).compiled.levels[0].fit_fingerprints for text in (grouped, other)]
    assert prints[0] != prints[1]
    alone = [
        load(tmp_path, text.replace("by: [phone]", "by: [note2]") + "  note2: {type: string}\n")
        for text in (grouped, other)
    ]
    assert alone[0].compiled.levels[0].fit_fingerprints == alone[1].compiled.levels[0].fit_fingerprints


def test_personal_data_stays_personal(tmp_path: Path) -> None:
    text = SPEC.replace("OPTIONS", "otherwise: keep").replace("clean: [country]", "clean: [country], pii: true")
    personal = {name: bound.pii for name, bound in load(tmp_path, text).compiled.by_name.items()}
    assert personal == {"phone": True, "country": True, "note": False}
    assert not signup(tmp_path).compiled.by_name["phone"].pii


def test_the_national_form_wants_a_region_of_the_spec_or_of_the_record(tmp_path: Path) -> None:
    plan = signup(tmp_path, "format: national")
    rows = [{"country": c, "phone": "+44 20 7946 0958"} for c in ("UK", "Germany", None)]
    assert run(plan, rows).accepted["phone"].to_list() == ["020 7946 0958", "+44 20 7946 0958", "+44 20 7946 0958"]


def test_one_question_for_each_distinct_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, tuple[str | None, ...]]] = []
    answer = Phone.answer_beside
    monkeypatch.setattr(Phone, "answer_beside", lambda *of: asked.append(of[1:]) or answer(*of))
    step = Phone(PhoneParams(region_field="country"))
    frame = pl.DataFrame(
        {"text": ["1", "1", None, "1", "2"] * 100, beside_column("country"): ["RU", "DE", "DE", None, "RU"] * 100}
    )
    for _ in range(2):
        assert frame.select(step.expression(pl.col("text")))["text"].to_list() == frame["text"].to_list()
    assert len(asked) == 4
    assert set(asked) == {("1", ("RU",)), ("1", ("DE",)), ("1", (None,)), ("2", ("RU",))}


class Joined(TextStep):
    """Writes the text of one or two other fields behind its own."""

    kind = "joined"
    title = "join"
    example = "joined: other"
    example_values = ()
    field_params = ("first", "second")

    class Params(Params):
        """Which."""

        shorthand = "first"
        first: Text
        second: Text | None = None

    def expression(self, text: pl.Expr) -> pl.Expr:
        others = [pl.col(beside_column(name)).fill_null("?") for name in self.beside]
        return pl.concat_str([text, *others], separator="+")


@pytest.fixture
def joined() -> Iterator[None]:
    TEXT_STEPS.register(Joined)
    yield
    TEXT_STEPS.remove("joined")


@pytest.mark.usefixtures("joined")
def test_fields_are_cleaned_in_order_of_dependence(tmp_path: Path) -> None:
    plan = load(
        tmp_path,
        """
dq: 1
event: toy
version: 1.0.0
fields:
  a: {type: string, clean: [joined: {first: b, second: d}, upper]}
  b: {type: string, clean: [strip, joined: c]}
  c: {type: string, clean: [upper, {map: {X: y, N: n}, otherwise: refuse}]}
  d: {type: integer}
""",
    )
    rows = [{"a": "a", "b": " b ", "c": "x", "d": 7}, {"a": "a", "b": None, "c": "n"}, {"a": "a", "b": "b", "c": "z"}]
    result = run(plan, rows)
    assert result.accepted.rows() == [("A+B+Y+7", "b+y", "y", 7), ("A+?+?", None, "n", None)]
    assert result.quarantined.height == 1  # its text was refused, so nobody is told it
    assert "a: clean joined upper beside b, d, cast to string" in plan.explain()


def test_a_field_cannot_be_cleaned_by_itself(tmp_path: Path) -> None:
    with pytest.raises(dq.SpecError, match=r"DQ505.*phone -> phone"):
        load(tmp_path, SPEC.replace("OPTIONS", "").replace("region_field: country", "region_field: phone"))


def test_a_source_may_call_the_field_otherwise_or_lack_it(tmp_path: Path) -> None:
    sources = "sources:\n  web: {format: jsonl, fields: {country: land}}\n"
    plan = signup(tmp_path, more=sources)
    rows = [{"land": "UK", "phone": "020 7946 0958"}, {"phone": "020 7946 0958"}]
    lines = [plan.check_event(row, now=NOW).record for row in rows]
    assert [line and line["phone"] for line in lines] == ["+442079460958", "020 7946 0958"]
