"""The accepted rows of earlier runs that a model was trained on, against which this batch is judged.

What a batch has in common with them is counted by key, exactly: 8 bytes of hash for each key of the training set
nominate, and the real keys of what was nominated, read back from the training set, decide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from dq.checks.ml.base import TrainingSet
from dq.engines.earlier import EarlierOutput, open_folders, verify_folder
from dq.errors import UsageError
from dq.plan.rows import own_texts
from dq.states.top import Top
from dq.states.values import Values

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable, Sequence

    import numpy.typing as npt

    from dq.dtypes.types import Type
    from dq.plan.plan import CompiledPlan

COUNT = "\x00count"
_COMPACT = 1_000_000  # nominated keys that wait to be added up


@dataclass(slots=True)
class TrainedOn:
    """The training set of a run: read once for the hashes of its keys, and once more where any was met again."""

    outputs: tuple[EarlierOutput, ...]
    key: dict[str, Type]
    label: dict[str, Type]
    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, np.uint64))
    classes: Top = field(default_factory=Top.neutral)
    keyed: int = 0
    _nominated: list[pl.DataFrame] = field(default_factory=list)

    def read(self) -> None:
        """Read the keys and the classes of the training set.  UsageError where it lacks a column."""
        hashes = [self.hashes]
        for output in self.outputs:
            for frame in output.frames({**self.key, **self.label}):
                hashes.append(self._hash(self._keys(frame)))
                for name in self.label:
                    self.classes = self.classes.update(Values(frame[name]))
        self.hashes = np.unique(np.concatenate(hashes))

    def _keys(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the keys of some rows; one with a null in it matches nothing."""
        return frame.select(*self.key).drop_nulls()

    def _hash(self, keys: pl.DataFrame) -> npt.NDArray[np.uint64]:
        """Return the hash of each key."""
        return (
            keys.select(pl.struct(*self.key).hash().alias("hash"))["hash"].to_numpy() if self.key else self.hashes[:0]
        )

    def add(self, accepted: pl.DataFrame) -> None:
        """Look for the keys of some accepted rows of this run."""
        if not self.key:
            return
        keys = self._keys(accepted)
        self.keyed += keys.height
        hashes = self._hash(keys)
        place = np.minimum(np.searchsorted(self.hashes, hashes), max(0, len(self.hashes) - 1))
        met = self.hashes[place] == hashes if len(self.hashes) else np.zeros(len(hashes), np.bool_)
        if met.any():
            nominated = own_texts(keys.filter(pl.Series(met)))
            self._nominated.append(_counted([nominated.with_columns(_one())], list(self.key)))
        if sum(frame.height for frame in self._nominated) > _COMPACT:
            self._nominated = [_counted(self._nominated, list(self.key))]

    def found(self) -> TrainingSet:
        """Return what this batch has in common with its training set.  SourceError if that changed meanwhile."""
        shared = self._shared()
        for output in self.outputs:
            verify_folder(output.path.parent)
        classes = tuple(value for value, _ in self.classes.ranked()) if self.label and self.classes.complete else None
        return TrainingSet(
            outputs=tuple((output.name, output.sha256, output.rows) for output in self.outputs),
            keyed_rows=self.keyed,
            shared_rows=int(shared[COUNT].sum()) if shared is not None else 0,
            shared_keys=shared.height if shared is not None else 0,
            classes=classes,
        )

    def _shared(self) -> pl.DataFrame | None:
        """Return the keys that both have, with how many rows of this run have each."""
        if not self._nominated:
            return None
        names = list(self.key)
        nominated = _counted(self._nominated, names)
        met = [nominated.clear()]
        for output in self.outputs:
            for frame in output.frames(self.key):
                met.append(nominated.join(self._keys(frame).unique(), on=names, how="semi"))
                nominated = nominated.join(met[-1], on=names, how="anti")
        return pl.concat(met)


def _one() -> pl.Expr:
    return pl.lit(1, pl.Int64).alias(COUNT)


def _counted(frames: Iterable[pl.DataFrame], names: Sequence[str]) -> pl.DataFrame:
    """Return each key once, with the sum of its counts."""
    return pl.concat(list(frames)).group_by(names).agg(pl.col(COUNT).sum())


def open_training(plan: CompiledPlan, folders: Sequence[str | os.PathLike[str]]) -> TrainedOn | None:
    """Return the training set in these output folders, ready to be compared with; None where none is named.

    UsageError for a spec that has nothing to compare by, and for a folder that is no output or lacks a column.
    """
    if not folders:
        return None
    training = plan.ml.training if plan.ml is not None else None
    if training is None or not (training.key or training.task == "classification"):
        raise UsageError("the spec's ml names neither a key nor a target that is a class: nothing can be compared")
    key = {name: training.types[name] for name in training.key}
    label = {training.label: training.types[training.label]} if training.task == "classification" else {}
    trained = TrainedOn(open_folders(folders), key, label)
    trained.read()
    return trained
