"""The exception tree.

Exceptions are for authors (a wrong spec, wrong usage) and for the outside world (files, disks).  A fault
in the data is never an exception: it is a reason on a row (`dq.outcome`).

Every exception carries the exit code that the command line ends with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence


class DqError(Exception):
    """The root of every exception that dq raises on purpose."""

    exit_code: ClassVar[int] = 3


class UsageError(DqError):
    """The command or the call is wrong: an unknown source name, a path that binds to nothing."""

    exit_code = 2


class SpecError(DqError):
    """The specification is refused.  `diagnostics` holds every mistake that was found, not only the first."""

    exit_code = 2

    def __init__(self, diagnostics: Sequence[Any]) -> None:
        """Keep the diagnostics (`dq.diagnostics.Diagnostic`, in order of place) and say them one a line."""
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(str(diagnostic) for diagnostic in self.diagnostics))


class SourceError(DqError):
    """A source cannot be read at all: it is absent, changed between two scans, or the device failed."""


class SinkError(DqError):
    """An output cannot be written: it exists already, the disk is full, the folder is not ours."""


class OutageError(DqError):
    """A broker went away or took back what it gave, or a disk is full: a stream begins again behind its last commit."""


class LockedError(DqError):
    """Another run holds the lock of the output folder."""

    exit_code = 75


class GateError(DqError):
    """The data failed the gate.  Raised only on request (`Result.raise_for_verdict`); `report` says why."""

    exit_code = 1

    def __init__(self, message: str, report: Any) -> None:
        """Keep the report beside the one-sentence message."""
        self.report = report
        super().__init__(message)


class InternalError(DqError):
    """dq disagrees with itself (splitter and pandera gate, counts that do not add up): a bug of ours."""


def is_panic(error: BaseException) -> bool:
    """Whether native code gave up: pyo3's PanicException is no Exception and cannot be imported, only named."""
    return type(error).__name__ == "PanicException"
