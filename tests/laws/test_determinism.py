"""Same input, spec, `now` and flags: the same bytes in every output but `run.json`."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from everything import NOW, contents, run, run_command, write

import dq
from dq.api import make_settings
from dq.engines.ledger import Tracing
from dq.sinks.manifest import verify
from dq.sinks.parquet import ROW_GROUP_ROWS

FILES = ["manifest.json", "quarantine.jsonl", "removed.jsonl", "report.html", "report.json", "schema.json"]
WORLDS = (
    {"POLARS_MAX_THREADS": "1", "TZ": "UTC", "LC_ALL": "C", "PYTHONHASHSEED": "0"},
    {"POLARS_MAX_THREADS": "2", "TZ": "Asia/Kathmandu", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
    {"POLARS_MAX_THREADS": "4", "TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242"},
    {"POLARS_MAX_THREADS": "4", "TZ": "UTC", "LC_ALL": "POSIX", "PYTHONUTF8": "0", "COLUMNS": "40"},
    {"POLARS_MAX_THREADS": "2", "PYTHONHASHSEED": "random", "PYTHONOPTIMIZE": "1", "NO_COLOR": "1"},
)


def outputs(folder: Path, worlds: tuple[dict[str, str], ...]) -> list[dict[str, bytes]]:
    """Run the batch of a folder in each world: from another place, with other spellings of the paths."""
    found = []
    elsewhere = folder.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    for number, world in enumerate(worlds):
        out = f"out {number}"
        places = [(folder, ""), (elsewhere, f"{folder}/"), (elsewhere, f"../{folder.name}/./")]
        cwd, before = places[number % len(places)]
        old = os.umask([0o022, 0o077, 0o002][number % 3])
        try:
            ended = run(run_command("-q", "--ledger", out=out, folder=before), cwd, **world)
        finally:
            os.umask(old)
        assert (ended.returncode, ended.stderr, ended.stdout) == (0, "", "")
        assert verify(cwd / out) == []
        found.append(contents(cwd / out))
    return found


def differing(found: list[dict[str, bytes]]) -> list[str]:
    """Return the names of the files that are not everywhere the same."""
    names = sorted({name for files in found for name in files})
    return [name for name in names if len({files.get(name) for files in found}) > 1]


@pytest.fixture
def batch(tmp_path):
    folder = tmp_path / "batch"
    folder.mkdir()
    return folder


def test_five_worlds_with_every_door_busy(batch):
    write(batch, 1500)
    found = outputs(batch, WORLDS)
    assert differing(found) == []
    assert sorted(found[0]) == sorted(["accepted.parquet", "accepted.index.parquet", "ledger.parquet", *FILES])
    report = dq.load(batch / "spec.yaml").check([batch / "crm.csv", batch / "web.jsonl.gz"])
    assert min(report.records.values()) > 10, "a door that nobody takes proves nothing"


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_text_formats(batch, form):
    write(batch, 600, form)
    found = outputs(batch, (WORLDS[0], WORLDS[2]))
    assert differing(found) == []
    assert f"accepted.{form}" in found[0]


def test_several_chunks_and_row_groups(batch):
    write(batch, 110_000, clean=True)
    found = outputs(batch, WORLDS[:3])
    assert differing(found) == []
    rows = pl.scan_parquet(batch / "out 0" / "accepted.parquet", glob=False).select(pl.len()).collect().item()
    assert rows > ROW_GROUP_ROWS


def test_how_it_is_read_leaves_no_trace(batch):
    """Chunks, blocks and spills are means: none of them shows in a byte of the outputs."""
    write(batch, 900)
    plan = dq.load(batch / "spec.yaml")
    base = replace(make_settings(datetime.fromisoformat(NOW).astimezone(UTC)), workdir=batch)
    found = []
    for number, (records, block, memory) in enumerate([(100_000, 2 << 20, 1 << 28), (7, 4096, 1000), (250, 311, 0)]):
        settings = replace(base, chunk_records=records, block_size=block, memory=memory)
        inputs = plan.inputs([batch / "crm.csv", batch / "web.jsonl.gz"])
        plan.run_to_folder(inputs, batch / f"out {number}", settings, tracing=Tracing(ledger=True))
        found.append(contents(batch / f"out {number}"))
    assert differing(found) == []
    assert [path.name for path in batch.iterdir() if path.name.startswith("dq-spill")] == []


def test_now_is_seen():
    """The comparison of folders must be able to fail."""
    assert differing([{"a": b"1", "b": b"2"}, {"a": b"1", "b": b"3"}, {"a": b"1"}]) == ["b"]
