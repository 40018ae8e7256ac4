"""The second half of the kernel: filter, dedupe, impute, checks, and the split by four doors.

Failure is a column: one Boolean mask per check over the rows that are left, one split, and reasons only for
the rows that are refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.checks.base import Check
from dq.dtypes.literals import polars_literal
from dq.outcome import Counts, Outcome
from dq.plan.contents import contents_of
from dq.plan.entry import where_true
from dq.plan.evidence import wrong_values
from dq.plan.fitting import apply_levels
from dq.plan.merging import fill_gaps
from dq.plan.reasons import refuse, values_of
from dq.plan.rows import ROW, Rows, ask, blocked_column, fails_column, passes_column, seen_column, stops_column
from dq.plan.supply import compute

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from dq.expressions import Typed
    from dq.plan.bound import BoundCheck, BoundField, BoundFilter
    from dq.plan.decisions import Decisions
    from dq.plan.plan import CompiledPlan

EXAMPLES = 5  # failing rows that each check shows in the report, unless more are asked for
_MOMENTS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(2000, 2, 3, tzinfo=UTC))  # any two


@dataclass(slots=True)
class Verdicts:
    """The masks of every check over the rows that are left, in the order in which reasons are given."""

    fails: dict[str, pl.Series] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)


def filter_rows(rows: Rows, filters: tuple[BoundFilter, ...], now: datetime) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Take out the rows that are not kept, and mark those for which a filter is unknown.

    Returns the positions that left and the filter that each left by.  Unknown is a failure under the
    filter's id.  A filter that reads a blocked cell is unknown, too, whatever it makes of a null; the cell has
    its reason already.
    """
    gone: list[npt.NDArray[np.int64]] = []
    names: list[str] = []
    for bound in filters:
        keep = rows.frame.select(pl.col(ROW), bound.keep.lower(pl.col, now).alias("keep"))["keep"]
        unknown, out = keep.is_null(), ~keep.fill_null(value=True)
        expression = rows.blocked(bound.keep.fields)
        if expression is not None:
            blocked = rows.frame.select(expression.alias(stops_column(bound.id))).to_series()
            unknown, out = unknown & ~blocked, out & ~blocked
            rows.frame = rows.frame.with_columns(blocked)
        rows.frame = rows.frame.with_columns(unknown.alias(fails_column(bound.id)))
        if unknown.any():  # The reason shows what the filter saw, not what is imputed later.
            seen = [pl.col(name).alias(seen_column(bound.id, name)) for name in sorted(bound.keep.fields)]
            rows.frame = rows.frame.with_columns(seen)
        if out.any():
            left = rows.frame[ROW].filter(out).to_numpy().astype(np.int64)
            gone.append(left)
            names.extend([bound.id] * len(left))
            rows.frame = rows.frame.filter(~out)
    positions = np.concatenate(gone) if gone else np.empty(0, dtype=np.int64)
    order = np.argsort(positions, kind="stable")
    return positions[order], [names[i] for i in order]


def remove_losers(rows: Rows, first: int, count: int, decisions: Decisions) -> tuple[Any, Any]:
    """Take out the rows that lost to another with the same key; return their positions and the winners' ordinals."""
    positions, winners = decisions.lost(first, count)
    if len(positions):
        rows.frame = rows.frame.filter(~pl.col(ROW).is_in(pl.Series(positions, dtype=pl.UInt32).implode()))
    return positions, winners


def impute(rows: Rows, fields: tuple[BoundField, ...]) -> None:
    """Fill missing values with constants; a cell that failed to cast is left alone.

    Every indicator column exists afterwards: where nothing was filled it is false.
    """
    for bound in fields:
        name = bound.name
        if bound.indicates is not None and not rows.has(name):
            rows.frame = rows.frame.with_columns(pl.lit(value=False).alias(name))
        if bound.impute is None or not rows.has(name) or not rows.frame[name].null_count():
            continue
        filled = pl.col(name).fill_null(polars_literal(bound.type, bound.impute))
        if rows.has(blocked_column(name)):
            filled = pl.when(pl.col(blocked_column(name))).then(pl.col(name)).otherwise(filled)
        values = rows.frame.select(filled.alias(name))[name]
        rows.change(bound.constant_id, name, values, bound.impute_indicator)


class Questions:
    """What is asked of the rows of a plan, as expressions; those that are the same at every moment are made once."""

    def __init__(self, plan: CompiledPlan) -> None:
        """Sort the checks by how they are answered."""
        asked = (check for check in plan.checks if check.check is not None or check.assertion is not None)
        self.asked = [
            check for check in asked if check.on_fail != "set_null" and check.kind != "type" and not check.keys
        ]
        self.names = {check.id: _answer(check) for check in self.asked}
        self._certain = {
            check.id: check.check.is_certain
            for check in self.asked
            if check.where is None and check.check is not None and type(check.check).is_certain is not Check.is_certain
        }
        self.excuses: dict[str, list[str]] = {}  # the checks that give reasons of a field, by field
        for check in plan.checks:
            if check.field is not None and check.refuses:
                self.excuses.setdefault(check.field, []).append(check.id)
        self._steady: dict[str, pl.Expr | None] = {}

    def columns(self, rows: Rows, now: datetime) -> list[pl.Expr]:
        """Return the answers of the checks and, behind those that have one, where their condition is true.

        What is certain is not asked.
        """
        columns = []
        for check in self.asked:
            if self._passes(rows, check):
                continue
            name = self.names[check.id]
            columns.append(self._at(name, partial(check.passes, pl.col), now))
            if check.where is not None:
                columns.append(self._condition(rows, _condition(check), check.where, now))
        return columns

    def _passes(self, rows: Rows, check: BoundCheck) -> bool:
        """Whether a check is asked of all rows, and all of them pass for certain."""
        is_certain = self._certain.get(check.id)
        return is_certain is not None and rows.is_free(check.reads) and is_certain(rows.columns[str(check.field)])

    def _condition(self, rows: Rows, name: str, where: Typed, now: datetime) -> pl.Expr:
        """Return where a condition is true; most chunks have no blocked cell that it would read."""
        if rows.blocked(where.fields) is not None:
            return where_true(rows, where, now).alias(name)
        return self._at(name, partial(where_true, rows, where), now)

    def _at(self, name: str, build: Callable[[datetime], pl.Expr], now: datetime) -> pl.Expr:
        """Return an expression at a moment, under its name."""
        if name not in self._steady:
            one, other = (build(moment).alias(name) for moment in _MOMENTS)
            self._steady[name] = one if one.meta.eq(other) else None
        return build(now).alias(name) if (steady := self._steady[name]) is None else steady


def _answer(check: BoundCheck) -> str:
    return "answer:" + check.id


def _condition(check: BoundCheck) -> str:
    return "where:" + check.id


class Judge:
    """Ask every check of the rows that are left."""

    def __init__(self, plan: CompiledPlan, now: datetime, questions: Questions | None = None) -> None:
        """Prepare the questions, unless those of another moment are given."""
        self.plan = plan
        self.now = now
        self.questions = questions or Questions(plan)

    def ask(self, rows: Rows, first: int, count: int, decisions: Decisions) -> Verdicts:
        """Return the failing masks and the counts of every check, in the plan's order."""
        answers = ask(rows.frame, [pl.col(ROW), *self.questions.columns(rows, self.now)])
        names, height = frozenset(answers.columns), answers.height
        alone = answers.row(0, named=True) if height == 1 else {}
        verdicts = Verdicts()
        for check in self.plan.checks:
            name = self.questions.names.get(check.id)
            if name is None and check.keys:
                self._unique(rows, check, decisions.repeats(check.id, first, count), verdicts)
            elif name is None:
                self._early(rows, check, verdicts)
            elif name not in names or (alone.get(name) and check.where is None and rows.is_free(check.reads)):
                verdicts.counts[check.id] = Counts(passed=height)  # for certain, or by the answer about the only row
            else:
                where = answers.get_column(_condition(check)) if check.where is not None else None
                self._count(rows, check, answers.get_column(name), where, verdicts)
        self._assertions(verdicts)
        return verdicts

    def _blocked(self, rows: Rows, check: BoundCheck) -> pl.Series | None:
        expression = rows.blocked(check.reads)
        return None if expression is None else rows.frame.select(expression.alias("blocked"))["blocked"]

    def _count(
        self, rows: Rows, check: BoundCheck, answer: pl.Series, where: pl.Series | None, verdicts: Verdicts
    ) -> None:
        """Count the answers (true, false, null) of a check of the rows of which it is asked: `where` is true or not."""
        blocked, height = self._blocked(rows, check), rows.frame.height
        asked, in_the_way = where, 0
        if blocked is not None:
            asked = ~blocked if where is None else where & ~blocked
            in_the_way = int((blocked if where is None else blocked & where).sum())
        passes = answer if asked is None else answer & asked
        counts = Counts(passed=int(passes.sum()), blocked=in_the_way)
        if int(answer.sum()) + answer.null_count() < height:  # no mask is made of what nobody fails
            fails = ~answer if asked is None else ~answer & asked
            counts.failed = int(fails.sum())
            if counts.failed:
                verdicts.fails[check.id] = fails.fill_null(value=False) if fails.null_count() else fails
        counts.skipped = height - counts.passed - counts.failed - counts.blocked
        verdicts.counts[check.id] = counts
        if check.assertion is not None and counts.skipped:
            unknown = answer.is_null() if asked is None else answer.is_null() & asked
            verdicts.fails["unknown:" + check.id] = unknown.fill_null(value=False)

    def _assertions(self, verdicts: Verdicts) -> None:
        """Fail assertions that are unknown: they must be true, unless one of their operands already has a reason."""
        for check in self.questions.asked:
            unknown = verdicts.fails.pop("unknown:" + check.id, None) if check.assertion is not None else None
            if unknown is None:
                continue
            excuses = (i for name in sorted(check.reads) for i in self.questions.excuses.get(name, ()))
            faulted = unknown
            for mask in (verdicts.fails[i] for i in excuses if i in verdicts.fails):
                faulted = faulted & ~mask
            counts = verdicts.counts[check.id]
            failed = int(faulted.sum())
            counts.failed += failed
            counts.skipped -= failed
            if failed:
                verdicts.fails["unknown:" + check.id] = faulted
                known = verdicts.fails.get(check.id)
                verdicts.fails[check.id] = faulted if known is None else known | faulted

    def _unique(self, rows: Rows, check: BoundCheck, repeats: npt.NDArray[np.bool_], verdicts: Verdicts) -> None:
        positions = rows.rows()
        fails = pl.Series(repeats[positions], dtype=pl.Boolean)
        blocked = self._blocked(rows, check)
        asked = pl.all_horizontal(pl.col(key).is_not_null() for key in check.keys)
        where = pl.lit(value=True) if check.where is None else where_true(rows, check.where, self.now)
        masks = rows.frame.select(pl.col(ROW), (asked & where).alias("keyed"), where.alias("where"))
        keyed = masks["keyed"]
        counts = Counts(failed=int(fails.sum()))
        if blocked is not None:
            counts.blocked = int((blocked & masks["where"]).sum())
            keyed = keyed & ~blocked
        counts.passed = int(keyed.sum()) - counts.failed
        counts.skipped = rows.frame.height - counts.passed - counts.failed - counts.blocked
        verdicts.counts[check.id] = counts
        if counts.failed:
            verdicts.fails[check.id] = fails

    def _early(self, rows: Rows, check: BoundCheck, verdicts: Verdicts) -> None:
        """Count the checks that were answered by the cast, by cleaning, or before anything was learnt."""
        height, columns = rows.frame.height, rows.columns
        failed = stopped = 0
        if (fails := columns.get(fails_column(check.id))) is not None:
            failed = int(fails.sum())
            if failed:
                verdicts.fails[check.id] = fails
        if (stops := columns.get(stops_column(check.id))) is not None:
            stopped = int(stops.sum())
        if (passes := columns.get(passes_column(check.id))) is not None:
            passed = int(passes.sum())
        elif check.kind == "type":
            passed = height - columns[str(check.field)].null_count()
        else:
            passed = height - failed - stopped
        skipped = height - passed - failed - stopped
        verdicts.counts[check.id] = Counts(passed=passed, failed=failed, skipped=skipped, blocked=stopped)


class Departure:
    """Send each row through its door."""

    def __init__(
        self, plan: CompiledPlan, now: datetime, shown: int = EXAMPLES, questions: Questions | None = None
    ) -> None:
        """Prepare the judge; `shown` is how many failing rows of each check are named: 0 where nobody asks for them."""
        self.plan = plan
        self.now = now
        self.shown = shown
        self.judge = Judge(plan, now, questions)
        self._late = [f for f in plan.derived if f.late]

    def at(self, now: datetime) -> Departure:
        """Return the departure at another moment, which shares what is prepared."""
        return Departure(self.plan, now, self.shown, self.judge.questions)

    def leave(self, rows: Rows, first: int, decisions: Decisions) -> Outcome:
        """Return the outcome of the rows of one chunk whose first row has the ordinal `first`."""
        count = rows.frame.height
        filtered, filtered_by = filter_rows(rows, self.plan.filters, self.now)
        contents = contents_of(rows, self.plan.fields, decisions.to_compare(first, count))
        lost, lost_to = remove_losers(rows, first, count, decisions)
        fill_gaps(rows, rows.rows() + first, decisions.merged, self.plan, self.now)
        apply_levels(rows, self.plan.fits, decisions.fitted)
        impute(rows, self.plan.fields)
        compute(rows, self._late, self.now)
        verdicts = self.judge.ask(rows, first, count, decisions)
        refusing = [c for c in self.plan.checks if c.refuses and c.id in verdicts.fails] if verdicts.fails else []
        refused = np.zeros(rows.frame.height, dtype=np.bool_)
        for check in refusing:
            refused |= verdicts.fails[check.id].to_numpy()
        aborted = next((c.id for c in refusing if c.on_fail == "abort"), None)
        accepted = rows.frame.filter(pl.Series(~refused)) if refused.any() else rows.frame
        return Outcome(
            accepted=accepted[self.plan.canonical_columns],
            accepted_rows=accepted[ROW].to_numpy().astype(np.int64),
            refused=refuse(self.plan.checks, rows, refused, verdicts.fails),
            filtered_rows=filtered,
            filtered_by=filtered_by,
            deduplicated_rows=lost,
            lost_to=lost_to,
            counts=verdicts.counts,
            changes=rows.changes,
            failures=self._examples(rows, verdicts),
            text=rows.text,
            aborted=aborted,
            contents=contents,
            wrong=wrong_values(self.plan, rows, verdicts.fails) if self.shown else {},
        )

    def _examples(self, rows: Rows, verdicts: Verdicts) -> dict[str, list[tuple[int, Any]]]:
        """Return the first failing rows of each check, by position in the chunk, with their values."""
        examples: dict[str, list[tuple[int, Any]]] = {}
        positions = rows.rows()
        for check in self.plan.checks if verdicts.fails and self.shown else ():
            fails = verdicts.fails.get(check.id)
            if fails is not None:
                where = np.flatnonzero(fails.to_numpy())[: self.shown]
                examples[check.id] = list(zip(positions[where].tolist(), values_of(rows, check, where), strict=True))
        return examples
