"""The figures of benchmarks/repair.py: its arithmetic, and what the specs beside it reach on real sets."""

from __future__ import annotations

import importlib.util
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

from dq.dtypes import types

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def repair() -> ModuleType:
    spec = importlib.util.spec_from_file_location("repair_benchmark", ROOT / "benchmarks" / "repair.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_cells_are_compared_in_canonical_form(repair: ModuleType) -> None:
    texts = pl.Series(["12.0", "12", "", "12 oz", None])
    assert repair.canonical(types.NUMBER, texts).to_list() == ["12.0", "12.0", None, "12 oz", None]


def test_the_score_counts_wrong_cells_repairs_and_correct_ones(repair: ModuleType) -> None:
    dirty = pl.Series(["a", "b", "c", None, "e", "f"])
    output = pl.Series(["a", "x", "y", "d", None, "f"])
    truth = pl.Series(["a", "x", "z", "d", "e", "g"])
    score = repair.score(dirty, output, truth)
    assert (score.wrong, score.repairs, score.correct) == (4, 4, 2)
    assert (score.precision, score.recall, score.f1) == (Fraction(1, 2), Fraction(1, 2), Fraction(1, 2))
    nothing = repair.Score(0, 0, 0)
    assert (nothing.precision, nothing.recall) == (1, 1)
    assert repair.Score(3, 2, 0).f1 == 0


@pytest.mark.shared
@pytest.mark.parametrize(("name", "wrong", "precision", "f1"), [("hospital", 509, 0.99, 0.97), ("beers", 4362, 1, 1)])
def test_the_specs_reach_their_figures(
    repair: ModuleType, shared: Path, name: str, wrong: int, precision: float, f1: float
) -> None:
    scores = repair.evaluate(repair.SPECS / f"{name}.dq.yaml", shared / "data" / "repair" / name)
    total = sum(scores.values(), repair.Score(0, 0, 0))
    assert total.wrong == wrong
    assert total.precision >= precision
    assert total.f1 >= f1
