"""The progress bar: on a terminal, after two seconds, with rate and remaining time; nowhere else."""

from __future__ import annotations

import io

import pytest

from dq.cli import show


class Terminal(io.StringIO):
    """A stream that says whether it is a terminal."""

    def __init__(self, *, tty: bool) -> None:
        super().__init__()
        self.tty = tty

    def isatty(self) -> bool:
        return self.tty


@pytest.fixture
def drawn(monkeypatch):
    """Return a function that reads some megabytes and returns what was drawn meanwhile."""

    def draw(
        *, tty: bool = True, patience: float = -1.0, quiet: bool = False, total: int = 8_000_000, **variables: str
    ):
        for name in ("CI", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"TERM": "xterm", "COLUMNS": "80"} | variables).items():
            monkeypatch.setenv(name, value)
        stream = Terminal(tty=tty)
        monkeypatch.setattr("sys.stderr", stream)
        monkeypatch.setattr(show, "PATIENCE", patience)
        with show.progress(total, quiet=quiet) as advance:
            for _ in range(4):
                advance(1_000_000)
        return stream.getvalue()

    return draw


def test_a_long_run_shows_what_is_read_how_fast_and_how_long_it_takes(drawn):
    said = drawn()
    assert "4.0/8.0 MB" in said
    assert "B/s" in said or "?" in said
    assert ":" in said


@pytest.mark.parametrize(
    "given",
    [{"tty": False}, {"quiet": True}, {"patience": 2.0}, {"total": 0}, {"CI": "true"}, {"TERM": "dumb"}],
    ids=lambda given: next(iter(given)),
)
def test_nothing_is_drawn_where_nobody_watches(drawn, given):
    assert drawn(**given) == ""
