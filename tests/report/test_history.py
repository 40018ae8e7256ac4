"""Reports side by side: the order of runs, what fails since when, drift over time; as Markdown and as a page."""

from __future__ import annotations

import json
from copy import deepcopy

import pytest

from dq.errors import UsageError
from dq.report import history_html, history_markdown
from dq.report.history import Run, histories, read_histories
from dq.report.page import trend

from . import runs
from .browser import WINDOWS, chromium, opened
from .pages import Page
from .test_html import HOSTILE, directives, loads, poisoned, texts


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))["every type"]


def run_of(report, day, verdicts=None, **given):
    """Return a run at noon of a day, with the verdicts of some promises changed and the others passed."""
    changed = deepcopy(report) | {"now": f"2026-11-{day:02d}T12:00:00Z"} | given
    for item in (*changed["checks"], *changed["expectations"]):
        item["verdict"] = (verdicts or {}).get(item["id"], "pass")
    return Run(f"{day:02d}.json", changed)


def promises(runs_of):
    (history,) = histories(runs_of)
    return {p.id: (p.is_broken, history.runs[p.began].now[8:10], len(p.broke)) for p in history.promises}


RULE = "rule"


@pytest.mark.parametrize(
    ("verdicts", "found"),
    [
        (["pass", "fail", "fail"], (True, "02", 2)),
        (["fail", "pass", "fail"], (True, "03", 2)),
        (["fail", "fail", "pass"], (False, "01", 2)),
        (["pass", "warn", "not_evaluated", "fail"], (True, "04", 2)),
        (["fail", None, "fail"], (True, "01", 2)),
        (["fail", "pass", None], (False, "01", 1)),
    ],
)
def test_a_promise_began_to_fail_with_its_last_stretch(report, verdicts, found):
    """A run that did not ask, because the spec did not say it then, does not end a stretch."""
    made = []
    for day, verdict in enumerate(verdicts, 1):
        run = run_of(report, day, {RULE: verdict})
        if verdict is None:
            run.report["checks"] = [check for check in run.report["checks"] if check["id"] != RULE]
        made.append(run)
    assert promises(made) == {RULE: found}


def test_runs_are_in_the_order_of_their_moments_whatever_their_names(report):
    made = [run_of(report, 3), run_of(report, 1), run_of(report, 2, verdict="pass")]
    made[1].report["now"] = "2026-11-02T12:00:00.5Z"
    (history,) = histories(made)
    assert [run.name for run in history.runs] == ["02.json", "01.json", "03.json"]
    assert history.since.name == "01.json"


def test_each_event_has_a_history(report):
    other = run_of(report, 1)
    other.report["spec"] = other.report["spec"] | {"event": "another"}
    assert [(h.event, len(h.runs)) for h in histories([run_of(report, 1), other, run_of(report, 2)])] == [
        ("another", 1),
        ("thing", 2),
    ]


def with_drift(report, *values, limit=0.1):
    made = []
    for day, value in enumerate(values, 1):
        measures = {
            "psi": {"value": value, "limit": limit, "passed": None},
            "ks": {"value": 0.3, "limit": None, "passed": None},
        }
        entry = {"id": "d", "field": "n", "verdict": "pass", "measures": measures}
        made.append(run_of(report, day, drift=[] if value == "absent" else [entry]))
    return histories(made)


def test_drift_is_followed_where_a_limit_was_set(report):
    (history,) = with_drift(report, 0.05, "absent", None, 0.2)
    (measured,) = history.drift
    assert (measured.field, measured.measure, measured.values, measured.limit) == (
        "n",
        "psi",
        (0.05, None, None, 0.2),
        0.1,
    )
    text = history_markdown.render([history]).decode()
    assert "| `n`   | psi     | ≤ 0.1 | 0.05  | 0.2  | 0.2  |" in text


def test_pictures_are_in_their_frames():
    pieces = trend.columns([0.0, 0.5, 0.25], ["pass", "fail", "warn"])
    assert [(piece.tone, piece.height) for piece in pieces] == [("ok", 2.0), ("bad", 96.0), ("warn", 48.0)]
    assert pieces[-1].x + pieces[-1].width <= trend.WIDTH
    assert trend.columns([0.0], ["pass"])[0].height == 2.0
    line = trend.line([0.0, None, 0.1, 0.2], 0.1)
    assert line.dots == ((0.0, 96.0), (400.0, 48.0), (600.0, 0.0))
    assert line.path == "M0 96M400 48L600 0"
    assert line.limit == 48.0
    assert [piece.x for piece in trend.squares(["pass", None, "fail"])] == [0.0, 28.0]


@pytest.fixture
def folder(tmp_path, report):
    for day, verdict in ((2, "fail"), (1, "pass")):
        run = run_of(report, day, {RULE: verdict}, verdict=verdict)
        (tmp_path / f"run-{day}").mkdir()
        (tmp_path / f"run-{day}" / "report.json").write_text(json.dumps(run.report))
        (tmp_path / f"run-{day}" / "manifest.json").write_text("{}")
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "third.json").write_text(json.dumps(run_of(report, 3, {RULE: "fail"}, verdict="fail").report))
    return tmp_path


def test_reports_are_found_in_run_folders_and_beside_them(folder):
    (history,) = read_histories(folder)
    assert [run.name for run in history.runs] == ["run-1/report.json", "run-2/report.json", "third.json"]
    assert history.since.name == "run-2/report.json"
    text = history_markdown.render([history]).decode()
    assert "3 runs: 1 passed, 2 failed. Failing since 2026-11-02 12:00:00 UTC." in text
    assert "| `rule`  | broken | 2026-11-02 12:00:00 UTC | 2 of 3 |" in text


@pytest.mark.parametrize("name", ["other.json", "run-1/report.json"])
def test_what_is_no_report_is_refused_by_name(folder, name):
    (folder / name).write_text("{}")
    with pytest.raises(UsageError, match=f"{name} is not a report"):
        read_histories(folder)


def test_a_folder_without_reports_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no report in this folder"):
        read_histories(tmp_path)
    with pytest.raises(UsageError, match="not a folder"):
        read_histories(tmp_path / "absent")


def test_the_page_is_whole_loads_nothing_and_is_the_same_again(report):
    made = with_drift(report, 0.05, 0.2)
    data = history_html.render(made)
    page = Page(data)
    assert data == history_html.render(with_drift(report, 0.05, 0.2))
    assert loads(page) == []
    assert page.all("script") == []
    assert directives(page)["script-src"] == "'none'"
    assert {e.text for e in page.all("h1")} == {"thing"}


def hostile(report, text):
    return [Run(text, poisoned(report, texts(text)) | {"now": f"2026-11-{day:02d}T12:00:00Z"}) for day in (1, 2)]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_report_breaks_out(report, text):
    plain = Page(history_html.render(histories(hostile(report, "word"))))
    page = Page(history_html.render(histories(hostile(report, text))))
    assert page.shape() == plain.shape()
    told, quiet = (history_markdown.render(histories(hostile(report, word))).decode() for word in (text, "word"))
    assert len(told.splitlines()) == len(quiet.splitlines())
    assert all(c.isprintable() or c == "\n" for c in told)
    for line, other in zip(told.splitlines(), quiet.splitlines(), strict=True):
        assert line.count("|") == other.count("|")
        assert line.count("`") == other.count("`")


@pytest.mark.browser
def test_everybody_can_read_the_page(report, tmp_path):
    (tmp_path / "page.html").write_bytes(history_html.render(with_drift(report, 0.05, 0.2, 0.1)))
    with chromium() as browser, opened(browser, tmp_path / "page.html") as found:
        for width, scheme in WINDOWS:
            found.look(width, scheme)
            assert found.overhang() <= 0
            assert found.violations() == []
        assert (found.said, found.asked) == ([], [])
