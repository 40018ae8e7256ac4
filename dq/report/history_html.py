"""A history as a page: one file without a script that loads nothing, made like `report.html`."""

from __future__ import annotations

from typing import Any

from dq.report.history import History
from dq.report.history_markdown import sentence
from dq.report.page import environment, trend


def render(histories: list[History]) -> bytes:
    """Return the page of some histories; the same reports give the same bytes."""
    return environment.render("history.html.j2", {"histories": [_view(history) for history in histories]})


def _view(history: History) -> dict[str, Any]:
    """Return what the template shows of the runs of one event."""
    runs = history.runs
    return {
        "history": history,
        "sentence": sentence(history),
        "columns": trend.columns([run.refused for run in runs], [run.verdict for run in runs]),
        "most": max(run.refused for run in runs),
        "runs": [(run, _changes(history, place)) for place, run in reversed(list(enumerate(runs)))],
        "promises": [(promise, trend.squares(promise.verdicts)) for promise in history.promises],
        "drift": [(measured, trend.line(measured.values, measured.limit)) for measured in history.drift],
    }


def _changes(history: History, place: int) -> bool:
    """Return whether a run was judged by another specification than the one before it."""
    specs = [run.report["spec"]["fingerprint"] for run in history.runs[max(0, place - 1) : place + 1]]
    return len(set(specs)) > 1
