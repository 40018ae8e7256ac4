"""One meaning: however the input is cut, the same rows, the same reasons, the same report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from noisy_inputs import Case, cases, plans_of_all_forms
from whole_runs import SETTINGS, run

import dq
from dq.engines.base import Settings
from dq.sources import framing


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chunks")


@pytest.fixture(scope="module")
def plans(folder: Path) -> dict[Case, dq.Plan]:
    return plans_of_all_forms(folder)


def outcome(plan: dq.Plan, paths: list[Path], settings: Settings, window: int | None = None) -> tuple[Any, ...]:
    """Run, with the framer's own windows made small where wanted, so that few rows are many chunks."""
    with pytest.MonkeyPatch.context() as patch:
        if window is not None:
            for name in ("_WINDOW", "_CALM", "_STRETCH_ROWS"):
                patch.setattr(framing, name, window)
        doors, tally, report = run(plan, paths, settings)
    return doors.rows(), doors.refused, doors.gone, report, tally.keys_lost


@settings(max_examples=80)
@given(
    drawn=cases(),
    block=st.one_of(st.integers(1, 8), st.integers(9, 300)),
    records=st.one_of(st.integers(1, 3), st.integers(4, 50)),
    window=st.one_of(st.integers(1, 30), st.none()),
    spilled=st.booleans(),
)
def test_chunks_change_nothing(
    folder: Path,
    plans: dict[Case, dq.Plan],
    drawn: tuple[Case, bytes],
    block: int,
    records: int,
    window: int | None,
    *,
    spilled: bool,
) -> None:
    (case, data), path = drawn, folder / "input"
    path.write_bytes(data)
    cut = replace(SETTINGS, block_size=block, chunk_records=records, memory=0 if spilled else 1 << 20, workdir=folder)
    assert outcome(plans[case], [path], cut, window) == outcome(plans[case], [path], SETTINGS)


def test_several_files_and_a_barrier_across_them(folder: Path, plans: dict[Case, dq.Plan]) -> None:
    paths = [folder / "one", folder / "two"]
    paths[0].write_bytes(b"a,b,c\n" + b"1,q,a\n2,w,b\n3,e,no\n" * 20)
    paths[1].write_bytes(b"c,b,a\n" + b"z,q,1\n,t,5\nq,w,\n" * 20)
    whole = outcome(plans["csv", ""], paths, SETTINGS)
    assert {kept.door for kept in whole[2]} == {"filtered", "deduplicated"}
    assert whole[0]
    assert whole[1]
    for records in (1, 7, 59):
        cut = replace(SETTINGS, block_size=records, chunk_records=records, memory=0, workdir=folder)
        assert outcome(plans["csv", ""], paths, cut, records) == whole
