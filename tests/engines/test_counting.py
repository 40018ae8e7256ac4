"""Counts on disk in parts: what is learnt is the same, whatever the memory, and nothing is left behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dq.dtypes import types
from dq.engines.counting import Counting
from dq.errors import SinkError
from dq.states.group_counts import PartedCounts
from dq.steps.fitted import load
from dq.steps.fitted.base import FITTED_STEPS, FitTarget, FittedStep

load()
TYPES = {"g": types.STRING, "h": types.INTEGER, "s": types.STRING, "x": types.NUMBER, "d": types.decimal(6, 2)}
SCHEMA = {name: kind.polars for name, kind in TYPES.items()}
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "g": st.sampled_from([None, "a", "b", "c", "d"]),
            "h": st.sampled_from([None, 1, 2]),
            "s": st.sampled_from([None, "uuu", "uuv", "zzz"]),
            "x": st.one_of(st.none(), st.integers(-4, 4).map(float)),
            "d": st.one_of(st.none(), st.decimals(-3, 3, places=2)),
        }
    ),
    max_size=30,
)
STEPS = (
    ("median", "x", {"by": ["g", "h"]}),
    ("median", "d", {}),
    ("mean", "d", {"by": ["h"]}),
    ("most_frequent", "s", {"by": ["g"]}),
    ("agree", "s", {"by": [["g"], ["h"], ["g", "h"]]}),
    ("vocabulary", "s", {"by": ["g"], "min_ratio": 2}),
    ("iqr", "x", {"iqr": 1.5}),
)


def step(kind: str, field: str, params: dict[str, Any]) -> FittedStep:
    found = FITTED_STEPS.find(kind)
    assert found is not None
    return found(found.Params.model_validate(params), FitTarget(field, TYPES))


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ROWS, st.integers(1, 9), st.sampled_from([0, 200, 1000]))
def test_what_is_learnt_does_not_depend_on_the_memory(
    tmp_path: Path, rows: list[dict[str, Any]], size: int, memory: int
) -> None:
    frame = pl.DataFrame(rows, schema=SCHEMA)
    for kind, field, params in STEPS:
        made = step(kind, field, params)
        with Counting(made.whole, memory, tmp_path) as counting:
            for part in frame.iter_slices(size):
                counting.add(made.partial(part))
            total = counting.total()
            assert made.freeze(total) == made.freeze(made.partial(frame) if rows else None)
            if memory == 0 and made.whole and total is not None and frame[field].null_count() < frame.height:
                assert isinstance(total, PartedCounts) or total.table.is_empty()
    assert list(tmp_path.iterdir()) == []


def test_parts_answer_as_the_whole_does(tmp_path: Path) -> None:
    made = step("median", "x", {"by": ["g", "h"]})
    frame = pl.DataFrame({"g": list("abcdefgh"), "h": [1] * 8, "s": None, "x": [1.0] * 8, "d": None}, schema=SCHEMA)
    with Counting(made.whole, 0, tmp_path) as counting:
        counting.add(made.partial(frame))
        total = counting.total()
        assert isinstance(total, PartedCounts)
        assert len(list(tmp_path.rglob("*.parquet"))) > 1
        assert (total.by, total.sorted().rows()) == (["g", "h"], made.partial(frame).sorted().rows())
        assert total.coarser([]).table.rows() == [(1.0, 8)]


def test_a_disk_that_refuses_is_an_error_of_the_run(tmp_path: Path) -> None:
    made = step("median", "x", {"by": ["g"]})
    frame = pl.DataFrame({"g": ["a"], "h": [1], "s": None, "x": [1.0], "d": None}, schema=SCHEMA)
    with Counting(made.whole, 0, tmp_path / "absent") as counting, pytest.raises(SinkError, match="cannot spill"):
        counting.add(made.partial(frame))
