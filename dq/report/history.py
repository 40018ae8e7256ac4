"""Reports of many runs side by side: verdicts, refusals and drift over time, and which promise began to fail when.

Everything comes from the reports alone.  Runs are in the order of their `now`, those of one moment in the order of
their names, and each event has a history of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from dq.errors import UsageError
from dq.report.model import load_report
from dq.report.verdict import Verdict

OTHERS = frozenset({"manifest.json", "run.json", "schema.json", "state.json"})
"""What else a run writes as JSON."""
BROKEN = frozenset({"fail", "warn"})


@dataclass(frozen=True, slots=True)
class Run:
    """One run: the name of its report below the folder, and the report."""

    name: str
    report: Mapping[str, Any]

    @property
    def now(self) -> str:
        """The moment of the run, as the report has it."""
        return str(self.report["now"])

    @property
    def verdict(self) -> Verdict:
        """`pass`, `warn` or `fail`."""
        found: Verdict = self.report["verdict"]
        return found

    @property
    def refused(self) -> float:
        """The share of refused records among those that were read; 0 where nothing was read."""
        records = self.report["records"]
        share: float = records["quarantined"] / records["read"] if records["read"] else 0.0
        return share


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of one promise in each run: its verdict, or None where the run did not ask."""

    id: str
    field: str | None
    verdicts: tuple[str | None, ...]
    shares: tuple[float | None, ...]

    @property
    def broke(self) -> tuple[int, ...]:
        """The runs, by their place, in which it did not hold."""
        return tuple(place for place, verdict in enumerate(self.verdicts) if verdict in BROKEN)

    @property
    def began(self) -> int:
        """The first run of the last stretch in which it did not hold; runs that did not ask do not end a stretch."""
        last = self.broke[-1]
        earlier = reversed(list(enumerate(self.verdicts[: last + 1])))
        return min(
            place for place, _ in takewhile(lambda run: run[1] in {*BROKEN, None}, earlier) if place in self.broke
        )

    @property
    def is_broken(self) -> bool:
        """Whether it did not hold when it was asked last."""
        asked = [verdict for verdict in self.verdicts if verdict is not None]
        return asked[-1] in BROKEN


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of drift over the runs, with the limit that the last run that knows one set."""

    field: str
    measure: str
    values: tuple[float | None, ...]
    limit: float

    @property
    def side(self) -> str:
        """Where values have to be seen from the limit: a p-value above it, a distance below."""
        return "≥" if self.measure == "chi_square" else "≤"


@dataclass(frozen=True, slots=True)
class History:
    """The runs of one event."""

    event: str
    runs: tuple[Run, ...]
    promises: tuple[Promise, ...]
    drift: tuple[Measured, ...]

    def counted(self, verdict: str) -> int:
        """Return how many runs had a verdict."""
        return sum(run.verdict == verdict for run in self.runs)

    @property
    def since(self) -> Run | None:
        """The first run of the failures that the history ends with; None where the last run did not fail."""
        streak = list(takewhile(lambda run: run.verdict == "fail", reversed(self.runs)))
        return streak[-1] if streak else None


def read_histories(folder: str | Path) -> list[History]:
    """Return the histories of the events whose reports stand in a folder, by event.

    Taken are each `report.json` at any depth, and every other JSON file of the folder itself but those that a run
    writes beside its report.  UsageError for a file that is no report, and for a folder without any.
    """
    root = Path(folder)
    if not root.is_dir():
        raise UsageError(f"{folder} is not a folder of reports")
    beside = {path for path in root.glob("*.json") if path.name not in OTHERS}
    paths = sorted({*beside, *root.rglob("report.json")}, key=lambda path: path.relative_to(root).as_posix())
    if not paths:
        raise UsageError(f"{folder}: there is no report in this folder")
    return histories([Run(path.relative_to(root).as_posix(), load_report(path).data) for path in paths])


def histories(runs: Sequence[Run]) -> list[History]:
    """Return the histories of some runs, by event."""
    events = sorted({str(run.report["spec"]["event"]) for run in runs})
    return [_history(event, [run for run in runs if run.report["spec"]["event"] == event]) for event in events]


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Return runs by their moments, those of one moment by their names."""
    return sorted(runs, key=lambda run: (_moment(run.now), run.name))


def _history(event: str, runs: list[Run]) -> History:
    runs = in_order(runs)
    return History(event, tuple(runs), tuple(_promises(runs)), tuple(_drift(runs)))


def _moment(now: str) -> str:
    """Return a moment so that texts are in the order of time, with and without a fraction of a second."""
    whole, _, fraction = now.removesuffix("Z").partition(".")
    return f"{whole}.{fraction:0<6}"


def _asked(report: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return what a run was asked, by id: checks, expectations, and what `ml` asks."""
    items = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
    return {str(item["id"]): item for item in items}


def _promises(runs: list[Run]) -> list[Promise]:
    """Return the promises that did not hold in some run: those broken now first, the newest break first."""
    asked = [_asked(run.report) for run in runs]
    ids = dict.fromkeys(name for run in asked for name in run)
    found = []
    for name in ids:
        items = [run.get(name) for run in asked]
        field = next(item.get("field") for item in items if item is not None)
        found.append(Promise(name, field, tuple(_each(items, _state)), tuple(_each(items, _share))))
    broken = [promise for promise in found if promise.broke]
    return sorted(broken, key=lambda promise: (not promise.is_broken, -promise.began, promise.id))


def _each(items: list[Mapping[str, Any] | None], of: Callable[[Mapping[str, Any]], Any]) -> list[Any]:
    """Return what each item says, None where there is none."""
    return [None if item is None else of(item) for item in items]


def _state(item: Mapping[str, Any]) -> str:
    """Return a verdict: rows that failed a check where the gate counts refusals are a break that only warns."""
    verdict = str(item["verdict"])
    return "warn" if verdict == "tolerated" and item["failed"] else verdict


def _share(item: Mapping[str, Any]) -> float | None:
    """Return the share of failures among the rows that a check was to judge; None for other promises."""
    if "failed" not in item:
        return None
    judged = item["evaluated"] + item["blocked"]
    return item["failed"] / judged if judged else 0.0


def _drift(runs: list[Run]) -> list[Measured]:
    """Return the measures of drift that a limit was set for in some run, in the order of the reports."""
    known = [_measures(run.report) for run in runs]
    names = dict.fromkeys(name for run in known for name, (_, limit) in run.items() if limit is not None)
    found = []
    for field, measure in names:
        pairs = [run.get((field, measure), (None, None)) for run in known]
        limits = [limit for _, limit in pairs if limit is not None]
        found.append(Measured(field, measure, tuple(value for value, _ in pairs), limits[-1]))
    return found


def _measures(report: Mapping[str, Any]) -> dict[tuple[str, str], tuple[float | None, float | None]]:
    """Return the value and the limit of each measure of each field that was compared."""
    measured = ((str(entry["field"]), entry.get("measures") or {}) for entry in report["drift"])
    return {
        (field, name): (found["value"], found["limit"])
        for field, measures in measured
        for name, found in measures.items()
    }
