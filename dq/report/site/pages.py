"""The pages of the site: an index, a page for each spec, the page of its latest report, and the history of reports."""

from __future__ import annotations

from typing import Any

from dq.report import history_html
from dq.report.history import histories
from dq.report.page import environment
from dq.report.renderers import render
from dq.report.site import words
from dq.report.site.registry import Entry, Registry

SCRIPT = "site.js"
INDEX, HISTORY = "index.html", "history.html"


def pages(registry: Registry) -> dict[str, bytes]:
    """Return the files of the site by name; the same specs and reports give the same bytes."""
    made = {INDEX: _index(registry)}
    for entry in registry.entries:
        made[f"spec-{entry.stem}.html"] = _spec(registry, entry)
        if entry.latest is not None:
            made[f"report-{entry.stem}.html"] = render(dict(entry.latest.report), "html")
    if registry.runs:
        made[HISTORY] = history_html.render(histories(registry.runs))
    return made


def _index(registry: Registry) -> bytes:
    view = {
        "entries": [(entry, _found_by(entry)) for entry in registry.entries],
        "tags": sorted({tag for entry in registry.entries if entry.document for tag in entry.document.spec.tags}),
        "users": registry.users(),
        "history": HISTORY if registry.runs else None,
    }
    return environment.render("site_index.html.j2", view, SCRIPT)


def _found_by(entry: Entry) -> str:
    """Return the words that find a spec: its event, file, owner, tags, description and fields."""
    if entry.document is None:
        return entry.file
    spec = entry.document.spec
    return " ".join([spec.event, entry.file, spec.owner or "", *spec.tags, spec.description or "", *spec.fields])


def _spec(registry: Registry, entry: Entry) -> bytes:
    pages_of = {other.file: f"spec-{other.stem}.html" for other in registry.entries}
    view: dict[str, Any] = {"entry": entry, "children": registry.children(entry), "pages": pages_of, "plan": entry.plan}
    if entry.plan is not None:
        view |= {
            "fields": words.fields(entry.plan),
            "rows": words.of_rows(entry.plan),
            "gates": words.gates(entry.plan),
            "dedupe": words.dedupe(entry.plan),
        }
    return environment.render("site_spec.html.j2", view, SCRIPT)
