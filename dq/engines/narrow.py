"""The narrow scan: what barriers need to see of every record before any record can leave.

It reads only the columns of the plan's levels.  In memory stay 8 bytes of hash and 8 of ordinal a key; hash
equality only nominates, and the real keys, read back from a spill, decide.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from dq.engines.counting import Counting
from dq.engines.earlier import NO_EARLIER, EarlierOutputs
from dq.engines.keys import COMPLETE, EARLY, INPUT, RECORD, VALID, Keys, among, asked_keys, key_columns
from dq.engines.lane import Lane
from dq.engines.near import Near
from dq.engines.removal import decide
from dq.engines.spill import PIECE, Spill
from dq.plan.contents import read_fields
from dq.plan.decisions import Decisions
from dq.plan.departure import Judge, filter_rows, impute
from dq.plan.fitting import apply_levels
from dq.plan.levels import unique_checks
from dq.plan.merging import fill_gaps
from dq.plan.plan import Kernel
from dq.plan.rows import ORDINAL, ROW, Rows, blocked_column
from dq.plan.supply import compute
from dq.sources.base import UNKNOWN_COLUMN, Account
from dq.sources.recall import Recall
from dq.steps.fitted.base import BatchStep

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from dq.engines.base import Settings
    from dq.engines.inputs import Input
    from dq.plan.bound import BoundCheck, BoundDedupe, BoundFit
    from dq.plan.plan import CompiledPlan
    from dq.sources.base import Chunk


@dataclass(frozen=True, slots=True)
class Learnt:
    """What the narrow scan decided, where the winners are, and the accounts and the framing of what it read.

    `winners` is sorted and distinct; `winner_inputs` and `winner_records` are aligned with it.  Inputs count on
    through the earlier outputs.  `near` tells of near duplicates, where the plan looks for them.
    """

    decisions: Decisions = field(default_factory=Decisions)
    winners: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    winner_inputs: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    winner_records: npt.NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    accounts: tuple[Account, ...] = ()
    recalls: tuple[Recall, ...] = ()
    near: Near | None = None

    @property
    def sums(self) -> tuple[str, ...]:
        """The SHA-256 of every input, in their order; empty where nothing was read."""
        return tuple(account.sha256 for account in self.accounts)


class NarrowScan:
    """One scan over the columns that the levels of a plan read."""

    def __init__(
        self,
        plan: CompiledPlan,
        settings: Settings,
        fitted: Mapping[str, Any] | None = None,
        earlier: EarlierOutputs = NO_EARLIER,
    ) -> None:
        """Prepare the kernel for the closure of what the levels read.

        `fitted` is what a given state applies, `earlier` the rows that keys are compared with, too.
        """
        self.earlier = earlier
        self.plan = plan
        self.settings = settings
        self.unique = [check for check in unique_checks(plan) if not is_settled(plan, check)]
        self.fitted: dict[str, Any] = {**plan.stated, **(fitted or {})}
        self.frozen: dict[str, dict[str, Any]] = {}
        self.records = 0
        self.inputs = 0
        self.recalls: list[Recall] = []
        self._learning = any(fit.id not in self.fitted for level in plan.fits for fit in level)
        # Values that change after the spill is written are settled when it is read again.
        self._deferred = self._learning or (plan.dedupe is not None and plan.dedupe.keep == "merge")
        self._merged: pl.DataFrame | None = None
        names = frozenset(name for level in plan.levels for name in level.reads)
        names |= frozenset(name for level in plan.fits for fit in level for name in fit.step.reads)
        self.wanted = plan.closure(names)
        self.kernel = Kernel(plan, settings.now, self.wanted)
        self.judge = Judge(plan, settings.now)
        self._early = self._early_names(plan.dedupe) if plan.dedupe else {}
        self._late = [f for f in plan.derived if f.late and f.name in self.wanted]

    def _early_names(self, dedupe: BoundDedupe) -> dict[str, str]:
        """Return how each field that deduplication reads stands in the narrow frame."""
        return {n: EARLY + n if self.plan.by_name[n].changed_late else n for n in dedupe.reads}

    def learn(self, inputs: list[Input]) -> Learnt:
        """Read every input once and return the decisions of all barriers."""
        with Spill(self.settings.memory, self.settings.workdir) as spill:
            dedupe = self._key()
            unique = {check.id: Keys(key_columns(check)) for check in self.unique}
            self._add_earlier(dedupe, unique)
            scanned = [*([dedupe] if dedupe else []), *([] if self._deferred else unique.values())]
            accounts = self._scan(inputs, spill, scanned)
            removal = decide(self.plan, dedupe, spill, self.earlier, self._early)
            losers, self._merged = removal.losers, removal.merged
            if self._learning:
                self._learn_fits(spill, losers)
            if self._deferred and unique:
                for frame in self._settled(spill):
                    for keys in unique.values():
                        keys.add(frame)
            repeated = {check.id: self._repeated(unique[check.id], self._asked(spill), losers) for check in self.unique}
            compared = removal.compared
            decisions = Decisions(losers, removal.winners, repeated, self.fitted, compared, removal.merged)
            return replace(self._placed(decisions, spill, accounts), near=removal.near)

    def _key(self) -> Keys | None:
        """Return the key of deduplication, as it stands in the narrow frame."""
        dedupe = self.plan.dedupe
        return Keys(tuple(self._early[name] for name in dedupe.key)) if dedupe is not None and dedupe.key else None

    def _add_earlier(self, dedupe: Keys | None, unique: Mapping[str, Keys]) -> None:
        """Add the keys of earlier outputs."""
        if dedupe is not None:
            for frame in self.earlier.frames():
                dedupe.add(frame)
        if unique:
            for frame in self.earlier.asked(self.plan, self.settings.now):
                for keys in unique.values():
                    keys.add(frame)

    def _asked(self, spill: Spill) -> Iterator[pl.DataFrame]:
        """Yield the frames that uniqueness is judged by: rows of earlier outputs, then those of this run."""
        yield from self.earlier.asked(self.plan, self.settings.now)
        yield from self._settled(spill)

    def _learn_fits(self, spill: Spill, losers: npt.NDArray[np.int64]) -> None:
        """Learn level by level: each sees what the levels before it made of the rows that stay."""
        done: list[tuple[BoundFit, ...]] = []
        for level in self.plan.fits:
            scan = partial(self._as_left, spill, losers, tuple(done))
            self._learn_level([fit for fit in level if fit.id not in self.fitted and not fit.is_of_batch], scan())
            for fit in level:
                if isinstance(fit.step, BatchStep):
                    self.fitted[fit.id] = fit.step.decide(scan)
            done.append(level)

    def _learn_level(self, fits: Sequence[BoundFit], frames: Iterable[pl.DataFrame]) -> None:
        """Learn the steps of one level that no state gives; their counts share the memory of a barrier."""
        if not fits:
            return
        memory, workdir = self.settings.memory // len(fits), self.settings.workdir
        self.records = 0
        with ExitStack() as stack:
            sums = {fit.id: stack.enter_context(Counting(fit.step.whole, memory, workdir)) for fit in fits}
            names = list(dict.fromkeys(name for fit in fits for name in fit.step.reads))
            for frame in _pieces(frame.select(names) for frame in frames):
                self.records += frame.height
                for fit in fits:
                    sums[fit.id].add(fit.step.partial(frame))
            for fit in fits:
                self.frozen[fit.id] = fit.step.freeze(sums[fit.id].total())
                self.fitted[fit.id] = fit.step.thaw(self.frozen[fit.id])

    def _as_left(
        self, spill: Spill, losers: npt.NDArray[np.int64], done: Sequence[Sequence[BoundFit]]
    ) -> Iterator[pl.DataFrame]:
        """Yield the rows that stay as these levels have left them."""
        for frame in spill.frames():
            rows = self._merge(frame)
            if len(losers):
                stay = ~among(frame[ORDINAL].to_numpy(), losers)
                rows.frame = rows.frame.filter(pl.Series(stay, dtype=pl.Boolean))
            apply_levels(rows, done, self.fitted)
            yield rows.frame

    def _settled(self, spill: Spill) -> Iterator[pl.DataFrame]:
        """Yield the narrow frames as uniqueness sees them: after everything that was learnt now."""
        for frame in spill.frames():
            yield self._settle(self._merge(frame)) if self._deferred else frame

    def _merge(self, frame: pl.DataFrame) -> Rows:
        """Return the rows of a narrow frame after the gaps of those that stay were filled."""
        rows = Rows(frame, frame.clear())
        fill_gaps(rows, frame[ORDINAL].to_numpy(), self._merged, self.plan, self.settings.now)
        return rows

    def _scan(self, inputs: list[Input], spill: Spill, keys: list[Keys]) -> tuple[Account, ...]:
        """Read every input; what was read is taken in beside the reading."""
        first, accounts = 0, []
        self.inputs = len(inputs)
        with Lane("scan") as beside:
            for number, item in enumerate(inputs):
                recall = Recall(self.settings.chunk_records, self.settings.memory // len(inputs) // 4)
                self.recalls.append(recall)
                reader = item.open(self.settings, self._read_columns(), recall)
                for chunk in reader.chunks():
                    beside.add(self._take, item, chunk, first, number, spill, keys)
                    first += len(chunk.record)
                    self.settings.progress(_bytes(chunk.length))
                accounts.append(reader.account)
        return tuple(accounts)

    def _take(self, item: Input, chunk: Chunk, first: int, number: int, spill: Spill, keys: list[Keys]) -> None:
        """Keep the keys of a chunk, and what the barriers need to see again."""
        frame = self._narrow(self.kernel.enter(chunk, item.source), first, number, chunk.record)
        for key in keys:
            key.add(frame)
        spill.add(frame)

    def _read_columns(self) -> frozenset[str]:
        """Return the fields to read, and what nobody declared where that makes a record invalid."""
        read = {name for name in self.wanted if self.plan.by_name[name].is_read}
        if self.plan.dedupe is not None and self.plan.dedupe.prefer_valid:
            read.add(UNKNOWN_COLUMN)
        return frozenset(read)

    def _narrow(self, rows: Rows, first: int, number: int, record: npt.NDArray[np.int64]) -> pl.DataFrame:
        """Return the narrow frame of one chunk: ordinal, place, and what the barriers need to see.

        Where nothing is to be learnt, the rows go on to uniqueness at once; else they are kept as they are
        before the fitted steps.
        """
        count = rows.frame.height
        filter_rows(rows, self.plan.filters, self.settings.now)
        positions = rows.rows()
        places = [
            pl.Series(ORDINAL, positions + first, dtype=pl.Int64),
            pl.Series(INPUT, np.full(len(positions), number), dtype=pl.Int32),
            pl.Series(RECORD, record[positions], dtype=pl.Int64),
        ]
        early = [pl.col(name).alias(new) for name, new in self._early.items() if new != name]
        rows.frame = rows.frame.with_columns(*places, *early)
        if self.plan.dedupe is not None and self.plan.dedupe.prefer_valid:
            rows.frame = rows.frame.with_columns(self._valid(rows, count).alias(VALID))
        if self.plan.dedupe is not None and self.plan.dedupe.keep == "most_complete":
            values = (pl.col(bound.name).is_not_null() for bound in read_fields(self.plan.fields))
            rows.frame = rows.frame.with_columns(pl.sum_horizontal(values).alias(COMPLETE))
        return self._keep(rows) if self._deferred else self._settle(rows)

    def _keep(self, rows: Rows) -> pl.DataFrame:
        """Return the columns that the fitted steps and what comes after them need, always the same ones."""
        read = [name for name in rows.frame.columns if name in self.wanted]
        flags = [blocked_column(name) for name in read]
        absent = [pl.lit(value=False).alias(flag) for flag in flags if flag not in rows.frame.columns]
        late = {field.name for field in self._late if not field.is_read}  # what is read as well may fill a gap
        fields = [name for name in read if name not in late]
        names = [*self._places(rows.frame), *fields, *flags]
        return rows.frame.with_columns(absent).select(list(dict.fromkeys(names)))

    def _places(self, frame: pl.DataFrame) -> list[str]:
        own = [ORDINAL, INPUT, RECORD, VALID, COMPLETE, *self._early.values()]
        return [ROW, *(name for name in own if name in frame.columns)]

    def _settle(self, rows: Rows) -> pl.DataFrame:
        """Return the keys after the fitted steps and the constants, with the places."""
        apply_levels(rows, self.plan.fits, self.fitted)
        impute(rows, self.plan.fields)
        compute(rows, self._late, self.settings.now)
        return asked_keys(rows, self.unique, self.settings.now, self._places(rows.frame))

    def _valid(self, rows: Rows, count: int) -> pl.Series:
        """Return whether each row has no reason of its own, from its cast, its filters or its row checks."""
        asked = Rows(rows.frame, rows.text)
        impute(asked, self.plan.fields)
        compute(asked, self._late, self.settings.now)
        verdicts = self.judge.ask(asked, 0, count, Decisions())
        valid = pl.Series(np.ones(rows.frame.height, dtype=np.bool_))
        for check in self.plan.checks:
            if check.refuses and not check.keys and check.id in verdicts.fails:
                valid = valid & ~verdicts.fails[check.id]
        return valid

    @staticmethod
    def _repeated(keys: Keys, frames: Iterable[pl.DataFrame], losers: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the sorted ordinals of the rows, losers apart, whose real key another row has too."""
        candidates = keys.candidates(frames, keys.repeated())
        if candidates is None or candidates.is_empty():
            return np.empty(0, dtype=np.int64)
        stay = candidates.filter(~pl.Series(np.isin(candidates[ORDINAL].to_numpy(), losers)))
        several = stay.filter(pl.len().over(list(keys.columns)) > 1).filter(pl.col(ORDINAL) >= 0)
        return several[ORDINAL].sort().to_numpy()

    def _placed(self, decisions: Decisions, spill: Spill, accounts: tuple[Account, ...]) -> Learnt:
        """Return the decisions with the place of every winner."""
        winners = np.unique(decisions.winners)
        if not len(winners):
            return Learnt(decisions, accounts=accounts, recalls=tuple(self.recalls))
        found = [
            frame.filter(pl.Series(among(frame[ORDINAL].to_numpy(), winners)))
            for frame in spill.frames([ORDINAL, INPUT, RECORD])
        ]
        places = pl.concat(found).sort(ORDINAL)
        before = [self.earlier.place(ordinal) for ordinal in winners[winners < 0].tolist()]
        inputs = [self.inputs + number for number, _ in before]
        return Learnt(
            decisions,
            winners,
            np.array([*inputs, *places[INPUT].to_list()], dtype=np.int64),
            np.array([*(row for _, row in before), *places[RECORD].to_list()], dtype=np.int64),
            accounts,
            tuple(self.recalls),
        )


def is_settled(plan: CompiledPlan, check: BoundCheck) -> bool:
    """Whether deduplication alone sees to it that a check of uniqueness never fails: of each key one record stays.

    So it is where the check's key holds the whole key of deduplication, and nothing changes that one afterwards.
    """
    rule = plan.dedupe
    if rule is None or not rule.key or rule.keep == "merge" or not set(rule.key) <= set(check.keys):
        return False
    return not any(plan.by_name[name].changed_late for name in rule.key)


def needs_scan(plan: CompiledPlan, *, given: bool) -> bool:
    """Whether a barrier must see every record first; `given` says that a state has what the fitted ones learn."""
    return any(level.kind != "fit" or not given for level in plan.levels)


def _pieces(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield the rows of small frames in larger ones: to count many at once costs half of what parts do."""
    piece: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        piece.append(frame)
        rows += frame.height
        if rows >= PIECE:
            yield pl.concat(piece)
            piece, rows = [], 0
    if piece:
        yield pl.concat(piece)


def _bytes(length: npt.NDArray[np.int64] | None) -> int:
    return int(length.sum()) if length is not None else 0
