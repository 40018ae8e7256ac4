"""The site: every spec, its latest report, who uses what; complete without a script, and no text breaks out."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dq.cli.main import run
from dq.errors import UsageError
from dq.report.site.pages import pages
from dq.report.site.registry import read_registry
from tests.report.browser import WINDOWS, chromium, opened
from tests.report.pages import Page
from tests.report.test_html import HOSTILE, directives, loads

BASE = """\
dq: 1
event: visit
version: 1.0.0
description: One record per visit.
owner: care
tags: [health]
fields:
  id: {type: string, required: true, pii: true, clean: [strip], checks: [{pattern: "^[A-Z]+$", where: "cost > 1"}]}
  clinic: {type: string, checks: [{references: {file: clinics.csv, column: name}}], expect: [{missing: {max: 5%}}]}
  cost: {type: integer, impute: {median: {by: [clinic]}}}
  twice: {type: integer, derive: cost * 2, description: Two of them.}
  town: {type: string, lookup: {file: clinics.csv, by: {clinic: name}, take: town}}
checks: [{id: dear, assert: cost > 0, severity: warning}]
filter: [{id: real, keep: "id <> 'test'"}]
dedupe: {key: [id], keep: last}
expect: [{row_count: {min: 1}}]
gate: {quarantined: 5%, profiles: {staging: {quarantined: 20%}}}
"""
CHILD = """\
dq: 1
event: urgent_visit
version: 1.1.0
extends: visit.dq.yaml
tags: [health, urgent]
fields: {cost: {type: integer, required: true}, twice: {$ref: shared.yaml#/fields/twice}}
"""
NOW = "2026-11-22T06:00:00Z"


def specs(folder: Path) -> Path:
    """Return a folder of specs: one, one that extends it, one that is refused, and a table."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "visit.dq.yaml").write_text(BASE)
    (folder / "urgent.dq.yaml").write_text(CHILD)
    (folder / "wrong.dq.yaml").write_text(BASE.replace("event: visit", "event: wrong").replace("strip", "stripp"))
    (folder / "shared.yaml").write_text("fields: {twice: {type: integer, derive: cost * 2, checks: [{ge: 0}]}}\n")
    (folder / "clinics.csv").write_text("name,town\nnorth,Bergen\n")
    (folder / "in.csv").write_text("id,clinic,cost\nA,north,3\nB,west,4\n")
    return folder


def judge(folder: Path, out: str, now: str) -> None:
    run(["run", str(folder / "visit.dq.yaml"), str(folder / "in.csv"), "--out", str(folder / out), "--now", now, "-q"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = specs(tmp_path_factory.mktemp("specs"))
    judge(made, "monday", NOW)
    judge(made, "sunday", "2026-11-21T06:00:00Z")
    return made


@pytest.fixture(scope="module")
def site(folder):
    return pages(read_registry(folder))


def text(page):
    """Return what stands on a page; nothing stands between neighbouring cells."""
    return " ".join(next(e for e in Page(page).all("body")).text.split())


def test_there_is_a_page_for_each_spec_and_its_latest_report(site, folder):
    assert sorted(site) == [
        "history.html", "index.html", "report-visit.html", "spec-urgent.html", "spec-visit.html", "spec-wrong.html",
    ]  # fmt: skip
    assert site["report-visit.html"] == (folder / "monday" / "report.html").read_bytes()


def test_every_link_leads_to_a_page(site):
    for name in ("index.html", "spec-urgent.html", "spec-visit.html", "spec-wrong.html"):
        links = [e.attributes["href"] for e in Page(site[name]).all("a")]
        assert links
        assert set(links) <= set(site), name


def test_the_index_tells_owner_tags_verdict_and_who_reads_which_table(site):
    told = text(site["index.html"])
    assert "One record per visit." in told
    assert "care" in told
    assert "Failed 2026-11-22" in told
    assert "1 mistake" in told
    assert "clinics.csvurgent_visit, visit" in told
    assert "shared.yamlurgent_visit" in told


def test_a_spec_is_found_by_its_event_field_owner_and_tag(site):
    rows = {
        e.children[0].children[0].text: e.attributes["data-find"]
        for e in Page(site["index.html"]).all("tr")
        if "data-find" in e.attributes
    }
    assert {name for name, found in rows.items() if "urgent" in found.split()} == {"urgent_visit"}
    for word in ("visit", "clinic", "care", "health", "visit.dq.yaml"):
        assert word in rows["visit"].split()


def test_the_page_of_a_spec_says_it_in_words(site):
    told = text(site["spec-visit.html"])
    for words in (
        "id.pattern a text that matches ^[A-Z]+$, where cost > 1 (error, refused; line 8)",
        "expect.clinic.missing missing: max 5% (error, of the batch; line 9)",
        "impute median by clinic",
        "= cost * 2",
        "Two of them.",
        "town of clinics.csv by clinic",
        "dear a row for which cost > 0 is true (warning, kept; line 13)",
        "expect.row_count row_count: min 1",
        "keep where id <> 'test'",
        "of records with the same id, keep last",
        "at most 5% of the judged records may be refused",
        "staging: at most 20% of the judged records may be refused",
        "is extended byurgent_visit",
        "readsclinics.csv",
    ):
        assert words in told
    child = text(site["spec-urgent.html"])
    assert "extendsvisit.dq.yaml" in child
    assert "readsshared.yaml, clinics.csv" in child


def test_a_refused_spec_has_a_page_with_its_mistakes(site):
    told = text(site["spec-wrong.html"])
    assert "This specification is refused" in told
    assert "DQ301" in told or "stripp" in told


def test_a_report_of_another_plan_says_so(folder, tmp_path):
    other = specs(tmp_path / "other")
    (other / "visit.dq.yaml").write_text(BASE.replace("cost > 0", "cost > 1"))
    site = pages(read_registry(other, [folder]))
    assert "by another plan" in text(site["index.html"])
    assert "by another plan" in text(site["spec-visit.html"])


def test_the_same_folder_gives_the_same_site(folder, site, tmp_path):
    shutil.copytree(folder, tmp_path / "copy")
    assert pages(read_registry(tmp_path / "copy")) == site


def test_pages_load_nothing_and_run_only_their_own_script(site):
    for name in ("index.html", "spec-visit.html"):
        page = Page(site[name])
        assert [wrong for wrong in loads(page) if wrong[0] != "a"] == []
        assert directives(page)["default-src"] == "'none'"
        assert "sha256-" in directives(page)["script-src"]


def hostile(folder, words):
    """Return a site of a spec that says some words wherever it may say any."""
    folder.mkdir(parents=True)
    said = json.dumps(words, ensure_ascii=True)
    quoted = json.dumps("'" + words.replace("'", "''") + "'", ensure_ascii=True)
    (folder / "a.dq.yaml").write_text(
        f"dq: 1\nevent: {said}\nversion: {said}\ndescription: {said}\nowner: {said}\ntags: [{said}]\nfields:\n"
        f"  {said}: {{type: string, description: {said}, checks: [{{accepted_values: [{said}], id: {said}}}]}}\n"
        f"  b: {{type: string}}\nfilter: [{{id: real, keep: {json.dumps('b <> ')[:-1] + quoted[1:]}}}]\n"
    )
    return pages(read_registry(folder))


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_of_a_spec_breaks_out(tmp_path, words):
    site, plain = hostile(tmp_path / "one", words), hostile(tmp_path / "two", "word")
    index = Page(site["index.html"])
    assert index.shape() == Page(plain["index.html"]).shape()
    page = Page(site["spec-a.html"])
    accepted = "This specification is refused" not in text(site["spec-a.html"])
    if accepted:
        assert page.shape() == Page(plain["spec-a.html"]).shape()
    assert [wrong for wrong in loads(page) if wrong[0] != "a"] == []
    assert all(c.isprintable() or c == "\n" for c in page.source)


def test_names_of_files_cannot_break_out_and_do_not_collide(tmp_path):
    for name in ("a b", "A-b", "<b>", "--"):
        (tmp_path / f"{name}.dq.yaml").write_text("dq: 1\nevent: e\nversion: 1.0.0\nfields: {a: {type: string}}\n")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c.dq.yaml").write_text("dq: 1\n")
    made = [name for name in pages(read_registry(tmp_path)) if name.startswith("spec-")]
    assert sorted(made) == ["spec-a-b--2.html", "spec-a-b.html", "spec-b.html", "spec-spec.html"]


def test_three_hundred_fields_stay_a_small_page(tmp_path):
    fields = "\n".join(
        f"  field_{n}: {{type: string, required: true, clean: [strip, lower], checks: [{{pattern: '^[a-z]+$'}}]}}"
        for n in range(300)
    )
    (tmp_path / "wide.dq.yaml").write_text(f"dq: 1\nevent: wide\nversion: 1.0.0\nfields:\n{fields}\n")
    page = pages(read_registry(tmp_path))["spec-wide.html"]
    assert len([e for e in Page(page).all("tr") if "data-find" in e.attributes]) == 300
    assert len(page) < 500_000


def test_what_is_no_folder_of_specs_is_refused(tmp_path):
    with pytest.raises(UsageError, match="there is no"):
        read_registry(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        read_registry(tmp_path / "absent")


@pytest.mark.browser
def test_everybody_can_read_and_search_the_site(site, tmp_path):
    for name, page in site.items():
        (tmp_path / name).write_bytes(page)
    with chromium() as browser:
        for name in ("index.html", "spec-visit.html"):
            with opened(browser, tmp_path / name) as found:
                for width, scheme in WINDOWS:
                    found.look(width, scheme)
                    assert found.overhang() <= 0
                    assert found.violations() == []
                assert (found.said, found.asked) == ([], [])
        with opened(browser, tmp_path / "index.html") as found:
            found.page.fill("#search", "URGENT health")
            assert found.page.locator("tr[data-find]:visible").count() == 1
            found.page.click("button[data-tag=health]")
            assert found.page.locator("tr[data-find]:visible").count() == 3
        with opened(browser, tmp_path / "index.html", script=False) as found:
            assert found.page.locator("tr[data-find]:visible").count() == 3
