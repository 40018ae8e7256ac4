"""How many wrong cells a spec alone repairs, and how many it makes wrong: precision, recall and F1 against a truth.

    python benchmarks/repair.py [DIRTY_AND_CLEAN]      # by default the folder of real data beside the repository

Each set is a folder with `dirty.csv` and `clean.csv`: the same cells in the same order, the one with errors and the
other without.  The spec sees `dirty.csv` only.  The measure is that of the literature on error repair (HoloClean,
Raha and Baran, …):

* a cell is *wrong* where the dirty value differs from the truth;
* a *repair* is a cell whose value in the output differs from the dirty value;
* a repair is *correct* where the output equals the truth;
* precision = correct repairs / repairs, recall = correct repairs / wrong cells, F1 = their harmonic mean.

Values are compared in canonical form: the value of the type that the spec gives to the field, so that `12` and
`12.0` are equal in a field of numbers; a text that the type cannot hold stands for itself, and nothing is equal to
an empty cell alone.  A set may not lose records: a run in which one is refused has no figures.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import polars as pl

import dq
from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.render import text_of
from dq.dtypes.types import Type

SPECS = Path(__file__).parent / "repair"
SETS = ("hospital", "beers")


@dataclass(frozen=True)
class Score:
    """What a spec did to one set or to one column of it; all are counts of cells."""

    wrong: int
    repairs: int
    correct: int

    @property
    def precision(self) -> Fraction:
        """The share of the repairs that are correct; 1 where there are none."""
        return Fraction(self.correct, self.repairs) if self.repairs else Fraction(1)

    @property
    def recall(self) -> Fraction:
        """The share of the wrong cells that are repaired; 1 where there are none."""
        return Fraction(self.correct, self.wrong) if self.wrong else Fraction(1)

    @property
    def f1(self) -> Fraction:
        """The harmonic mean of precision and recall."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else Fraction(0)

    def __add__(self, other: Score) -> Score:
        """Return the score of both together."""
        return Score(self.wrong + other.wrong, self.repairs + other.repairs, self.correct + other.correct)


def canonical(kind: Type, texts: pl.Series) -> pl.Series:
    """Return the canonical texts of some cells; a text that the type cannot hold stands for itself, "" is null."""
    given = texts.replace("", None)
    value = cast(kind, CastOptions()).expression(pl.col("text"), None)
    frame = pl.DataFrame({"text": given}, schema={"text": pl.String})
    return frame.select(pl.coalesce(text_of(kind, value), "text")).to_series()


def score(dirty: pl.Series, output: pl.Series, truth: pl.Series) -> Score:
    """Return the score of one column, given its canonical texts before, after and in truth."""
    changed = output.ne_missing(dirty)
    right = output.eq_missing(truth)
    return Score(int(dirty.ne_missing(truth).sum()), int(changed.sum()), int((changed & right).sum()))


def evaluate(spec: Path, folder: Path) -> dict[str, Score]:
    """Return the score of every column of a set, by name."""
    plan = dq.load(spec)
    result = plan.run(folder / "dirty.csv")
    dirty, truth = (pl.read_csv(folder / name, infer_schema=False) for name in ("dirty.csv", "clean.csv"))
    if result.accepted.height != dirty.height or truth.height != dirty.height:
        raise SystemExit(f"{spec.name}: {dirty.height - result.accepted.height} records were not accepted")
    truth = truth.rename(dict(zip(truth.columns, dirty.columns, strict=True)))
    types = {field.name: field.type for field in plan.compiled.fields}
    scores = {}
    for name in dirty.columns:
        kind = types[name]
        output = result.accepted.select(text_of(kind, pl.col(name))).to_series()
        scores[name] = score(canonical(kind, dirty[name]), output, canonical(kind, truth[name]))
    return scores


def lines(name: str, scores: dict[str, Score], *, columns: bool) -> list[str]:
    """Return the rows of the table for one set; with `columns` one for each column that was wrong or changed."""
    total = sum(scores.values(), Score(0, 0, 0))
    rows = [(name, total)]
    if columns:
        rows += [(f"  {column}", one) for column, one in scores.items() if one.wrong or one.repairs]
    return [
        f"{title:<22} {one.wrong:>6} {one.repairs:>8} {one.correct:>8}"
        f" {float(one.precision):>10.4f} {float(one.recall):>8.4f} {float(one.f1):>8.4f}"
        for title, one in rows
    ]


def main() -> int:
    """Print the table of all sets."""
    shared = Path(os.environ.get("DQ_SHARED", Path(__file__).parents[2] / "shared"))
    parser = argparse.ArgumentParser(description="Precision, recall and F1 of wrong cells repaired, by specs alone.")
    parser.add_argument("folder", nargs="?", type=Path, default=shared / "data" / "repair")
    parser.add_argument("--set", action="append", dest="sets", help="a folder in FOLDER; several times for several")
    parser.add_argument("--specs", type=Path, default=SPECS, help="where SET.dq.yaml stands")
    parser.add_argument("--columns", action="store_true", help="show every column that was wrong or changed")
    given = parser.parse_args()
    print(f"{'set':<22} {'wrong':>6} {'repairs':>8} {'correct':>8} {'precision':>10} {'recall':>8} {'F1':>8}")
    for name in given.sets or SETS:
        scores = evaluate(given.specs / f"{name}.dq.yaml", given.folder / name)
        print("\n".join(lines(name, scores, columns=given.columns)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
