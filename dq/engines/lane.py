"""Work beside the main thread: one piece after another, in a thread of its own."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """A thread that does one piece of work after another, in the order in which they are given."""

    def __init__(self, name: str) -> None:
        """Prepare; the thread is begun with the first piece."""
        self._thread = ThreadPoolExecutor(1, f"dq-{name}")
        self._last: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is begun; what failed is raised, unless something else has failed already."""
        self._thread.shutdown(cancel_futures=error is not None)
        if error is None:
            self.wait()

    def submit(self, work: Callable[P, T], *given: P.args, **named: P.kwargs) -> Future[T]:
        """Give a piece of work, of which the caller wants the answer."""
        return self._thread.submit(work, *given, **named)

    def add(self, work: Callable[P, None], *given: P.args, **named: P.kwargs) -> None:
        """Give a piece of work, once the piece before it is done: no more than one is kept waiting."""
        self.wait()
        self._last = self._thread.submit(work, *given, **named)

    def wait(self) -> None:
        """Wait for the last piece that was added, and raise what it raised."""
        last, self._last = self._last, None
        if last is not None:
            last.result()
