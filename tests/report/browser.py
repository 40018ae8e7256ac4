"""A browser for tests: pages opened in Chromium, with what they asked for and what the console said."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
SERIOUS = frozenset({"serious", "critical"})
HEIGHT = 900
WINDOWS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]


@contextmanager
def chromium() -> Iterator[Any]:
    """Yield a running Chromium; skip the test where there is none, or nothing to drive it."""
    if CHROMIUM is None:
        pytest.skip("there is no Chromium")
    driver = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with driver.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Opened:
    """A page that was opened: what its console said, and which requests left it."""

    page: Any
    said: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def look(self, width: int, scheme: str) -> None:
        """Make the window so wide, and light or dark."""
        self.page.set_viewport_size({"width": width, "height": HEIGHT})
        self.page.emulate_media(color_scheme=scheme)

    def unfold(self, *, to: bool = True) -> None:
        """Open everything that is folded, or fold it."""
        self.page.evaluate("(to) => document.querySelectorAll('details').forEach((each) => { each.open = to })", to)

    def overhang(self) -> int:
        """Return by how many pixels the page is wider than its window."""
        found: int = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        return found

    def violations(self) -> list[tuple[str, str, Any]]:
        """Return what axe finds wrong for people who see, hear or move otherwise: rule, impact, first place."""
        axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
        found = axe.Axe().run(self.page).response
        assert found["passes"], "axe looked at nothing"
        return [
            (rule["id"], rule["impact"], rule["nodes"][0]["target"])
            for rule in found["violations"]
            if rule["impact"] in SERIOUS
        ]

    def focused(self, tabs: int) -> list[str]:
        """Return what the tab key reaches, from the top of the page: tags, and the texts of headings' buttons."""
        found = []
        for _ in range(tabs):
            self.page.keyboard.press("Tab")
            found.append(
                self.page.evaluate(
                    "document.activeElement.closest('th')?.textContent ?? document.activeElement.tagName"
                )
            )
        return found


@contextmanager
def opened(browser: Any, path: Path, *, script: bool = True) -> Iterator[Opened]:
    """Yield a file as a page, in a wide window and in light."""
    context = browser.new_context(viewport={"width": 1280, "height": HEIGHT}, java_script_enabled=script)
    page = context.new_page()
    found = Opened(page)
    page.on("console", lambda message: found.said.append(message.text))
    page.on("pageerror", lambda error: found.said.append(str(error)))
    page.on("request", lambda request: found.asked.append(request.url))
    page.goto(path.as_uri())
    assert found.asked.pop(0) == path.as_uri()
    yield found
    context.close()
