"""Routing: which of several specs each record goes to, decided in one pass that frames every input once.

A route takes the records that have certain values at certain paths.  The pass frames the inputs, reads those paths and
nothing else, and stores the raw text of every record, with its place, in the file of its route.  Each plan then reads
its file as a replay reads a quarantine (`dq/sources/stored.py`), so that records keep their numbers and places.

What no route takes, or several do, and what cannot be read, is quarantined by the router itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.engines.base import format_now
from dq.engines.inputs import source_line
from dq.engines.records import merge_unreadable, records_at
from dq.errors import UsageError
from dq.sinks.file import OutputFile
from dq.sinks.quarantine import QuarantineWriter

if TYPE_CHECKING:
    import numpy.typing as npt

    from dq.engines.base import Settings
    from dq.engines.inputs import Input
    from dq.engines.records import Origin
    from dq.plan.plan import CompiledPlan
    from dq.sinks.quarantine import RecordBatch
    from dq.sources.base import Account, Chunk

UNMATCHED, AMBIGUOUS = "unmatched", "unmatched.ambiguous"
_MESSAGES = {
    UNMATCHED: "no spec of the folder takes this record",
    AMBIGUOUS: "several specs of the folder take this record",
}
UNMATCHED_SPEC = {"event": UNMATCHED, "version": "0.0.0", "fingerprint": ""}
_NOBODY, _SEVERAL = -1, -2  # in the place of the number of a route


@dataclass(frozen=True, slots=True)
class Route:
    """The records that one plan takes: at each path one of some values, or, where `lenient`, nothing at all."""

    plan: CompiledPlan
    values: Mapping[str, tuple[str, ...]]
    lenient: frozenset[str] = frozenset()

    def takes(self, columns: Mapping[str, str]) -> pl.Expr:
        """Return where the cells of the paths, which stand in these columns, are those that the route takes."""
        terms = []
        for path, values in self.values.items():
            cell = pl.col(columns[path])
            terms.append(cell.is_in(list(values)).fill_null(value=path in self.lenient))
        return pl.all_horizontal(terms)


def route_of(plan: CompiledPlan) -> Route:
    """Return the route of a plan: what its `match` states, or the records that declare its event and version."""
    if plan.match:
        return Route(plan, dict(plan.match))
    return Route(plan, {"event": (plan.event,), "version": (plan.version,)}, frozenset({"version"}))


@dataclass(slots=True)
class Routed:
    """What the pass did: records read, records of each route, and refused ones by the code of their reason."""

    read: int = 0
    taken: list[int] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    accounts: list[tuple[str, Account]] = field(default_factory=list)


class Routing:
    """Which of some routes each record takes, and what is said of those that take none."""

    def __init__(self, routes: Sequence[Route]) -> None:
        """Keep the routes.  UsageError where two of them are the same."""
        refuse_equal(routes)
        self.routes = routes
        paths = sorted({path for route in routes for path in route.values})
        self._columns = {path: f"\x00path{number}" for number, path in enumerate(paths)}

    @property
    def fields(self) -> dict[str, str]:
        """The paths that the routes ask for, by the columns in which they are to stand."""
        return {column: path for path, column in self._columns.items()}

    def numbers(self, chunk: Chunk) -> npt.NDArray[np.int64]:
        """Return the number of the route of each row, or why it has none."""
        taken = chunk.cells.select(
            route.takes(self._columns).alias(str(number)) for number, route in enumerate(self.routes)
        )
        table = taken.to_numpy().reshape(len(chunk.record), len(self.routes)).astype(np.bool_)
        count = table.sum(axis=1)
        first = table.argmax(axis=1) if len(self.routes) else np.zeros(len(count), dtype=np.int64)
        return np.where(count == 1, first, np.where(count == 0, _NOBODY, _SEVERAL))

    def refused(
        self, item: Origin, chunk: Chunk, numbers: npt.NDArray[np.int64]
    ) -> tuple[RecordBatch, Counter[str]] | None:
        """Return the rows that have no route, and what could not be read, with the codes of their reasons."""
        rows = np.flatnonzero(numbers < 0)
        if not len(rows) and not chunk.unreadable:
            return None
        codes = [UNMATCHED if numbers[row] == _NOBODY else AMBIGUOUS for row in rows.tolist()]
        batch = records_at(item, chunk, rows, [[_reason(code)] for code in codes])
        if chunk.unreadable:
            batch = merge_unreadable(batch, list(chunk.unreadable), placed=chunk.offset is not None)
        return batch, Counter([*codes, *(unreadable.code for unreadable in chunk.unreadable)])


class Router:
    """Sends every record of some inputs to the file of its route."""

    def __init__(self, routes: Sequence[Route], settings: Settings) -> None:
        """Keep the routes."""
        self.routes = routes
        self._routing = Routing(routes)
        self._settings = settings

    def distribute(self, inputs: Sequence[Input], files: Sequence[Path], unmatched: OutputFile) -> Routed:
        """Read all inputs once; fill a file for each route, and the file of records that have none.  SourceError."""
        now = format_now(self._settings.now)
        writers = [_writer(path, route.plan, now) for path, route in zip(files, self.routes, strict=True)]
        rest = QuarantineWriter(unmatched, UNMATCHED_SPEC, now)
        routed = Routed(taken=[0] * len(writers))
        try:
            for item in inputs:
                account = self._read(item, writers, rest, routed)
                routed.accounts.append((item.name, account))
                for writer in (*writers, rest):
                    writer.add_source(source_line(item, account))
            for writer in (*writers, rest):
                writer.close()
        except BaseException:
            for writer in (*writers, rest):
                writer.abort()
            raise
        return routed

    def _read(
        self, item: Input, writers: Sequence[QuarantineWriter], rest: QuarantineWriter, routed: Routed
    ) -> Account:
        """Read one input and return its account."""
        reader = item.reading(self._routing.fields).open(self._settings, None, None)
        for chunk in reader.chunks():
            numbers = self._routing.numbers(chunk)
            for number, rows in by_route(numbers):
                batch = records_at(item, chunk, rows, [b"[]"] * len(rows))
                writers[number].write(batch)
                routed.taken[number] += len(rows)
            refused = self._routing.refused(item, chunk, numbers)
            if refused is not None:
                rest.write(refused[0])
                routed.refused.update(refused[1])
            routed.read += chunk.records
            self._settings.progress(0 if chunk.length is None else int(chunk.length.sum()))
        return reader.account


def same_framing(bound: Sequence[Sequence[Input]]) -> None:
    """UsageError unless all plans of a folder frame every input in the same way; `bound` holds the inputs of each."""
    for versions in zip(*bound, strict=True):
        forms = {repr(_framing(item)) for item in versions}
        if len(forms) > 1:
            raise UsageError(f"{versions[0].name}: the specs of the folder declare different forms of this source")
        if versions[0].source.dialect.format in {"parquet", "frame"}:  # whose values are of types that texts lose
            raise UsageError(f"{versions[0].name}: a folder of specs reads CSV, JSON and JSON Lines")


def _framing(item: Input) -> Any:
    """Return what decides where records begin and end."""
    plain = item.reading({}).source.dialect
    return replace(plain, name="")


def _writer(path: Path, plan: CompiledPlan, now: str) -> QuarantineWriter:
    """Return the writer of a route's file, which has the form of a quarantine of its plan."""
    spec = {"event": plan.event, "version": plan.version, "fingerprint": plan.fingerprint}
    return QuarantineWriter(OutputFile(path, 0o600), spec, now)


def by_route(numbers: npt.NDArray[np.int64]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
    """Yield each route that has rows, with its rows in order."""
    for number in np.unique(numbers[numbers >= 0]).tolist():
        yield number, np.flatnonzero(numbers == number)


def _reason(code: str) -> dict[str, Any]:
    return {
        "check": code,
        "code": code,
        "field": None,
        "value": None,
        "message": _MESSAGES[code],
        "severity": "error",
    }


def refuse_equal(routes: Sequence[Route]) -> None:
    """UsageError where two specs say the same of the records that they take: one of them would never be used."""
    seen: dict[str, Route] = {}
    for route in routes:
        said = repr(sorted(route.values.items()))
        if said in seen:
            plans = " and ".join(f"{other.plan.event} {other.plan.version}" for other in (seen[said], route))
            raise UsageError(f"two specs of the folder take the same records: {plans}")
        seen[said] = route
