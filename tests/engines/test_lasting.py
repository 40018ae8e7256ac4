"""A stream outlasts what goes away, unless it could not begin, or is stopped."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from dq.engines import lasting
from dq.engines.lasting import LastingStream
from dq.errors import OutageError, SinkError
from dq.sinks.checkpoint import Checkpoint


class Run:
    """A run that ends as a test says."""

    def __init__(self, fate: Exception | None) -> None:
        self.fate, self.stopped = fate, False

    def run(self) -> None:
        if self.fate is not None:
            raise self.fate

    def stop(self) -> None:
        self.stopped = True


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "_FIRST_PAUSE", 0.0)


def life(*fates: Exception | Run | None, said: list[str] | None = None) -> LastingStream:
    """Return a stream whose openings are runs that end like this; an error with `open` in it fails the opening."""
    coming = iter(fates)

    @contextmanager
    def opening() -> Iterator[Run]:
        fate = next(coming)
        if isinstance(fate, Exception) and "open" in str(fate):
            raise fate
        yield fate if isinstance(fate, Run) else Run(fate)

    return LastingStream(opening, Checkpoint(None), ([] if said is None else said).append)  # type: ignore[arg-type]


def test_an_outage_is_outlasted() -> None:
    said: list[str] = []
    last = Run(None)
    assert life(OutageError("away"), OutageError("cannot open"), last, said=said).run() is last
    assert said == [f"{words}; the stream goes on behind its last commit" for words in ("away", "cannot open")]


def test_a_stream_that_cannot_begin_ends() -> None:
    with pytest.raises(OutageError, match="cannot open"):
        life(OutageError("cannot open"), None).run()


def test_what_is_no_outage_ends_the_stream() -> None:
    with pytest.raises(SinkError):
        life(SinkError("broken"), None).run()


def test_a_stream_that_is_stopped_does_not_begin_again() -> None:
    stream = life(OutageError("away"), None)
    stream.stop()
    with pytest.raises(OutageError, match="away"):
        stream.run()


def test_a_stop_before_the_beginning_is_heeded() -> None:
    last = Run(None)
    stream = life(last)
    stream.stop()
    assert stream.run() is last
    assert last.stopped
