"""The page for people: whole, silent, the same bytes, and the same page whatever the data say."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import unicodedata
from itertools import pairwise

import orjson
import pytest

from dq.report.build import dump
from dq.report.html import render

from . import runs
from .pages import Page

CASES = (
    "every type",
    "nothing",
    "a frame",
    "unreadable",
    "tightened",
    "refused",
    "absent",
    "aborted",
    "waived",
    "compared",
)
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</style><script>alert(1)</script>",
    "]]><!--",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:alert(1)",
    "https://example.com/x.png",
    "\x1b[2J\x1b]0;title\x07",
    "::error::forged",
    '=HYPERLINK("https://example.com")',
    "\u202eright to left\u2066\u200f",
    "a\r\nb\u2028c\x00d",
    "שלום עולם",
    "&lt;b&gt;&#x3c;b&#x3e;",
    "`code` ``",
    "\ufdd0\ufeff\U000e0001",
)


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))


@pytest.fixture(scope="module")
def every(reports):
    return Page(render(reports["every type"]))


@pytest.mark.parametrize("case", CASES)
def test_pages_of_real_runs_are_whole(reports, case):
    page = Page(render(reports[case]))
    assert page.all("h1")[0].text.startswith(reports[case]["spec"]["event"])
    ids = [e.attributes["id"] for e in page.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        assert link.attributes["href"].removeprefix("#") in ids


def test_every_check_expectation_field_and_step_is_there(reports, every):
    report = reports["every type"]
    ids = [e.text for e in every.all("code")]
    for name in (*(c["id"] for c in report["checks"]), *(e["id"] for e in report["expectations"])):
        assert name in ids
    assert [e.text for e in every.all("h3")] == list(report["fields"])
    for step in report["cleaning"]:
        assert step["step"] in ids


def test_every_example_leads_to_its_source_and_line(reports):
    report = reports["unreadable"]
    page = Page(render(report))
    places = {e.text for e in page.elements if e.attributes.get("class") == "place"}
    examples = [e for check in report["checks"] for e in check["examples"]]
    assert examples
    assert places == {f"{e['source']}:{e['line']}" for e in examples}


def test_the_first_screen_answers_four_readers(every):
    top = next(e for e in every.elements if e.attributes.get("class") == "answers")
    assert [e.text for e in every.all("h2") if e.inside("li")] == [
        "Can I use this data?", "What broke?", "Which promises hold?", "What was changed?",
    ]  # fmt: skip
    assert "rows" in top.text
    sentence = next(e.text for e in every.elements if e.attributes.get("class") == "sentence")
    assert re.match(r"\d+ of 9 records were refused \(\d+\.\d\d%\); \d+ of \d+ promises do not hold\.$", sentence)


def test_what_fails_the_gate_is_what_broke(reports):
    """An expectation that fails is named before a check that only warns."""
    report = orjson.loads(dump(reports["tightened"]))
    failing = next(e for e in report["expectations"] if e["verdict"] == "fail")
    for check in report["checks"]:
        check["verdict"] = "warn" if check["failed"] else "pass"
    cards = next(e for e in Page(render(report)).elements if e.attributes.get("class") == "answers")
    assert f"asked for at {failing['file']}:{failing['line']}" in cards.text
    assert failing["id"] in cards.text


def test_the_picture_of_the_flow_says_its_counts_in_words(reports, every):
    records = reports["every type"]["records"]
    picture = next(e for e in every.all("svg") if e.attributes.get("role") == "img")
    words = next(e.text for e in picture.children if e.tag == "desc")
    for door in ("accepted", "quarantined", "deduplicated", "filtered"):
        assert re.search(rf"\b{records[door]:,} {door}", words)


def test_the_same_values_give_the_same_bytes(reports):
    for report in reports.values():
        assert render(orjson.loads(dump(report))) == render(orjson.loads(dump(report)))


def test_three_hundred_fields_stay_a_small_page(reports):
    """However many rows there were: a report does not grow with them."""
    report = orjson.loads(dump(reports["every type"]))
    fields, checks = list(report["fields"].values()), report["checks"]
    top = [{"value": f"value {number}", "count": 1_000_000 - number} for number in range(10)]
    for field in fields:
        for side in ("before", "after"):
            if field[side] is not None:
                field[side] |= {"rows": 10**7, "top": top}
    report["fields"] = {f"a_rather_long_name_of_field_{n}": fields[n % len(fields)] for n in range(300)}
    report["checks"] = [
        checks[0],
        *(checks[1 + n % (len(checks) - 1)] | {"id": f"field_{n}.check"} for n in range(900)),
    ]
    assert len(render(report)) < 2_000_000


def directives(page):
    policy = next(e for e in page.all("meta") if e.attributes.get("http-equiv") == "Content-Security-Policy")
    return dict(part.strip().split(" ", 1) for part in policy.attributes["content"].split(";"))


def test_the_policy_allows_our_style_and_script_and_nothing_else(every):
    rules = directives(every)
    assert rules["default-src"] == "'none'"
    assert set(rules) == {"default-src", "img-src", "style-src", "script-src", "base-uri", "form-action"}
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        (element,) = every.all(tag)
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    assert "unsafe" not in str(rules)


def loads(page):
    """Return everything by which a page could run or fetch something of its own accord."""
    wrong = []
    for element in page.elements:
        for name, value in element.attributes.items():
            if name.startswith("on") or name in {
                "style",
                "src",
                "srcset",
                "action",
                "background",
                "poster",
                "xlink:href",
            }:
                wrong.append((element.tag, name))
            if name == "href" and not (value.startswith("#") or value == "data:,"):
                wrong.append((element.tag, value))
    wrong += [(e.tag, "") for e in page.elements if e.tag in {"iframe", "object", "embed", "base", "form", "image"}]
    style = page.all("style")[0].text
    wrong += re.findall(r"url\(|@import|@font-face|expression\(", style)
    script = "".join(e.text for e in page.all("script"))
    return wrong + re.findall(
        r"innerHTML|outerHTML|document\.write|eval|fetch|XMLHttp|import\(|Function\(|src\b", script
    )


@pytest.mark.parametrize("case", CASES)
def test_nothing_is_loaded_and_nothing_is_run_from_attributes(reports, case):
    assert loads(Page(render(reports[case]))) == []


def test_what_would_be_loaded_is_found():
    bad = b"<p onclick='x' style='y'><img src='z'></p><style>@import 'x'</style><script>fetch('x')</script>"
    assert len(loads(Page(bad))) == 5


WORDS = {
    "verdict",
    "severity",
    "on_fail",
    "dimension",
    "fail_on",
    "keep",
    "format",
    "now",
    "fingerprint",
    "sha256",
    "state",
    "standing",
}
"""Keys whose values are words of dq itself, held by the schema of the report."""


def poisoned(value, text, key=""):
    """Return a report in which every text that data or a spec can choose is another one, names of fields included."""
    if isinstance(value, dict):
        open_ended = key in {"fields", "unknown_fields"} or (key == "value" and value)
        return {
            (text(name) if open_ended else name): poisoned(item, text, "" if open_ended else name)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [poisoned(item, text, key) for item in value]
    if key == "patch" and isinstance(value, str):  # data stand in it as JSON texts, which hold no line end
        return " ".join(text(value).splitlines())
    return text(value) if isinstance(value, str) and key not in WORDS else value


def texts(*hostile):
    """Return a function that makes a different text of every different text."""
    known = {}
    return lambda old: known.setdefault(old, f"{hostile[len(known) % len(hostile)]}|{len(known)}")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_text_changes_the_page(reports, hostile):
    """The elements are those that harmless text gives, and nothing unseen gets through."""
    report = reports["every type"]
    tame = Page(render(poisoned(report, texts("harmless"))))
    wild = Page(render(poisoned(report, texts(hostile))))
    assert wild.shape() == tame.shape()
    assert loads(wild) == []
    unseen = {c for c in wild.source if unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp", "Cn"} and c != "\n"}
    assert unseen == set()


def test_poison_reaches_what_it_should(reports):
    page = Page(render(poisoned(reports["every type"], texts("<b>poison"))))
    holders = {e.tag for e in page.elements if "<b>poison" in e.text and not e.children}
    assert {"title", "bdi"} <= holders
    assert "b" not in {e.tag for e in page.elements if "poison" in e.text}


@pytest.mark.shared
def test_no_naughty_string_changes_the_page(reports, shared):
    report = reports["every type"]
    tame = Page(render(poisoned(report, texts("harmless")))).shape()
    naughty = json.loads((shared / "data" / "corpora" / "naughty_strings.json").read_bytes())
    for start in range(0, len(naughty), 60):
        page = Page(render(poisoned(report, texts(*naughty[start : start + 60]))))
        assert page.shape() == tame
        assert loads(page) == []


def test_headings_go_down_one_at_a_time(reports):
    for report in reports.values():
        levels = [int(e.tag[1]) for e in Page(render(report)).elements if re.fullmatch("h[1-6]", e.tag)]
        assert levels.count(1) == 1
        assert levels[0] == 1
        assert all(low <= high + 1 for high, low in pairwise(levels))


def test_pictures_and_tables_speak(every):
    for picture in every.all("svg"):
        assert picture.attributes.get("aria-hidden") == "true" or picture.attributes.get("aria-labelledby")
    for table in every.all("table"):
        assert any(e.tag == "caption" and e.text.strip() for e in table.children)
    for header in every.all("th"):
        assert header.attributes.get("scope") in {"row", "col"}
        assert header.text.strip()
    assert every.all("html")[0].attributes["lang"] == "en"
    assert len(every.all("main")) == len(every.all("header")) == len(every.all("footer")) == 1


def palettes(style):
    """Return the colours of the two palettes by name: light, and dark over light."""
    blocks = re.findall(r":root\{(.*?)\}", style, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+):(#[0-9a-f]{3,6})", block)) for block in blocks[:2])
    return {"light": light, "dark": light | dark}


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, two):
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_counted_as_the_guidelines_do():
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777", "#fff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_pictures_have_the_contrast_that_the_guidelines_ask(every, mode):
    """WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what a picture needs to be understood."""
    colours = palettes(every.all("style")[0].text)[mode]
    for ground in ("bg", "card", "soft"):
        for text in ("ink", "muted", "link", "ok", "bad", "warn", "note"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for part in ("f-accepted", "f-quarantined", "f-deduplicated", "f-filtered", "s-failed", "after"):
        assert contrast(colours[part], colours["card"]) >= 3, part


def test_personal_data_shows_no_value(reports):
    report = reports["every type"]
    assert report["fields"]["secret"]["pii"]
    page = Page(render(report))
    own = next(
        e
        for e in page.all("details")
        if any(h.text == "secret" for h in page.all("h3") if h.inside("details") and h in e.children[0].children)
    )
    assert "Personal data: no value is told." in own.text
    assert not [e for e in page.elements if e.attributes.get("class") == "v" and e in own.children]


NEAR = """\
dq: 1
event: person
version: 1.0.0
fields:
  name: {type: string}
  city: {type: string}
  age: {type: integer}
dedupe:
  match: {fields: {name: jaro_winkler}, blocks: [[city]], threshold: 0.8}
  keep: first
expect:
  - drift: {field: age, psi: 0.1}
  - drift: {field: city, psi: 0.1}
"""


def test_near_duplicates_and_drift_are_told(tmp_path):
    plan = runs.plan(tmp_path, NEAR)
    rows = [{"name": f"name {'abcdefghij'[n % 10] * 8}", "city": "x", "age": n} for n in range(10)]
    state = plan.fit(rows, now=runs.NOW)
    later = [*({"name": row["name"], "city": "y", "age": row["age"] + 100} for row in rows), rows[0], rows[0]]
    report = plan.run(later, state=state, now=runs.NOW).report
    assert report["drift"]
    page = Page(render(dict(report.data)))
    drift = next(e for e in page.all("section") if e.attributes.get("id") == "drift")
    assert drift.text.count("fail") == sum(item["verdict"] == "fail" for item in report["drift"])
    removed = next(e for e in page.all("section") if e.attributes.get("id") == "removed")
    assert f"{report['dedupe']['near']['pairs_compared']:,}, of which" in removed.text
