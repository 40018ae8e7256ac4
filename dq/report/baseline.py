"""The report of an earlier run that a batch is compared with, so that only what is new or worse fails."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from dq.errors import UsageError
from dq.report.wording import percent

if TYPE_CHECKING:
    from dq.outcome import Counts
    from dq.plan.plan import CompiledPlan

Standing = Literal["new", "worse", "known", "fixed"]
HELD = frozenset({"pass", "not_evaluated"})
GATE = "gate"
"""By this name a report compares the share of refused records, which is no check."""


@dataclass(frozen=True, slots=True)
class Compared:
    """How a promise that does not hold stands to the baseline; the shares are of what failed, None where none is."""

    standing: Standing
    before: Fraction | None = None
    after: Fraction | None = None

    @property
    def words(self) -> str:
        """The comparison in words, to stand behind those of the failure."""
        if self.standing == "new":
            return "new since the baseline"
        share = "" if self.before is None else f" ({percent(float(self.before))})"
        return f"{'worse than' if self.standing == 'worse' else 'no worse than'} in the baseline{share}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What an earlier report knew of failures.

    `shares` has by check the share of what it was asked that failed or was blocked, `refused` the share of refused
    records (those that only waivers excuse left out), `broken` every promise that did not hold.
    """

    about: Mapping[str, Any]
    shares: Mapping[str, Fraction]
    refused: Fraction
    broken: frozenset[str]

    @classmethod
    def of(cls, report: Mapping[str, Any], data: bytes, plan: CompiledPlan) -> Baseline:
        """Return what a report, whose bytes are `data`, knows; UsageError if it is of another event than the plan."""
        spec = report["spec"]
        if spec["event"] != plan.event:
            raise UsageError(f"the baseline is of the event {spec['event']!r}, and this spec is of {plan.event!r}")
        about = {**spec, "now": report["now"], "verdict": report["verdict"], "sha256": hashlib.sha256(data).hexdigest()}
        records = report["records"]
        waived = report.get("waivers", {}).get("refused", 0)
        judged = records["accepted"] + records["quarantined"]
        promises = [*report["checks"], *report["expectations"], *report["ml"].get("checks", [])]
        return cls(
            about,
            {check["id"]: share for check in report["checks"] if (share := _share(check)) is not None},
            Fraction(records["quarantined"] - waived, judged) if judged else Fraction(0),
            frozenset(item["id"] for item in promises if item["verdict"] not in HELD),
        )

    def compare_check(self, name: str, counts: Counts) -> Compared:
        """Compare a check that does not hold: it is known if no larger share failed than in the baseline."""
        asked = counts.passed + counts.failed + counts.blocked
        return _compare(self.shares.get(name, Fraction(0)), Fraction(counts.failed + counts.blocked, asked))

    def compare_refused(self, share: Fraction) -> Compared:
        """Compare a share of refused records that the gate does not tolerate."""
        return _compare(self.refused, share)

    def compare_promise(self, name: str) -> Compared:
        """Compare an expectation or a question that does not hold: it is known if it did not hold in the baseline."""
        return Compared("known" if name in self.broken else "new")


def _share(check: Mapping[str, Any]) -> Fraction | None:
    """Return the share of what a check was asked that failed or was blocked; None where nothing was asked."""
    asked = check["evaluated"] + check["blocked"]
    return Fraction(check["failed"] + check["blocked"], asked) if asked else None


def _compare(before: Fraction, after: Fraction) -> Compared:
    """Return how a share stands to the one before."""
    standing: Standing = "known" if after <= before else "worse" if before else "new"
    return Compared(standing, before, after)
