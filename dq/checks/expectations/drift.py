"""Whether a field is distributed as it was when a state was learnt: `drift`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

from pydantic import Field

from dq.checks.expectations.base import EXPECTATIONS, Batch, Expectation, FieldParams, Judgement, Subject
from dq.dtypes.types import Family
from dq.params import Exact, ParamError, Share
from dq.states.comparison import FEW, Histograms, aligned, categories, quantile_bins, single, values_in_order
from dq.states.counts import Counts
from dq.states.divergence import (
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    kolmogorov_smirnov_at_most,
    population_stability,
)
from dq.states.moments import Moments
from dq.states.occurrences import OccurrencesOf
from dq.states.quantiles import Quantiles
from dq.states.reference import COMPARABLE, ReferenceOf
from dq.states.scalars import plain
from dq.states.spans import Spans
from dq.states.top import Top

if TYPE_CHECKING:
    from dq.states.measures import Measure
    from dq.states.profile import Profile

DIGITS = 9
SHOWN = 10
_ORDERED = frozenset({Family.NUMBER, Family.DATE, Family.TIME, Family.DATETIME, Family.DURATION})
_NOTHING_GIVEN = "no state was given, so there is nothing to compare with"
_MANY = "there are too many distinct values to compare them one by one"


class Found(NamedTuple):
    """The value of one measure, None where there is none, and what the report tells beside it."""

    value: float | None
    beside: Mapping[str, Any] = {}


@EXPECTATIONS.register
class Drift(Expectation):
    """The accepted values are distributed as the reference in the state: `dq run --state`, `Plan.run(state=…)`.

    `dq fit`, and every run without a state, learn the reference of the fields that ask for it; a run with a state
    compares with it.  Where no state is given there is nothing to compare with, and drift is `not_evaluated`.

    Numbers, dates and times are compared in about ten bins that hold equal shares of the reference (a value that holds
    a tenth by itself has its own), and one bin each for what lies below and above of all of it. Text and booleans, and
    numbers of which the reference has at most 20 distinct ones, are compared value by value, with one bin for all
    values that the reference does not have. Missing values are left out, but for `missing`. The counts of the bins are
    exact. All measures are in the report; those that are given a limit are judged.

    * `psi`, the population stability index: the sum over the bins of (b - r) ln(b / r), r and b being the shares of
      the reference and of the batch, at least 0.0001. Below 0.1 is usually called stable, above 0.25 shifted (Siddiqi
      2006).
    * `js`, the Jensen-Shannon distance: the root of the divergence to base 2, from 0 to 1 (Lin 1991).
    * `ks`, the Kolmogorov-Smirnov statistic: the greatest distance of the two distribution functions, from 0 to 1. It
      is exact where both have at most 1000 distinct numbers, and otherwise taken at the ends of fine bins (0.4 % of a
      number; of dates and times, one of some 2000 spans); the report says how much it could be at most.
    * `chi_square`, Pearson's test of homogeneity: the limit is the least p-value that still passes. With many rows it
      finds differences that do not matter; `psi` and `js` do not grow with the rows.
    * `new_values`: the share of values that the reference does not have.
    * `mean`: how far the mean moved, in standard deviations of the reference.
    * `missing`: how far the share of missing values moved, up or down.
    """

    kind = "drift"
    title = "The values are distributed as in the state."
    example = "drift: {psi: 0.2, missing: 5%}"
    example_values = ("1", "2")
    families = COMPARABLE

    class Params(FieldParams):
        """The limits, at least one of them."""

        psi: Exact | None = Field(None, description="The greatest population stability index.")
        js: Share | None = Field(None, description="The greatest Jensen-Shannon distance.")
        ks: Share | None = Field(None, description="The greatest Kolmogorov-Smirnov statistic; of what has an order.")
        chi_square: Share | None = Field(None, description="The least p-value of the chi-square test.")
        new_values: Share | None = Field(None, description="The largest share of values that the reference lacks.")
        mean: Exact | None = Field(None, description="The largest move of the mean, in standard deviations.")
        missing: Share | None = Field(None, description="The largest move of the share of missing values.")

    def __init__(self, params: Any, subject: Subject) -> None:
        """Keep the limits.  ParamError DQ306 without any, DQ308 and DQ321 for one that cannot be meant."""
        super().__init__(params, subject)
        given = {name: getattr(params, name) for name in MEASURES}
        self.limits: dict[str, Fraction] = {name: limit for name, limit in given.items() if limit is not None}
        if not self.limits:
            raise ParamError("DQ306", "psi", kind=self.kind)
        for name, limit in self.limits.items():
            if limit < 0:
                raise ParamError("DQ308", name, kind=self.kind, problem="a distance is never negative")
            if not self._fits(name):
                raise ParamError("DQ321", name, option=name, problem=f"{subject.type} {_LACKS[name]}")
        self.measure = ReferenceOf(subject.field, subject.type)

    def _fits(self, name: str) -> bool:
        """Whether values of the field's type have what a measure asks about."""
        family = self.subject.type.family
        if name == "new_values":
            return family in {Family.TEXT, Family.BOOLEAN} or self.subject.type.name == "integer"
        return name not in _LACKS or family in (_ORDERED if name == "ks" else {Family.NUMBER})

    def idle(self) -> bool:
        """Whether every limit lies at the end of its range."""
        ends = {"js": 1, "ks": 1, "chi_square": 0, "new_values": 1, "missing": 1}
        return all(name in ends and limit == ends[name] for name, limit in self.limits.items())

    def compares(self) -> ReferenceOf:
        """Return the reference profile of the field."""
        return self.measure

    def measures(self) -> tuple[Measure[Any], ...]:
        """Return the same profile of the batch, from which a reference is made where no state is given."""
        return (self.measure,)

    def measures_against(self, reference: Profile) -> tuple[Measure[Any], ...]:
        """Return the counts of the values that the reference has, where it counts them."""
        if not reference.has(Top) or not reference.state(Top).complete:
            return ()
        return (self._known(reference),)

    def _known(self, reference: Profile) -> OccurrencesOf:
        return OccurrencesOf(self.subject.field, tuple(value for value, _ in reference.state(Top).ranked()))

    def judge(self, batch: Batch) -> Judgement:
        """Compare the batch with the reference, measure by measure."""
        expected = ", ".join(_words(name, limit) for name, limit in self.limits.items())
        if batch.references is None:
            return Judgement(None, None, expected, _NOTHING_GIVEN, quiet=True)
        reference = batch.references.get(self.subject.field)
        if reference is None:
            note = f"the state has no reference profile of {self.subject.field}; fit it again with this spec"
            return Judgement(None, None, expected, note)
        found, histograms = self._found(reference, batch)
        asked = {name: found[name].value for name in self.limits}
        passed = [_passes(name, asked[name], limit) for name, limit in self.limits.items()]
        observed = ", ".join(f"{name} {value:.4g}" for name, value in asked.items() if value is not None)
        verdict = False if False in passed else None if None in passed else True
        return Judgement(
            verdict,
            observed or None,
            expected,
            self._why_not(reference, batch) if verdict is None else None,
            details=self._details(reference, batch, found, histograms),
        )

    def _found(self, reference: Profile, batch: Batch) -> tuple[dict[str, Found], Histograms | None]:
        """Return every measure that the field's type has, and the bins they are of."""
        now = batch.measured.of(self.measure)
        nothing = {name: Found(None) for name in MEASURES if self._fits(name)}
        found = nothing | {"missing": _moved_missing(reference, now)}
        histograms = self._histograms(reference, batch)
        if histograms is None or not histograms.reference.any() or not histograms.batch.any():
            return found, histograms
        found |= _of_bins(histograms)
        if "new_values" in nothing and self.measures_against(reference):
            others = batch.measured.of(self._known(reference)).others
            found["new_values"] = Found(others / max(1, now.state(Counts).rows - now.state(Counts).nulls))
        if "ks" in nothing:
            found["ks"] = _ks(reference, now)
        if "mean" in nothing:
            found["mean"] = _moved_mean(reference, now)
        return found, histograms

    def _histograms(self, reference: Profile, batch: Batch) -> Histograms | None:
        """Return both samples in the bins of the reference; None where it could not count its values."""
        now = batch.measured.of(self.measure)
        if self.subject.type.family in _ORDERED and not _are_few(reference):
            one, two = _binned(reference), _binned(now)
            return quantile_bins(one, two) if one.bins and two.bins else None
        if not self.measures_against(reference):
            return None
        return categories(reference.state(Top), batch.measured.of(self._known(reference)))

    def _why_not(self, reference: Profile, batch: Batch) -> str:
        """Return why a measure that was asked for has no value."""
        counts = [(side, side.state(Counts)) for side in (reference, batch.measured.of(self.measure))]
        if counts[0][1].rows == counts[0][1].nulls:
            return "the reference has no values"
        if counts[1][1].rows == counts[1][1].nulls:
            return "the batch has no values"
        return _MANY

    def _details(
        self, reference: Profile, batch: Batch, found: Mapping[str, Found], histograms: Histograms | None
    ) -> dict[str, Any]:
        """Return what a report tells: every measure with its limit, both histograms, and values that are new."""
        now = batch.measured.of(self.measure)
        measures = {
            name: {
                "value": _rounded(one.value),
                "limit": None if name not in self.limits else float(self.limits[name]),
                "passed": _passes(name, one.value, self.limits[name]) if name in self.limits else None,
                **({} if name == "mean" and self.subject.pii else one.beside),
            }
            for name, one in found.items()
        }
        return {
            "reference": _counted(reference),
            "batch": _counted(now),
            "measures": measures,
            "histogram": [] if histograms is None else histograms.report(pii=self.subject.pii),
            "new_values": [] if self.subject.pii else self._new(reference, now),
        }

    def _new(self, reference: Profile, now: Profile) -> list[dict[str, Any]]:
        """Return the most frequent values that the reference does not have, where values are counted one by one."""
        if not self._fits("new_values") or not (reference.state(Top).complete and now.state(Top).complete):
            return []
        known = reference.state(Top).counts
        fresh = [(value, count) for value, count in now.state(Top).ranked() if value not in known]
        return [{"value": plain(value), "count": count} for value, count in fresh[:SHOWN]]


MEASURES = ("psi", "js", "ks", "chi_square", "new_values", "mean", "missing")
_LACKS = {
    "ks": "has no order",
    "mean": "has no mean",
    "new_values": "is not compared value by value; ask for psi, js or ks",
}


def _words(name: str, limit: Fraction) -> str:
    """Say one limit."""
    if name == "chi_square":
        return f"a p-value of chi_square of at least {float(limit):g}"
    return f"{name} at most {float(limit):g}"


def _passes(name: str, value: float | None, limit: Fraction) -> bool | None:
    """Whether a measure keeps its limit; None where it has no value."""
    if value is None:
        return None
    return value >= limit if name == "chi_square" else value <= limit


def _rounded(value: float | None) -> float | None:
    """Return a measure as the report shows it: logarithms may differ in the last digits between machines.

    What is infinite is no number of JSON, and is shown as none.
    """
    return None if value is None or math.isinf(value) else float(f"{value:.{DIGITS}g}")


def _counted(profile: Profile) -> dict[str, int]:
    counts = profile.state(Counts)
    return {"rows": counts.rows, "missing": counts.nulls}


def _of_bins(histograms: Histograms) -> dict[str, Found]:
    """Return the measures that only need the bins."""
    reference, batch = histograms.reference, histograms.batch
    test = chi_square(reference, batch)
    beside = {"statistic": _rounded(test.statistic), "degrees_of_freedom": test.freedom}
    return {
        "psi": Found(population_stability(reference, batch)),
        "js": Found(jensen_shannon(reference, batch)),
        "chi_square": Found(test.p_value, beside),
    }


def _ks(reference: Profile, now: Profile) -> Found:
    """Return the Kolmogorov-Smirnov statistic, and how much it could be at most."""
    if reference.has(Top) and reference.state(Top).complete and now.state(Top).complete:
        value = kolmogorov_smirnov(*values_in_order(reference.state(Top), now.state(Top)))
        return Found(value, {"at_most": _rounded(value)})
    both, one, two = aligned(_binned(reference), _binned(now))
    at_most = kolmogorov_smirnov_at_most(one, two, single(both))
    return Found(kolmogorov_smirnov(one, two), {"at_most": _rounded(at_most)})


def _are_few(reference: Profile) -> bool:
    """Whether the reference has so few distinct numbers that they are compared one by one."""
    return reference.has(Top) and reference.state(Top).complete and 0 < len(reference.state(Top).counts) <= FEW


def _binned(profile: Profile) -> Quantiles | Spans:
    """Return the fine bins of a profile of something that has an order."""
    return profile.state(Quantiles) if profile.has(Quantiles) else profile.state(Spans)


def _moved_mean(reference: Profile, now: Profile) -> Found:
    """Return how far the mean moved, in standard deviations of the reference: infinitely far, if that is constant."""
    before, after = reference.state(Moments), now.state(Moments)
    deviation = before.standard_deviation
    beside = {"from": before.mean, "to": after.mean}
    if not deviation:
        return Found(0.0 if before.mean == after.mean else math.inf, beside)
    moved = abs(after.total / after.count - before.total / before.count)
    return Found(float(moved) / deviation, beside)


def _moved_missing(reference: Profile, now: Profile) -> Found:
    """Return how far the share of missing values moved; None where either has no rows."""
    before, after = reference.state(Counts), now.state(Counts)
    if not before.rows or not after.rows:
        return Found(None)
    shares = [Fraction(counts.nulls, counts.rows) for counts in (before, after)]
    return Found(float(abs(shares[1] - shares[0])), {"from": float(shares[0]), "to": float(shares[1])})
