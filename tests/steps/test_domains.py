"""What holds of every domain: examples are in test_text.py; here the laws, the cache, and whole runs."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from cleaning import known, refused, run, step
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.params import ParamError
from dq.steps.base import TEXT_STEPS
from dq.steps.domains import domain as domain_module
from dq.steps.domains.distinct import Answers, DistinctStep
from dq.steps.domains.domain import WHITE_SPACE, Domain, DomainParams

DOMAINS = [kind for kind in TEXT_STEPS if issubclass(kind, Domain)]
NAMES = {
    "boolean", "country", "currency", "date", "email", "ip", "language", "number", "percent", "phone", "quantity", "url",
    "us_state", "uuid",
}  # fmt: skip
MORE = (
    "email", "phone: {region: US, format: international}", "phone: {region: DE, format: national}", "phone",
    "country: alpha_3", "country: {format: name, languages: [ru, de]}", "currency", "language: alpha_3", "language: name",
    "us_state: name", "url: {fragment: drop}", "ip: 6", "boolean", "number", "number: {thousands: ' '}", "percent",
    "quantity: ml", "quantity: C", 'quantity: {unit: m/s, thousands: ","}', 'date: ["%m/%d/%Y", "%b %d, %Y"]',
)  # fmt: skip
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HOSTILE = [
    "", " ", "\x00", "\x1f", "\u202eabc", "\u200b", "\ufeff", "null", "NaN", "-", ".", "%", "@", "🇷🇺", "👩‍👩‍👧", "١٢٣", "…",
    "'", '"', "\\", "//", "://", "http://", "[", "[]", "+", "+-1", "1e", "e", "e5", "--1", "0x10", "1_000", "½", "²", "∞",
    "\U0010ffff", "\ud7ff", "a\nb", "مرحبا", "שלום", "ﷺ", "İ", "ß", "ﬃ", "Z͑ͫ̓ͪ̂", "%%20", "1e999999", "-0", "0.0", "()", "{}",
    "<script>alert(1)</script>", "' OR 1=1 --", "$(touch x)", "../../etc/passwd", "1.2.3.4.5", "::::", "the", "The ", "&",
]  # fmt: skip
sayings = st.one_of(st.text(known, max_size=20), st.text("0123456789+-., %eE:/@abcxyzkgmloz()'\u00a0", max_size=16))


def entries() -> list[str]:
    return [*(kind.example for kind in DOMAINS), *MORE]


def seeds(kind: str) -> list[str]:
    found = TEXT_STEPS.find(kind)
    assert found is not None
    return [value for pair in found.example_values for value in pair if value]


@cache
def domain(entry: str) -> Domain:
    """Return a domain, made once: its table of names is dear, and no test changes it."""
    bound = step(entry)
    assert isinstance(bound, Domain)
    return bound


def test_every_domain_is_registered() -> None:
    assert {kind.kind for kind in DOMAINS} == NAMES
    assert TEXT_STEPS.find("fix_mojibake") is not None


def test_every_domain_says_what_it_accepts() -> None:
    for kind in DOMAINS:
        assert kind.accepts
        assert domain(kind.example).expected()
        assert issubclass(kind.Params, DomainParams)
        assert any(before != after for before, after in kind.example_values)
        assert any(before == after for before, after in kind.example_values)


@pytest.mark.parametrize("entry", entries())
def test_hostile_text_is_answered_and_a_standard_form_is_its_own(entry: str) -> None:
    bound = domain(entry)
    for text in [*HOSTILE, *seeds(bound.kind)]:
        once = bound.answer(text)
        assert once is None or bound.answer(once) == once, text


@pytest.mark.parametrize("entry", entries())
@given(data=st.data())
@settings(max_examples=30)
def test_reading_a_standard_form_changes_nothing(entry: str, data: st.DataObject) -> None:
    bound = domain(entry)
    seed = st.sampled_from(seeds(bound.kind))
    text = data.draw(
        st.one_of(sayings, st.tuples(seed, sayings, seed).map("".join), st.tuples(sayings, seed).map("".join))
    )
    once = bound.answer(text)
    assert once is None or bound.answer(once) == once
    assert once is None or (once == once.strip(WHITE_SPACE) and once)


@pytest.mark.parametrize("entry", entries())
def test_very_long_text_is_not_read(entry: str) -> None:
    bound = domain(entry)
    for text in ("a" * 1_000_000, "1" * 1_000_000, "+1 " * 300_000, "https://a/" + "../" * 300_000, "é" * 1_000_000):
        assert bound.answer(text) is None
    padded = " " * 1_000_000 + seeds(bound.kind)[0] + "\u3000" * 1_000_000
    assert bound.answer(padded) == bound.answer(seeds(bound.kind)[0])


@pytest.mark.parametrize("entry", entries())
def test_null_stays_null_whatever_is_otherwise(entry: str) -> None:
    bound = domain(entry)
    assert run(bound, [None, None]) == [None, None]
    assert run(bound, []) == []
    assert run(bound, [None, "\x00", None])[::2] == [None, None]


@given(values=st.lists(st.one_of(st.none(), sayings, st.sampled_from(["ru", "Russia", "Korea"])), max_size=30))
def test_columns_and_single_values_agree(values: list[str | None]) -> None:
    keep, blank = domain("country"), domain("country: {otherwise: blank}")
    strict = domain("country: {otherwise: refuse}")
    answers = [None if value is None else keep.answer(value) for value in values]
    assert run(blank, values) == answers
    kept = [value if answer is None else answer for value, answer in zip(values, answers, strict=True)]
    assert run(keep, values) == run(strict, values) == kept
    assert refused(strict, values) == [
        None if value is None else answer is None for value, answer in zip(values, answers, strict=True)
    ]
    assert keep.refused(pl.col("text")) is None
    assert blank.refused(pl.col("text")) is None


class Counted(DistinctStep):
    """Doubles its text, and keeps what it was asked."""

    kind = "counted"
    title = "double"
    example = "counted"
    example_values = (("a", "aa"),)

    def __init__(self) -> None:
        super().__init__(None)
        self.asked: list[str] = []

    def answer(self, text: str) -> str | None:
        self.asked.append(text)
        return None if text == "no" else text * 2

    def expression(self, text: pl.Expr) -> pl.Expr:
        return text.map_batches(
            lambda column: self.answered(column, lambda _, found: found), return_dtype=pl.String, is_elementwise=True
        )


def test_one_question_for_each_distinct_value_across_chunks_and_expressions() -> None:
    counted = Counted()
    values = ["a", "no", None, "b", "a", "a", None, "no"] * 1000
    expected = [None if value in {None, "no"} else str(value) * 2 for value in values]
    assert run(counted, values) == expected
    frame = pl.DataFrame({"text": values, "other": list(reversed(values))}).lazy()
    both = frame.select(counted.expression(pl.col("text")), counted.expression(pl.col("other"))).collect()
    assert both["text"].to_list() == expected == list(reversed(both["other"].to_list()))
    assert sorted(counted.asked) == ["a", "b", "no"]


def test_distinct_values_keep_their_rows() -> None:
    counted = Counted()
    values: list[str | None] = ["d", "a", "no", "c", "b"]
    assert run(counted, values) == ["dd", "aa", None, "cc", "bb"]
    frame = pl.DataFrame({"text": [*values, None], "by": [1, 2, 1, 2, 1, 1]})
    filtered = frame.lazy().with_columns(counted.expression(pl.col("text"))).filter(pl.col("by") == 1).collect()
    assert filtered["text"].to_list() == ["dd", None, "bb", None]


def test_the_cache_is_bounded_and_changes_no_answer() -> None:
    asked: list[str] = []

    def ask(text: str) -> str:
        asked.append(text)
        return text.upper()

    answers = Answers(ask, most=100, most_characters=10_000)
    names = [f"v{i}" for i in range(1000)]
    assert answers.of(names) == [name.upper() for name in names]
    assert len(answers) <= 100
    assert answers.of(names[-10:]) == [name.upper() for name in names[-10:]]
    assert len(asked) == 1000
    assert answers.of(names[:1]) == ["V0"]
    assert asked[-1] == "v0"


def test_what_is_asked_for_often_is_not_forgotten() -> None:
    asked: list[str] = []
    answers = Answers(lambda text: asked.append(text) or text, most=10)  # type: ignore[func-returns-value]
    for i in range(100):
        answers.of(["often", f"once {i}"])
    assert asked.count("often") == 1


def test_the_cache_is_bounded_in_characters_and_skips_long_texts() -> None:
    asked: list[str] = []
    answers = Answers(lambda text: asked.append(text) or text, most_characters=10_000)  # type: ignore[func-returns-value]
    texts = [f"{i:03d}" + "x" * 997 for i in range(100)]
    answers.of(texts)
    assert len(answers) <= 10
    answers.of(["y" * 5000, "y" * 5000])
    assert asked.count("y" * 5000) == 2


def spec(tmp_path: Path, clean: str, kind: str = "string", source: str = "") -> Path:
    path = tmp_path / "spec.yaml"
    path.write_text(
        f"dq: 1\nevent: e\nversion: 1.0.0\n{source}fields:\n  n: {{type: integer}}\n  v:\n    type: {kind}\n    clean: {clean}\n"
    )
    return path


RECORDS = [{"n": i, "v": v} for i, v in enumerate(["russia", "Atlantis", None, "U.K.", "Atlantis", "côte d'ivoire"])]


@pytest.mark.parametrize(
    ("otherwise", "accepted"),
    [
        ("keep", ["RU", "Atlantis", None, "GB", "Atlantis", "CI"]),
        ("blank", ["RU", None, None, "GB", None, "CI"]),
        ("refuse", ["RU", None, "GB", "CI"]),
    ],
)
def test_otherwise_decides_in_a_whole_run(tmp_path: Path, otherwise: str, accepted: list[str | None]) -> None:
    plan = dq.load(spec(tmp_path, f"[strip, {{country: {{format: alpha_2, otherwise: {otherwise}}}}}]"))
    result = plan.run(RECORDS)
    assert result.accepted["v"].to_list() == accepted
    reasons = [reason for row in result.quarantined["reasons"].to_list() for reason in json.loads(row)]
    assert len(reasons) == (2 if otherwise == "refuse" else 0)
    if reasons:
        assert reasons[0]["field"] == "v"
        assert "a country by name or code (ISO 3166-1)" in reasons[0]["message"]
        assert "Atlantis" not in reasons[0]["message"]


def test_otherwise_may_stand_beside_the_name(tmp_path: Path) -> None:
    plan = dq.load(spec(tmp_path, "[{country: alpha_3, otherwise: blank}]"))
    assert plan.run(RECORDS).accepted["v"].to_list() == ["RUS", None, None, "GBR", None, "CIV"]


def test_two_runs_and_two_plans_give_the_same(tmp_path: Path) -> None:
    path = spec(tmp_path, "[{phone: {region: RU, otherwise: refuse}}]")
    records = [{"n": i, "v": f"8 (495) 123-45-{i % 120:02d}"} for i in range(300)]
    first, second = dq.load(path), dq.load(path)
    assert first.fingerprint == second.fingerprint
    runs = [plan.run(records, now=NOW) for plan in (first, first, second)]
    assert runs[0].report.json() == runs[1].report.json() == runs[2].report.json()
    for result in runs[1:]:
        assert result.accepted.equals(runs[0].accepted)


def test_parameters_change_the_fingerprint(tmp_path: Path) -> None:
    one = dq.load(spec(tmp_path, "[{country: alpha_2}]")).fingerprint
    assert dq.load(spec(tmp_path, "[country]")).fingerprint == one
    assert dq.load(spec(tmp_path, "[{country: alpha_3}]")).fingerprint != one


def test_numbers_that_a_step_has_read_are_not_read_in_the_marks_of_the_source_again(tmp_path: Path) -> None:
    source = 'sources:\n  crm: {format: csv, delimiter: ";", decimal: ",", thousands: "."}\n'
    path = spec(tmp_path, '[{number: {decimal: ",", thousands: "."}}]', "decimal(12,3)", source)
    data = tmp_path / "crm.csv"
    data.write_text("n;v\n1;1.234,5\n2;1,500\n3;1.500\n4;1.50\n")
    result = dq.load(path).run(str(data))
    assert [str(value) for value in result.accepted["v"]] == ["1234.500", "1.500", "1500.000"]
    assert len(result.quarantined) == 1


def test_lint_names_the_extra_that_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_module, "find_spec", lambda name: None if name == "phonenumbers" else object())
    with pytest.raises(dq.SpecError) as caught:
        dq.load(spec(tmp_path, "[phone]"))
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "DQ325"
    assert "dq-gate[clean]" in diagnostic.message
    assert diagnostic.span.line == 8


def test_an_absent_package_of_a_parameter_is_told_at_the_parameter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_module, "find_spec", lambda name: None if name == "babel" else object())
    step("country")
    for entry in ("country: {languages: [ru]}", "number: {locale: de}"):
        with pytest.raises(ParamError) as caught:
            step(entry)
        assert caught.value.code == "DQ325"
        assert caught.value.key in {"languages", "locale"}


def test_libraries_are_imported_when_a_value_is_read_and_not_before(tmp_path: Path) -> None:
    names = "[email, phone, country, currency, language, url, fix_mojibake]"
    code = f"""
import sys
import dq
plan = dq.load({str(spec(tmp_path, names))!r})
heavy = {{"email_validator", "phonenumbers", "pycountry", "babel", "idna", "ftfy"}}
assert not heavy & set(sys.modules), sorted(heavy & set(sys.modules))
plan.run([{{"n": 1, "v": "é"}}, {{"n": 2, "v": "+1 650 253 0000"}}])
assert {{"email_validator", "phonenumbers", "pycountry", "ftfy"}} <= set(sys.modules)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
