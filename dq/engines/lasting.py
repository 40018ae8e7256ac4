"""A stream that outlasts outages of brokers and disks: it begins again behind the last commit, as after a kill."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from dq.errors import OutageError

if TYPE_CHECKING:
    from dq.engines.stream import StreamRun
    from dq.sinks.checkpoint import Checkpoint

_FIRST_PAUSE, _LONGEST_PAUSE, _STEP = 0.5, 10.0, 0.05  # seconds


class LastingStream:
    """Runs of one stream, one after the other, until one comes to its end."""

    def __init__(
        self, opening: Callable[[], AbstractContextManager[StreamRun]], memory: Checkpoint, said: Callable[[str], None]
    ) -> None:
        """Prepare; `opening` opens the ends of the stream behind the last commit of the memory."""
        self._opening, self._memory, self._said = opening, memory, said
        self._current: StreamRun | None = None
        self._stopped = self._has_run = False

    def stop(self) -> None:
        """Take in no more.  A signal may call this at any time."""
        self._stopped = True
        if self._current is not None:
            self._current.stop()

    def renew(self) -> None:
        """Ask the run for another bearing.  A signal may call this at any time."""
        if self._current is not None:
            self._current.renew()

    def run(self) -> StreamRun:
        """Return the run that came to its end.

        SourceError, SinkError; OutageError where the stream could not begin, or was stopped before it could go on.
        """
        pause = _FIRST_PAUSE
        while True:
            began = time.monotonic()
            try:
                return self._once()
            except OutageError as fault:
                if self._stopped or not self._has_run:
                    raise
                pause = min(2 * pause, _LONGEST_PAUSE) if time.monotonic() - began < _LONGEST_PAUSE else _FIRST_PAUSE
                self._said(f"{fault}; the stream goes on behind its last commit")
                self._rest(pause, fault)

    def _once(self) -> StreamRun:
        """Run to the end, or to an interruption; what was not committed is forgotten then."""
        self._memory.rollback()
        try:
            with self._opening() as run:
                self._current, self._has_run = run, True
                if self._stopped:
                    run.stop()
                run.run()
                return run
        finally:
            self._current = None

    def _rest(self, seconds: float, fault: OutageError) -> None:
        """Wait, unless the stream is stopped."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if self._stopped:
                raise fault
            time.sleep(_STEP)
