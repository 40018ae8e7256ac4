"""Pages of real runs in a browser: they fit, they are silent, and everybody can read and work them."""

from __future__ import annotations

from pathlib import Path

import pytest

from dq.cli.main import run
from dq.report.html import render

from . import runs
from .browser import WINDOWS, chromium, opened

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
SPECS = ROOT / "tests" / "real" / "specs"
NOW = "2026-11-22T06:00:00Z"


@pytest.fixture(scope="module")
def browser():
    with chromium() as started:
        yield started


def judged(spec: Path, data: Path, out: Path, *more: str) -> Path:
    """Return the page of a run."""
    run(["run", str(spec), str(data), "--out", str(out), "--now", NOW, "--quiet", *more])
    return out / "report.html"


def newcomer(request, folder):
    example = ROOT / "examples" / "newcomer"
    return judged(example / "orders.dq.yaml", example / "orders.csv", folder / "out")


def everything(request, folder):
    page = folder / "page.html"
    page.write_bytes(render(runs.reports(folder)["every type"]))
    return page


def beers(request, folder):
    data = request.getfixturevalue("shared") / "data" / "repair" / "beers" / "dirty.csv"
    return judged(SPECS / "beers.dq.yaml", data, folder / "out")


def taxi(request, folder):
    data, state = request.getfixturevalue("shared") / "data" / "taxi", folder / "january.json"
    spec = SPECS / "taxi_months.dq.yaml"
    assert run(["fit", str(spec), str(data / "yellow_2019-01.csv"), "--out", str(state)]) == 0
    return judged(spec, data / "yellow_2019-02.csv", folder / "out", "--state", str(state))


def webhooks(request, folder):
    data = request.getfixturevalue("shared") / "data" / "events" / "github_webhooks" / "events.jsonl"
    return judged(SPECS / "github.dq.yaml", data, folder / "out")


FIELDS, FAULTY_FIELDS = 300, 40  # two of three have a range to keep


def wide(folder):
    """Return the page of three hundred fields and five hundred checks, the types among them."""
    names = [f"billing_and_consent_of_month_{number}_last_value" for number in range(FIELDS)]
    lines = [
        f"  {name}: {{type: integer, checks: [{'{between: [0, 100]}' if n % 3 < 2 else ''}]}}"
        for n, name in enumerate(names)
    ]
    (folder / "wide.dq.yaml").write_text("\n".join(["dq: 1", "event: wide", "version: 1.0.0", "fields:", *lines]))
    rows = [
        ",".join("500" if row == 7 and n < FAULTY_FIELDS * 3 // 2 else str(row) for n in range(FIELDS))
        for row in range(50)
    ]
    (folder / "wide.csv").write_text("\n".join([",".join(names), *rows]))
    return judged(folder / "wide.dq.yaml", folder / "wide.csv", folder / "out")


@pytest.fixture(scope="module", params=[newcomer, everything, beers, taxi, webhooks], ids=lambda make: make.__name__)
def page(request, tmp_path_factory):
    """Return the path of a report's page."""
    return request.param(request, tmp_path_factory.mktemp("page"))


def test_everybody_can_read_the_page(browser, page):
    with opened(browser, page) as found:
        for width, scheme in WINDOWS:
            found.look(width, scheme)
            found.unfold(to=False)
            assert found.overhang() <= 0, (width, scheme)
            found.unfold()
            assert found.overhang() <= 0, (width, scheme)
            assert found.violations() == [], (width, scheme)
        assert (found.said, found.asked) == ([], [])


def test_the_first_screen_has_the_verdict_the_flow_and_what_to_do(browser, page):
    with opened(browser, page) as found:
        for part in (".verdict", ".sentence", ".flowpicture", ".next h2", ".answers .answer"):
            seen = found.page.locator(part).first.bounding_box()
            assert seen["y"] + 20 < 900, part
        assert found.page.locator(".answers .answer").count() == 4


def test_the_keyboard_reaches_headings_and_what_is_folded(browser, page):
    with opened(browser, page) as found:
        reached = found.focused(60)
        assert reached[0] == "A"
        assert {"Verdict", "Check", "Field", "Failed"} <= set(reached)
        assert "SUMMARY" in reached
        button = found.page.locator("th button", has_text="Check").first
        button.focus()
        names = found.page.locator("#checks-table tbody th > code")
        found.page.keyboard.press("Enter")
        assert names.all_text_contents() == sorted(names.all_text_contents())
        found.page.keyboard.press("Enter")
        assert names.all_text_contents() == sorted(names.all_text_contents(), reverse=True)


def test_without_a_script_everything_can_be_read(browser, page):
    with opened(browser, page, script=False) as found:
        assert not found.page.locator(".controls").first.is_visible()
        for section in ("checks", "fields", "provenance"):
            assert found.page.locator(f"#{section}-title").is_visible()
        field = found.page.locator(".field summary").first
        field.click()
        assert found.page.locator(".field .sides").first.is_visible()


@pytest.fixture(scope="module")
def wide_page(tmp_path_factory):
    return wide(tmp_path_factory.mktemp("wide"))


@pytest.mark.parametrize("width", [390, 1280])
def test_of_many_fields_and_checks_those_with_faults_are_shown_first(browser, wide_page, width):
    assert wide_page.stat().st_size < 2_000_000
    with opened(browser, wide_page) as found:
        found.look(width, "light")
        page = found.page
        checks, fields = page.locator("#checks-table tbody tr:visible"), page.locator("#fields-list > details:visible")
        assert (checks.count(), fields.count()) == (FAULTY_FIELDS, FAULTY_FIELDS)
        assert page.locator("#checks .shown").inner_text().startswith(f"{FAULTY_FIELDS} of ")
        page.locator("#fields .controls input").fill("month_7_")
        assert fields.count() == 1
        page.evaluate(f"location.hash = 'field-{FIELDS}'")
        page.wait_for_function(f"document.getElementById('field-{FIELDS}').open")
        assert fields.count() == FIELDS
        page.locator("#checks .controls select").select_option("accuracy")
        assert checks.count() == FAULTY_FIELDS
        page.locator("#checks .controls button", has_text="All").click()
        assert FAULTY_FIELDS < checks.count() < page.locator("#checks-table tbody tr").count()
        page.emulate_media(media="print")
        assert checks.count() == page.locator("#checks-table tbody tr").count()


FAULTY = {
    "wide": "<main><p style='width:2000px'>x</p></main>",
    "pale": "<main><p style='color:#ccc;background:#fff'>text</p></main>",
    "loud": "<main><p>x</p></main><script>console.log('said')</script><img alt='' src='http://probe.invalid/x'>",
}


def test_the_tests_see_what_is_wrong(browser, tmp_path):
    """A page that is too wide, too pale, or that speaks and fetches."""
    saw = {}
    for name, body in FAULTY.items():
        path = tmp_path / f"{name}.html"
        path.write_text(f"<!DOCTYPE html><html lang=en><title>t</title>{body}</html>")
        with opened(browser, path) as found:
            rules = [rule for rule, *_ in found.violations()]
            saw[name] = (found.overhang() > 0, rules, bool(found.said), found.asked)
    assert saw["wide"][0]
    assert saw["pale"][1] == ["color-contrast"]
    assert saw["loud"][2:] == (True, ["http://probe.invalid/x"])
