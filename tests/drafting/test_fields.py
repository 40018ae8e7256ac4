"""What is said of single columns: what a person would say of them, and nothing that a person would not."""

from __future__ import annotations

import pytest

from dq.dtypes.cast import CastOptions

from .columns import column, many, said

CITIES = ["Bonn", "Köln", "Ulm"]


def numbers(low, high, count=100):
    return [str(low + (high - low) * at // (count - 1)) for at in range(count)]


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("n", ["1", "22", "-3"], "integer"),
        ("n", ["1.5", "22", "-3.25"], "decimal(10,2)"),
        ("n", ["1.505", "2.2225"], "decimal(10,4)"),
        ("lat", ["52.520008", "13.404954"], "number"),
        ("n", ["1e-5", "2.5"], "number"),
        ("n", ["123456789012.55", "1.5"], "decimal(16,2)"),
        ("flag", ["true", "false"], "boolean"),
        ("paid", ["Y", "N"], "boolean"),
        ("is_open", ["0", "1"], "boolean"),
        ("count", ["0", "1"], "integer"),
        ("code", ["007", "123"], "string"),
        ("zip", ["12345", "90210"], "string"),
        ("id", ["12345", "90210"], "integer"),
        ("name", ["Anna", "12"], "string"),
        ("day", ["2026-01-31", "2026-02-01"], "date"),
        ("at", ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00.5+01:00"], "datetime"),
        ("time", ["10:00:00", "23:59:59"], "time"),
        ("version", ["1.2.3", "1.10.0"], "string"),
        ("doc", ['{"a": 1}', "{}"], "object"),
        ("nothing", ["", ""], "string"),
    ],
)
def test_types(name, texts, expected):
    assert said(many(name, texts))["type"] == [expected]


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("d", ["31.01.2026", "01.02.2026"], '["%d.%m.%Y"]'),
        ("d", ["01/31/2026", "02/01/2026"], '["%m/%d/%Y"]'),
        ("d", ["31/01/2026", "01/02/2026"], '["%d/%m/%Y"]'),
        ("d", ["2026/01/31"], '["%Y/%m/%d"]'),
        ("d", ["31 Jan 2026"], '["%d %b %Y"]'),
        ("date", ["20260131"], '["%Y%m%d"]'),
        ("d", ["2026-01-31 10:00:00"], '["%Y-%m-%d %H:%M:%S"]'),
        ("d", ["31.01.2026 10:00"], '["%d.%m.%Y %H:%M"]'),
        ("d", ["01/31/2026 10:00:00 PM"], '["%m/%d/%Y %I:%M:%S %p"]'),
        ("created_at", ["1767225600", "1767225601"], "[epoch_s]"),
        ("created_at", ["1767225600000", "1767225601000"], "[epoch_ms]"),
        ("d", ["2026-01-31 10:00:00", "2026-01-31T11:00:00Z"], '[rfc3339, "%Y-%m-%d %H:%M:%S"]'),
        ("d", ["10/Oct/2000:13:55:36 -0700"], '["%d/%b/%Y:%H:%M:%S %z"]'),
    ],
)
def test_formats_of_dates_and_times(name, texts, expected):
    assert said(many(name, texts))["formats"] == [expected]


def test_a_number_is_no_moment_because_it_is_large():
    assert "formats" not in said(many("population", ["1767225600", "1767225601"]))
    assert said(many("n", ["20260131", "20260201"]))["type"] == ["integer"]


def test_days_and_months_that_cannot_be_told_apart_are_said_to_be_so():
    from dq.drafting.value_types import guess

    (line,) = [
        f for f in guess(many("d", ["01/02/2026", "03/04/2026"]), CastOptions()).findings if f.section == "formats"
    ]
    assert line.evidence.endswith("%m/%d/%Y reads them as well: no day is above 12")


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("weight", ["12 kg", "3.5 kg"], "quantity: {unit: kg}"),
        ("weight", ["12,5 kg", "3 kg"], 'quantity: {unit: kg, decimal: ","}'),
        ("size", ["12.0 oz.", "16 oz. Silo Can"], "quantity: {unit: oz, after: ignore}"),
        ("n", ["5 patients", "10 patients"], 'replace: {pattern: " *patients$", with: ""}'),
        ("rate", ["5%", "10 %"], "percent"),
        ("n", ["1,234.50", "12.00", "1,000.00"], 'number: {thousands: ","}'),
        ("n", ["1.234,50", "12,00"], 'number: {decimal: ",", thousands: "."}'),
        ("price", ["$5.00", "$12.50"], 'replace: {pattern: "[$ ]", with: ""}'),
        ("n", ["+5", "7"], "number"),
        ("city", [" Bonn", "Ulm "], "strip"),
        ("city", ["DE", "de", "FR", "fr", *["DE", "FR"] * 20], "upper"),
        ("city", ["Bonn", "bonn", *["Bonn", "Ulm"] * 20], "map: {bonn: Bonn}"),
        ("city", ["New  York", "New York"], "collapse_whitespace"),
        ("state", ["CO", "CA", "TX", "NY", "wa"], "us_state"),
        ("country", ["Germany", "DE", "France", "FR", "Italy"], "country: {format: alpha_2}"),
    ],
)
def test_cleaning(name, texts, expected):
    pytest.importorskip("pycountry")
    assert expected in said(many(name, texts))["clean"]


def test_a_sign_that_means_nothing_is_taken_off_rather_than_read():
    made = column("abv", [f"0.0{at % 9 + 1}{'%' if at % 4 == 0 else ''}" for at in range(100)])
    assert said(made)["clean"] == ['replace: {pattern: " *%$", with: ""}']
    made = column("share", [f"{at}%" if at % 2 else f"0.{at:02d}" for at in range(100)])
    assert said(made)["clean"] == ["percent"]


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("n", ["1", "2", "N/A"], '["", N/A]'),
        ("n", ["1", "2", "-"], '["", "-"]'),
        ("n", ["1", "2", "NA"], '["", NA]'),
        ("city", [*CITIES, "NULL", "n/a"], '["", "NULL", n/a]'),
        ("d", ["2026-01-01", "none"], '["", none]'),
    ],
)
def test_words_that_mean_no_value(name, texts, expected):
    assert said(many(name, texts))["missing"] == [expected]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("country", ["DE", "FR", "NA", "US"]),  # Namibia
        ("state", ["ND", "SD", "CO", "CA"]),  # North Dakota
        ("hail", ["none", "some", "much"]),
        ("side", ["x", "y"]),
        ("status", ["unknown", "known"]),
    ],
)
def test_words_that_are_values(name, texts):
    assert "missing" not in said(many(name, texts))


def test_a_number_that_stands_apart_is_a_doubt():
    made = column("temp", [*numbers(10, 30), *["-999"] * 5])
    assert said(made)["missing"] == ['? ["", "-999"]']
    assert "missing" not in said(column("temp", [*numbers(-2000, 2000), "-999", "-999"]))


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("city", CITIES, "accepted_values: [Bonn, Köln, Ulm]"),
        ("vendor", ["1", "2", "4"], "accepted_values: [1, 2, 4]"),
        ("amount", numbers(3, 40), "between: [0, 50]"),
        ("change", numbers(-5, 300), "between: [-50, 500]"),
        ("latitude", ["52.5", "13.4", "20.1"], "between: [-90, 90]"),
        ("month", ["1", "2", "12", "5"], "between: [1, 12]"),
        ("dep_time", ["830", "1259", "2355"], "between: [0, 2400]"),
        ("code", [f"{a}{b}-{7 * ord(b)}" for a in "ABCDE" for b in "KLMNO"] + ["ZZ-9"], 'pattern: "^[A-Z]{2}-[0-9]+$"'),
        ("origin", ["JFK", "LGA", "EWR", "BOS", "ORD", *[f"A{a}{b}" for a in "BCDEF" for b in "KLMNO"]],
         'pattern: "^[A-Z]{3}$"'),
        ("sha", [f"{at:040x}" for at in range(11 * 16**38, 12 * 16**38, 16**36)], 'pattern: "^[0-9a-f]{40}$"'),
        ("tail", [f"N{at}{letter}" for at in range(10, 40) for letter in ("", "A", "A1")], 'pattern: "^N[A-Z0-9]{2,4}$"'),
        ("invoice", [f"{at}" for at in range(536365, 536395)] + ["C536395", "C536396"],
         'pattern: "^(?:[0-9]{6}|C[0-9]{6})$"'),
        ("email", ["a@b.org", "c@d.example.com"], "format: email"),
        ("site", ["https://a.org", "http://b.org/c"], "format: url"),
        ("key", ["550e8400-e29b-41d4-a716-446655440000"], "format: uuid"),
        ("host", ["10.0.0.1", "192.168.1.1"], "format: ipv4"),
    ],
)  # fmt: skip
def test_checks(name, texts, expected):
    assert said(many(name, texts))["checks"] == [expected]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("user_id", numbers(1, 90)),  # no ranges of identifiers
        ("zipcode_id", ["1", "99", "500"] * 9),
        (
            "title",
            [f"A film about {word}" for word in ["love", "war", "sea", "sun", "rain", "ice"]] * 3,
        ),  # no sets of sentences
        ("surname", ["Meier", "Schmidt", "Yilmaz", "Kowalski", "Rossi", "Novak", "Jensen"]),
        ("serial", [str(at) for at in range(100, 400)]),
    ],
)
def test_nothing_is_asked_of_identifiers_names_and_sentences(name, texts):
    assert "checks" not in said(column(name, [f"{text}" for text in texts]))


def test_misspellings_of_a_small_set_are_mended_and_not_accepted():
    made = column("answer", [*["yes"] * 300, *["no"] * 200, "yxs", "yse"])
    assert said(made)["repair"] == ['{vocabulary: ["yes", "no"], max_distance: 1}']
    assert said(made)["checks"] == ['accepted_values: ["yes", "no"]']


def test_codes_that_are_alike_are_no_misspellings():
    made = column("carrier", [*["EV"] * 500, *["UA"] * 500, *["YV"] * 5])
    assert "repair" not in said(made)
    assert said(made)["checks"] == ["accepted_values: [EV, UA, YV]"]


def test_a_set_that_new_records_enlarge_is_not_closed():
    made = column("style", [*["ale"] * 200, *["lager"] * 100, *(f"style {at} of its own" for at in range(9))])
    assert "checks" not in said(made)


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        ("email", ["x"], ["true"]),
        ("contact", ["a@b.org"], ["true"]),
        ("customer_last_name", ["x"], ["true"]),
        ("soc_sec_id", ["1"], ["true"]),
        ("card", ["4111111111111111", "5500005555555559"], ["true"]),
        ("street", ["x"], ["? true"]),
        ("repository_full_name", ["x"], []),
        ("file_name", ["x"], []),
        ("number", ["4111111111111112", "5500005555555551"], []),
    ],
)
def test_personal_data(name, texts, expected):
    assert said(many(name, texts)).get("pii", []) == expected


def test_values_of_personal_data_are_not_in_a_draft():
    made = said(column("last_name", ["Geheim", "GEHEIM", "geheim", *["Meier"] * 30]))
    assert "Geheim" not in str(made)
    assert "Meier" not in str(made)


def test_outliers_are_a_doubt():
    made = column("fare", [*numbers(5, 15), *numbers(5, 15), *numbers(5, 15), "3000"])
    assert said(made)["outliers"] == ["? {iqr: 10, action: set_null}"]
    assert said(made)["checks"] == ["between: [0, 5000]"]


def test_required_is_what_all_have_and_a_doubt_where_nearly_all_have():
    assert said(column("a", ["x"] * 10))["required"] == ["true"]
    assert said(column("a", [*["x"] * 400, ""]))["required"] == ["? true"]
    assert "required" not in said(column("a", [*["x"] * 30, ""]))
    assert "required" not in said(column("a", ["x"]))


def test_numbers_of_a_source_with_a_decimal_comma():
    marks = CastOptions(decimal_mark=",")
    made = said(many("price", ["1,5", "12,25"]), marks)
    assert made["type"] == ["decimal(10,2)"]
    assert "clean" not in made
    made = said(many("moisture", ["45 %", "50 %"]), marks)
    assert (made["type"], made["clean"]) == (["decimal(10,2)"], ["percent"])
    assert said(column("t", [*(f"{at},5" for at in range(10, 30)), "-999,0", "-999,0"]), marks)["missing"] == [
        '? ["", "-999,0"]'
    ]


@pytest.mark.parametrize(
    ("name", "texts", "mapped"),
    [
        ("town", ["PARIS", "PARIS", "Paris", "lyon", "lyon", "Lyon", "Orléans"], "map: {PARIS: Paris, lyon: Lyon}"),
        ("status", ["Open", "Open", "open", "PAID", "paid", "closed"], "map: {Open: open, PAID: paid}"),
        ("department", ["sales", "sales", "Sales", "HR", "IT", "Finance"], "map: {sales: Sales}"),
        ("place", ["usa", "usa", "USA"], "map: {usa: USA}"),
        ("place", ["berlin", "berlin", "Berlin"], "map: {Berlin: berlin}"),
    ],
)
def test_spellings_become_the_one_in_the_style_of_the_column(name, texts, mapped):
    assert said(many(name, texts))["clean"] == [mapped]


def test_amounts_of_money_have_no_three_decimal_places():
    found = said(many("salary", ["$57,034", "$102,500", "$68,000"]))
    assert found["clean"] == ['replace: {pattern: "[$ ]", with: ""}', 'number: {thousands: ","}']
    assert found["type"] == ["integer"]
    found = said(many("price", ["57.034 €", "102.500 €"]))
    assert found["clean"][-1] == 'number: {decimal: ",", thousands: "."}'
    assert said(many("price", ["$57.034", "$0.500"]))["type"] == ["decimal(10,4)"]


def test_a_column_of_zeros_and_ones_is_a_flag_however_rare_they_are():
    assert said(column("cat_a", ["0"] * 99 + ["1"]))["checks"] == ["accepted_values: [0, 1]"]


def test_a_clock_whose_hours_have_one_digit_keeps_its_format():
    found = said(many("elapsed", ["1:02:03", "0:10:59", "23:59:00"]))
    assert found["type"] == ["time"]
    assert found["formats"] == ['["%H:%M:%S"]']
    assert said(many("day", ["2026-1-5", "2026-11-15"]))["formats"] == ['["%Y-%m-%d"]']


def test_percentages_may_have_a_decimal_comma():
    assert said(many("share", ["12,5 %", "7,0 %", "99,9 %"]))["clean"] == ['percent: {decimal: ","}']


@pytest.mark.parametrize("name", ["Vorname", "Prénom du client", "氏名", "Geburtsdatum", "apellidos"])
def test_names_of_other_languages_speak_of_persons(name):
    assert said(many(name, CITIES))["pii"] == ["true"]
