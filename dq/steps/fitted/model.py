"""`impute: {model: …}`: a missing value is predicted from other fields of the record by a decision tree.

scikit-learn grows the tree (Breiman, Friedman, Olshen and Stone 1984).  What is kept of it are five lists of numbers
that numpy walks through, so that applying a tree needs no scikit-learn, and a reader of `state.json` can follow it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import polars as pl
from pydantic import Field

from dq.diagnostics import did_you_mean
from dq.dtypes.render import text_of
from dq.dtypes.types import Family
from dq.errors import UsageError
from dq.params import Count, ParamError, Params, Text
from dq.states.group_counts import COUNT, VALUE, GroupCounts
from dq.steps.fitted.base import FITTED_STEPS, ORDERED, Applied, FitTarget, FittedStep, read_table, write_table
from dq.steps.fitted.impute import rounded_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

PACKAGE, EXTRA = "sklearn", "model"
MOST_CELLS = 50_000_000  # of the table that a tree is grown from, four bytes each
_LARGEST = float(np.finfo(np.float32).max)


class ModelParams(Params):
    """From what a value is predicted, and how large the tree may grow."""

    shorthand: ClassVar[str | None] = "from"
    sources: list[Text] = Field(alias="from", min_length=1, description="The fields from which the value is predicted.")
    max_depth: Count = Field(8, description="How many questions lead to a value at most; 30 is the limit.")
    min_records: Count = Field(5, description="How many records of the training data a predicted value rests on.")
    max_categories: Count = Field(
        50, description="How many texts of a field are told apart, the most frequent ones; others are alike."
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One question's left side: whether a field is a text (None: is missing), 1 or 0; or the field as a number."""

    field: str
    text: str | None = None
    numeric: bool = False

    def json(self) -> dict[str, Any]:
        """Return the column as JSON values: `is` stands beside the field unless it is taken as a number."""
        return {"field": self.field} if self.numeric else {"field": self.field, "is": self.text}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Column:
        """Return the column that `json` wrote."""
        return cls(raw["field"], raw.get("is"), "is" not in raw)


@dataclass(frozen=True, slots=True)
class Tree:
    """A binary tree, its root first: a record goes left where its column is at most the threshold.

    `left` and `right` are places of nodes, -1 in a leaf.  `values` (of the field's type) are what leaves predict.
    """

    columns: tuple[Column, ...]
    feature: npt.NDArray[np.int64]
    threshold: npt.NDArray[np.float64]
    left: npt.NDArray[np.int64]
    right: npt.NDArray[np.int64]
    values: pl.Series

    def leaves(self, matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        """Return the leaf of every row of a matrix, whose columns are those of the tree."""
        nodes = np.zeros(len(matrix), dtype=np.int64)
        going = np.arange(len(matrix))
        while len(going := going[self.left[nodes[going]] >= 0]):
            at = nodes[going]
            low = matrix[going, self.feature[at]] <= self.threshold[at]
            nodes[going] = np.where(low, self.left[at], self.right[at])
        return nodes


@FITTED_STEPS.register
class Model(FittedStep):
    """Fill a missing value with what a decision tree predicts from other fields of the record.

    Numbers are predicted by the mean of the records in a leaf of the tree, rounded half to even for integers and
    decimals; texts and booleans by the value that is most frequent there, of equals the smallest.  In the fields of
    `from`, numbers and times are compared by size (with the precision of 24 bits), texts and booleans by equality,
    and missing is an answer of its own.  Only the `max_categories` most frequent texts are told apart, and predicted.

    A tree is grown from the distinct combinations of values with their counts, so that neither the order of records
    nor chunks show in it.  Where no record had a value, nothing is filled.  Learning ends with an error where the
    combinations are too many for memory; fewer fields, or fields with fewer different values, help.
    """

    kind = "model"
    stage = "impute"
    families = frozenset({Family.NUMBER, Family.TEXT, Family.BOOLEAN})
    title = "What a decision tree predicts from other fields."
    example = "{model: {from: [country, plan, age]}}"
    Params = ModelParams

    def __init__(self, params: Any, target: FitTarget) -> None:
        """Keep the fields.  ParamError DQ325 without scikit-learn, DQ311 or DQ308 for what cannot be."""
        super().__init__(params, target)
        if find_spec(PACKAGE) is None:
            raise ParamError("DQ325", kind=self.kind, package="scikit-learn", extra=EXTRA)
        self.by = _sources(params.sources, target)
        for name, most in (("max_depth", 30), ("min_records", 1_000_000), ("max_categories", 1_000)):
            if not 1 <= getattr(params, name) <= most:
                raise ParamError("DQ308", name, kind=self.kind, problem=f"{name} is a number from 1 to {most}")

    @property
    def _predicts_numbers(self) -> bool:
        return self.target.type.family is Family.NUMBER

    def freeze(self, counts: GroupCounts | None) -> dict[str, Any]:
        """Return the tree, with the columns that it asks about; without one where nothing was seen.

        UsageError where the combinations of values are too many.
        """
        table = counts.sorted() if counts is not None else pl.DataFrame()
        if not table.height:
            return {"columns": [], "feature": [], "threshold": [], "left": [], "right": [], "value": []}
        if not self._predicts_numbers:
            table = table.join(_frequent(table, VALUE, self.params.max_categories), on=VALUE, maintain_order="left")
        columns = self._columns(table)
        if len(columns) * table.height > MOST_CELLS:
            raise UsageError(
                f"impute of {self.name}: {table.height:,} different combinations of values of {', '.join(self.by)} "
                f"are too many to learn a model from; name fewer fields, or fields with fewer different values"
            )
        grown, values = self._grow(_matrix(table, columns, self.target), table)
        inner = grown.children_left >= 0
        used = np.unique(grown.feature[inner])
        return {
            "columns": [columns[index].json() for index in used.tolist()],
            "feature": np.where(inner, np.searchsorted(used, grown.feature), -1).tolist(),
            "threshold": np.where(inner, grown.threshold, 0.0).tolist(),
            "left": grown.children_left.tolist(),
            "right": grown.children_right.tolist(),
            "value": [None if inside else value for inside, value in zip(inner.tolist(), values, strict=True)],
        }

    def _columns(self, table: pl.DataFrame) -> list[Column]:
        """Return all that a tree may ask about, field by field."""
        columns: list[Column] = []
        for name in self.by:
            columns.append(Column(name))
            if self.target.types[name].family in ORDERED:
                columns.append(Column(name, numeric=True))
                continue
            kept = _frequent(table, name, self.params.max_categories)
            texts = kept.select(text_of(self.target.types[name], pl.col(name)))[name]
            columns += [Column(name, text) for text in texts.sort()]
        return columns

    def _grow(self, matrix: npt.NDArray[np.float32], table: pl.DataFrame) -> tuple[Any, list[str | None]]:
        """Return scikit-learn's tree, and the prediction of every node as canonical text."""
        from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

        weights = table[COUNT].to_numpy().astype(np.float64)
        least = self.params.min_records
        if weights.sum() < 2 * least:
            matrix = np.zeros_like(matrix[:, :1])  # No question leaves enough records on both sides.
        # Rows stand for many records, so the size of a leaf is a share of the weight, half a record less for rounding.
        share = min(0.5, (least - 0.5) / weights.sum())
        options = {"max_depth": self.params.max_depth, "min_weight_fraction_leaf": share, "random_state": 0}
        if self._predicts_numbers:
            goal = table[VALUE].cast(pl.Float64).to_numpy()
            tree = DecisionTreeRegressor(**options).fit(matrix, goal, weights).tree_
            return tree, [self._number(mean) for mean in tree.value[:, 0, 0].tolist()]
        classes = table[VALUE].unique().sort()
        goal = classes.search_sorted(table[VALUE]).to_numpy()
        tree = DecisionTreeClassifier(**options).fit(matrix, goal, weights).tree_
        texts = [row[0] for row in write_table(classes.to_frame(VALUE), {VALUE: self.target.type})]
        return tree, [texts[index] for index in tree.value[:, 0, :].argmax(axis=1).tolist()]

    def _number(self, mean: float) -> str | None:
        """Return a mean as text of the field's type, rounded half to even; None beyond what the type can hold."""
        kind = self.target.type
        if not math.isfinite(mean):
            return None
        if kind.name == "number":
            return repr(mean)
        if kind.name == "integer":
            return str(round(mean)) if -(2**63) <= mean < 2**63 else None
        return format(rounded_decimal(Fraction(mean), kind.scale or 0), "f")

    def thaw(self, frozen: dict[str, Any]) -> Tree | None:
        """Return the tree, or None where nothing was seen."""
        if not frozen["value"]:
            return None
        values = read_table([[value] for value in frozen["value"]], {VALUE: self.target.type})[VALUE]
        whole = (np.array(frozen[name], dtype=np.int64) for name in ("feature", "left", "right"))
        feature, left, right = whole
        threshold = np.array(frozen["threshold"], dtype=np.float64)
        return Tree(tuple(map(Column.from_json, frozen["columns"])), feature, threshold, left, right, values)

    def apply(self, frame: pl.DataFrame, learnt: Any) -> Applied:
        """Return the column with its nulls filled by the tree's predictions."""
        values = frame[self.name]
        if learnt is None or not values.null_count():
            return Applied(values)
        missing = values.is_null()
        leaves = np.zeros(frame.height, dtype=np.int64)
        leaves[missing.to_numpy()] = learnt.leaves(_matrix(frame.filter(missing), learnt.columns, self.target))
        return Applied(values.zip_with(~missing, learnt.values.gather(leaves)).alias(self.name))

    def words(self) -> str:
        """Say from which fields the value is predicted."""
        return f"model from {', '.join(self.by)}"

    def identity(self) -> dict[str, Any]:
        """Return the kind and its parameters."""
        return {"kind": self.kind, "field": self.name, "params": self.params.model_dump(mode="json", by_alias=True)}


def _sources(names: Sequence[str], target: FitTarget) -> tuple[str, ...]:
    """Return the fields of `from`.  ParamError DQ311 for one that is none, DQ308 for one that cannot be asked."""
    for place, name in enumerate(names):
        if name not in target.types:
            near = did_you_mean(name, [other for other in target.types if other != target.name])
            raise ParamError("DQ311", "from", within=(place,), field=name, where="model.from", suggestion=near)
        problem = None
        if name == target.name or name in names[:place]:
            problem = f"{name} is named twice" if name in names[:place] else f"{name} is what is predicted"
        elif target.types[name].family in {Family.LIST, Family.OBJECT}:
            problem = f"{name} is a {target.types[name]}"
        if problem is not None:
            raise ParamError("DQ308", "from", within=(place,), kind="model", problem=problem)
    return tuple(names)


def _frequent(table: pl.DataFrame, name: str, most: int) -> pl.DataFrame:
    """Return the most frequent values of a column of counts, of equals the smaller ones; null is none of them."""
    sums = table.filter(pl.col(name).is_not_null()).group_by(name).agg(pl.col(COUNT).sum())
    return sums.sort([COUNT, name], descending=[True, False]).head(most).select(name)


def _matrix(frame: pl.DataFrame, columns: Sequence[Column], target: FitTarget) -> npt.NDArray[np.float32]:
    """Return what columns are of some rows: one row of Float32 a row, in the precision in which a tree is grown."""
    matrix = np.empty((frame.height, len(columns)), dtype=np.float32)
    for index, column in enumerate(columns):
        kind, cell = target.types[column.field], pl.col(column.field)
        if column.numeric:
            answer = cell.to_physical().cast(pl.Float64).clip(-_LARGEST, _LARGEST).fill_nan(0).fill_null(0)
        elif column.text is None:
            answer = cell.is_null()
        else:
            answer = (text_of(kind, cell) == column.text).fill_null(value=False)
        matrix[:, index] = frame.select(answer.cast(pl.Float32).alias("answer"))["answer"].to_numpy()
    return matrix
