"""Each kind of recommendation: a batch that has the fault, and that its edits free the records or end the finding."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq.drafting.amend import amend, patch_of
from dq.report.recommendations import RECOMMENDATIONS, load
from dq.spec.yaml import parse_text

from . import mending

HEAD = "dq: 1\nevent: visit\nversion: 1.0.0\n"


def spec(fields: str, rest: str = "") -> str:
    """Return a spec with these fields, each on one line."""
    lines = "".join(f"  {line.strip()}\n" for line in fields.strip().splitlines())
    return f"{HEAD}fields:\n{lines}{rest}"


def rows(name: str, *values: Any) -> list[dict[str, Any]]:
    """Return records with one field."""
    return [{name: value} for value in values]


@dataclass(frozen=True)
class Case:
    """A batch with one fault: what is recommended, how many records that frees, and what the edits must hold."""

    kind: str
    subject: str
    text: str
    data: Any
    freed: int
    holds: str


CASES = (
    Case(
        "spellings", "country.accepted_values",
        spec("country: {type: string, clean: [strip], checks: [{accepted_values: [Russia, Germany]}]}"),
        rows("country", "Russia", "russia", "RUSSIA", "Rusia", "Germany", "Germani", "Mars"), 4, "Rusia: Russia",
    ),
    Case(
        "new_members", "status.accepted_values",
        spec("status: {type: string, checks: [{isin: [paid, open]}]}"),
        rows("status", "paid", "shipped", "shipped", "open"), 2, "- shipped",
    ),
    Case(
        "missing_words", "count.type", spec("count: {type: integer}"),
        rows("count", "1", "n/a", 'say "no"', "x: #y", "1.5"), 3, 'missing: ["", n/a',
    ),
    Case(
        "date_format", "day.type", spec("day: {type: date}"),
        rows("day", "2026-10-30", "31.12.2026", "01.02.2026", "soon"), 2, '"%d.%m.%Y"',
    ),
    Case(
        "decimal_mark", "price.type", spec("price: {type: number}"),
        rows("price", "1.5", "2,25", "1,75", "none"), 2, 'pattern: ","',
    ),
    Case("unit", "weight.type", spec("weight: {type: number}"), rows("weight", "1.5", "2 kg", "3kg", "?"), 2, "kg$"),
    Case(
        "boolean_words", "member.type", spec("member: {type: boolean}"),
        rows("member", "true", "Да", "нет", "maybe"), 2, "нет",
    ),
    Case(
        "repeated_key", "id.unique", spec("id: {type: string, checks: [unique]}"), rows("id", "a", "a", "b"), 1,
        "key: [id]",
    ),
    Case(
        "always_missing", "never", spec("id: {type: string}\nnever: {type: string}"), rows("id", "a", "b"), 0, "never",
    ),
    Case("unknown_fields", "records", spec("id: {type: string}"), [{"id": "a", "more": 1, "b2": 2}], 0, "more:"),
    Case(
        "unknown_fields", "records", spec("id: {type: string}", "unknown_fields: quarantine\n"), [{"id": "a", "more": 1}],
        1, "more:",
    ),
    Case(
        "unfit_features", "features",
        spec(
            "country: {type: string}\nid: {type: string}\nshare: {type: number}\ncount: {type: integer}",
            "ml: {target: country, features: [share, id, count], leakage: {severity: error}}\n",
        ),
        [{"id": f"k{n}", "country": ["de", "fr"][n % 2], "share": str(n % 2 + n / 100), "count": str(n % 7)}
         for n in range(40)],
        0, "features: [count]",
    ),
)  # fmt: skip
FILES = (
    Case(
        "encoding", "encoding", spec("name: {type: string}\ncity: {type: string}"),
        "name,city\nПётр,Москва\nАнна,ТВЕРЬ\nIvan,Oslo\n".encode("cp1251"), 2, "encoding: cp1251",
    ),
    Case(
        "mojibake", "name", spec("name: {type: string}", "sources: {crm: {format: csv, encoding: cp1252}}\n"),
        "name\ncafé\nplain\n".encode(), 0, "encoding: utf-8",
    ),
    Case("mojibake", "name", spec("name: {type: string}"), "name\ncafÃ©\nnaïve\n".encode(), 0, "fix_mojibake"),
    Case(
        "bare_quotes", "bare_quote", spec("id: {type: string}\nsize: {type: string}"),
        b'id,size\na,5" pipe\nb,6 inch\n', 1, "bare_quotes: data",
    ),
    Case(
        "delimiter", "input.csv", spec("id: {type: string, required: true}\nsize: {type: integer}"),
        b"id;size\na;5\nb;6\n", 2, 'delimiter: ";"',
    ),
    Case(
        "renamed_field", "size", spec("id: {type: string}\nsize: {type: integer, required: true}"),
        b"id,Size\na,5\nb,6\n", 2, "size: Size",
    ),
    Case(
        "renamed_field", "customer",
        spec("customer: {type: string}", "sources: {crm: {format: csv}}\n"), b"id,customers\na,5\n", 0,
        "customer: customers",
    ),
    Case(
        "time_zone", "at.before",
        spec('at: {type: datetime, formats: ["%d.%m.%Y %H:%M"], checks: [{before: now}]}'),
        b"at\n01.11.2026 02:40\n01.11.2026 01:05\n01.11.2026 00:20\n31.10.2026 23:00\n", 3, "timezone: Etc/GMT-3",
    ),
    Case(
        "cleaning_step", "id.pattern", spec('id: {type: string, checks: [{pattern: "^[A-Z]-[0-9]+$"}]}'),
        b"id\nA-1\na-2\nb-3\n4\n", 2, "- upper",
    ),
    Case(
        "conflicting_duplicates", "dedupe",
        spec("id: {type: string}\nat: {type: date}\nstate: {type: string}", "dedupe: {key: [id], keep: last}\n"),
        b"id,at,state\na,2026-01-02,paid\na,2026-01-01,open\nb,2026-01-01,open\n", 0, "order_by: at",
    ),
    Case(
        "value_range", "amount", spec("amount: {type: integer}"),
        "\n".join(["amount", *(str(n % 97) for n in range(3000)), "5000000"]).encode(), 0, "between: [0, 96]",
    ),
)  # fmt: skip
WITHOUT_LINES = {
    "refused_source", "skipped_blocks", "unreadable_records", "unreadable_values", "stale_source", "drifted_field",
    "constant_offset",
}  # fmt: skip
"""Kinds for which a person must look, or that need a state; their tests are below."""


@pytest.mark.parametrize("case", [*CASES, *FILES], ids=lambda case: case.kind)
def test_the_edits_free_the_records_and_the_finding_goes(tmp_path, case):
    name, data = f"{case.kind}.{case.subject}", case.data
    if isinstance(data, bytes):
        data = tmp_path / "input.csv"
        data.write_bytes(case.data)
    done = mending.mended(tmp_path, case.text, data, name)
    assert done.freed == case.freed
    assert name not in {item["id"] for item in done.after["recommendations"]}
    assert case.holds in done.item["patch"]
    assert yaml.load(done.item["patch"], yaml.BaseLoader)
    if done.before["records"]["read"]:
        assert done.item["evidence"]["records"] >= case.freed


def test_every_kind_has_a_case():
    load()
    shown = {case.kind for case in (*CASES, *FILES)} | WITHOUT_LINES
    assert shown == {kind.kind for kind in RECOMMENDATIONS}


def test_values_of_personal_data_are_in_no_recommendation(tmp_path):
    fields = """
        number: {type: integer, pii: true}
        choice: {type: string, pii: true, checks: [{accepted_values: [Alpha, Beta]}]}
        day: {type: date, pii: true}
    """
    data = [{"number": "x7731", "choice": "alpha7731", "day": "31.12.7731"}]
    found = mending.advise(tmp_path, spec(fields), data)
    assert found
    assert "7731" not in str(found)
    assert not any(item["edits"] for item in found.values())


def test_spellings_are_known_by_the_keys_of_a_map_too(tmp_path):
    text = spec("country: {type: string, clean: [{map: {germany: DE, france: FR}}], checks: [{isin: [DE, FR]}]}")
    done = mending.mended(
        tmp_path, text, rows("country", "germani", "Frence", "DR"), "spellings.country.accepted_values"
    )
    assert done.freed == 2
    assert "germani: DE" in done.text


@pytest.mark.parametrize("value", ["D", "DEE", "Gergium", "", "de-fr", "Marina", "line 13"])
def test_what_could_mean_two_things_or_nothing_is_not_mapped(tmp_path, value):
    text = spec(
        "country: {type: string, checks: [{accepted_values: [DE, FR, Georgia, Belgium, Marine, Marins, line 12]}]}"
    )
    assert not [name for name in mending.advise(tmp_path, text, rows("country", value)) if name.startswith("spell")]


def test_what_day_and_month_are_is_never_guessed(tmp_path):
    text = spec("day: {type: date}")
    item = mending.advise(tmp_path, text, rows("day", "01.02.2026", "03/04/2026", "05/06/2026"))["date_format.day.type"]
    assert item["patch"] is None
    assert "%d/%m/%Y or %m/%d/%Y" in item["text"]
    item = mending.advise(tmp_path, text, rows("day", "03/04/2026", "05/25/2026"))["date_format.day.type"]
    assert '"%m/%d/%Y"' in item["patch"]


def test_a_group_of_three_digits_is_never_taken_for_a_fraction(tmp_path):
    text = spec("price: {type: number}")
    assert "decimal_mark.price.type" not in mending.advise(tmp_path, text, rows("price", "1,234", "12,500"))
    item = mending.advise(tmp_path, text, rows("price", "1,234", "1,234.50"))["decimal_mark.price.type"]
    assert "a comma between thousands" in item["text"]


def test_points_between_thousands_are_read_only_where_no_number_has_one_before_its_fraction(tmp_path):
    text = spec("price: {type: number}")
    done = mending.mended(tmp_path, text, rows("price", "1.234,5", "2.000.000,25"), "decimal_mark.price.type")
    assert done.freed == 2
    mixed = mending.advise(tmp_path, text, rows("price", "1.234,5", "2.5"))["decimal_mark.price.type"]
    assert mixed["patch"] is None


def test_several_units_are_for_a_person_to_convert(tmp_path):
    item = mending.advise(tmp_path, spec("w: {type: number}"), rows("w", "1 kg", "2 g"))["unit.w.type"]
    assert item["patch"] is None
    assert "units (g, kg)" in item["text"]
    item = mending.advise(tmp_path, spec("w: {type: number}"), rows("w", "5%", "6 %"))["unit.w.type"]
    assert item["patch"] is None
    assert "5 or 0.05" in item["text"]


def test_an_unknown_name_that_no_field_can_have_is_mapped_where_the_source_is_declared(tmp_path):
    data = ['{"id": "a", "Order No.": 7}']
    item = mending.advise(tmp_path, spec("id: {type: string}"), data)["unknown_fields.records"]
    assert item["patch"] is None
    text = spec("id: {type: string}", "sources: {web: {format: jsonl}}\n")
    path = tmp_path / "input.jsonl"
    path.write_text(data[0], encoding="utf-8")
    done = mending.mended(tmp_path, text, path, "unknown_fields.input.jsonl")
    assert done.after["sources"][0]["unknown_fields"] == {}
    assert done.after["fields"]["order_no"]["before"]["missing"] == 0


def test_a_rare_value_is_not_recommended_as_a_member(tmp_path):
    text = spec("status: {type: string, checks: [{accepted_values: [paid, open]}]}")
    data = rows("status", *["paid"] * 500, *["oops"] * 4)
    item = mending.advise(tmp_path, text, data)["new_members.status.accepted_values"]
    assert item["patch"] is None
    assert item["evidence"]["observed"] == {"oops": 4}


def test_a_refused_source_comes_first(tmp_path):
    text = spec("id: {type: string, required: true}\ncount: {type: integer}")
    path = tmp_path / "input.csv"
    path.write_text("count\n1\n", encoding="utf-8")
    found = list(mending.advise(tmp_path, text, path).values())
    assert found[0]["id"] == "refused_source.input.csv"
    assert found[0]["evidence"] == {"records": 0, "code": "source.missing_column"}


def test_unreadable_records_and_values_are_named_where_nothing_else_says_why(tmp_path):
    found = mending.advise(tmp_path, spec("count: {type: integer}"), [*rows("count", "1.5"), '{"id": NaN}'])
    assert {"unreadable_records.not_finite", "unreadable_values.count.type"} == set(found)


def test_the_weightiest_come_first(tmp_path):
    fields = "count: {type: integer}\nwhen: {type: date}\nid: {type: string}"
    data = [{"id": "x", "when": "31.12.2026"}] * 4 + [{"id": "y", "count": "-"}] * 5 + [{"id": "z", "stranger": 1}]
    found = list(mending.advise(tmp_path, spec(fields), data).values())
    assert [item["kind"] for item in found] == ["missing_words", "date_format", "unknown_fields"]
    assert [item["evidence"]["records"] for item in found] == [5, 4, 0]


def test_a_stale_source_is_named_and_fresh_data_ends_it(tmp_path):
    text = spec("at: {type: datetime, expect: [{freshness: 24h}]}")
    found = mending.advise(tmp_path, text, rows("at", "2026-10-30T00:00:00Z"))
    [name] = found
    assert name.startswith("stale_source.")
    assert "is of 2026-10-30T00:00:00Z" in found[name]["text"]
    assert mending.advise(tmp_path, text, rows("at", "2026-10-31T12:00:00Z")) == {}


def test_new_spellings_are_mapped_where_a_field_drifted_by_them(tmp_path):
    text = spec("city: {type: string, expect: [{drift: {new_values: 5%}}]}")
    plan = mending.runs.plan(tmp_path, text)
    state = plan.fit(rows("city", *["Moscow", "Berlin"] * 20), now=mending.runs.NOW)
    data = rows("city", *["Moscow", "Berlin"] * 10, *["moscow", "Berlín"] * 10)
    [item] = plan.check(data, state=state, now=mending.runs.NOW)["recommendations"]
    assert item["evidence"] == {"records": 40, "fields": ["city"], "observed": {"new_values": 0.5}}
    assert yaml.safe_load(item["patch"])["fields"]["city"]["clean"] == [
        {"map": {"Berlín": "Berlin", "moscow": "Moscow"}}
    ]
    mapped = mending.runs.plan(tmp_path, amend(text, tmp_path / mending.NAME, [item]).text)
    again = mapped.fit(rows("city", *["Moscow", "Berlin"] * 20), now=mending.runs.NOW)
    report = mapped.check(data, state=again, now=mending.runs.NOW)
    assert report["drift"][0]["verdict"] == "pass"
    assert not report["recommendations"]
    [other] = plan.check(rows("city", *["Oslo"] * 20), state=state, now=mending.runs.NOW)["recommendations"]
    assert other["patch"] is None
    assert "`dq fit`" in other["text"]


def test_no_zone_is_recommended_where_moments_are_further_ahead_than_any_place(tmp_path):
    text = spec('at: {type: datetime, formats: ["%d.%m.%Y %H:%M"], checks: [{before: now}]}')
    late = ["01.11.2026 02:40", "01.11.2026 02:41", "02.11.2026 15:00"]
    assert mending.advise(tmp_path, text, rows("at", *late)) == {}
    assert set(mending.advise(tmp_path, text, rows("at", *late[:2], late[0]))) == {"time_zone.at.before"}
    told = text.replace('"%d.%m.%Y %H:%M"', "rfc3339")
    assert mending.advise(tmp_path, told, rows("at", *["2026-11-01T02:40:00Z"] * 3)) == {}


def test_moments_that_are_apart_by_one_offset_are_told_and_their_zone_ends_it(tmp_path):
    text = spec(
        'id: {type: string}\nat: {type: datetime, formats: [rfc3339, "%d.%m.%Y %H:%M"]}', "dedupe: {key: [id]}\n"
    )
    data = [
        {"id": str(n), "at": at.format(10 + n)} for n in range(4) for at in ("2026-10-{}T10:00:00Z", "{}.10.2026 13:00")
    ]
    item = mending.advise(tmp_path, text, data)["constant_offset.at"]
    assert "at of 4 duplicates is exactly 3 h later than that of the record that stays" in item["text"]
    zoned = text.replace("formats:", "timezone: Europe/Moscow, formats:")
    assert mending.advise(tmp_path, zoned, data) == {}
    uneven = [*data, {"id": "1", "at": "2026-10-11T15:00:00Z"}]
    assert "constant_offset.at" not in mending.advise(tmp_path, text, uneven)
    next_day = [
        {"id": str(n), "at": at} for n in range(4) for at in (f"2026-10-{10 + n}T10:00:00Z", f"{11 + n}.10.2026 10:00")
    ]
    assert "constant_offset.at" not in mending.advise(tmp_path, text, next_day)


def test_nothing_is_said_of_a_range_of_few_values_or_of_one_without_outliers(tmp_path):
    text = spec("amount: {type: number}")
    assert mending.advise(tmp_path, text, rows("amount", *range(500), 10**9)) == {}
    assert mending.advise(tmp_path, text, rows("amount", *(n % 97 for n in range(2000)))) == {}
    bounded = spec("amount: {type: number, checks: [{minimum: 0}]}")
    assert mending.advise(tmp_path, bounded, rows("amount", *(n % 97 for n in range(2000)), 10**9)) == {}


def test_no_source_is_invented_where_inputs_have_several_forms(tmp_path):
    """A declared source would be the only one, and read the other input wrongly."""
    for name, data in (("a.csv", "name\nПётр\n".encode("cp1251")), ("b.jsonl", b'{"name": "x"}\n')):
        (tmp_path / name).write_bytes(data)
    found = mending.advise(tmp_path, spec("name: {type: string}"), [tmp_path / "a.csv", tmp_path / "b.jsonl"])
    assert found["encoding.encoding"]["patch"] is None


EVERY = spec(
    """
    id: {type: string}
    word: {type: string, clean: [{map: {a: b}}], checks: [{accepted_values: [Alpha, Beta]}, {pattern: "^[A-Za-z]+$"}]}
    count: {type: integer}
    price: {type: "decimal(8,2)"}
    flag: {type: boolean}
    day: {type: date}
    hour: {type: time}
    at: {type: datetime, formats: ["%d.%m.%Y %H:%M"], checks: [{before: now}]}
    took: {type: duration}
    tags: {type: list<integer>}
    """
)
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.from_regex(r"-?[0-9 .,'/:T+%-]{1,14}[A-Za-z$€]{0,3}", fullmatch=True),
    st.sampled_from(
        ["ALPHA", "alpha ", "Gamma", "да", "n/a", "1,5", "1.000,5", "31.12.2026", "3 kg", "# x", "a: b", "\u2028"]
    ),
)
NAMES = re.findall(r"^  (\w+):", EVERY, re.MULTILINE)


@given(st.lists(st.fixed_dictionaries({name: st.none() | TEXTS for name in NAMES[1:]}), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_the_data_holds_every_edit_is_made_and_every_patch_is_yaml(tmp_path, data):
    found = mending.advise(tmp_path, EVERY, [{"id": "x"} | row for row in data])
    for item in found.values():
        assert item["patch"] is None or parse_text(item["patch"], "").diagnostics == ()
    amended = amend(EVERY, tmp_path / mending.NAME, found.values())
    assert amended.refused == ()
    assert parse_text(patch_of(list(found.values())), "").diagnostics in {(), parse_text("# x\n", "").diagnostics}


def test_only_records_that_cannot_be_decoded_are_counted_as_such(tmp_path):
    data = "name,city\nПётр,Москва\nАнна,ТВЕРЬ\nAnna,Oslo,Bergen\nIvan,Oslo\n".encode("cp1251")
    (tmp_path / "input.csv").write_bytes(data)
    item = mending.advise(tmp_path, spec("name: {type: string}\ncity: {type: string}"), tmp_path / "input.csv")[
        "encoding.encoding"
    ]
    assert item["evidence"]["records"] == 2
    assert item["text"].startswith("2 records of ")
