"""An output folder is complete or absent, whatever fails and whenever."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from dq.sinks.manifest import verify

from . import driver, harness

HERE = Path(__file__).parent
pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(harness.missing() is not None, reason=str(harness.missing())),
]
RUN = [sys.executable, str(HERE / "driver.py"), "out"]
REPLACE = [*RUN, "--replace", "--content", "5"]


@pytest.fixture
def folders(tmp_path):
    """Return an empty template, a template with an old output, and a scratch folder."""
    base = tmp_path.resolve()
    for name in ("empty", "old", "scratch"):
        (base / name).mkdir()
    driver.produce(base / "old" / "out")
    return base / "empty", base / "old", base / "scratch"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(HERE.parents[1]))


def again(cwd: Path) -> None:
    """Run the driver again, in this process: starting Python is what costs."""
    driver.produce(cwd / "out", replace=True, content=5)


def count(template: Path, scratch: Path, argv: list[str]) -> list[harness.Point]:
    """Return the points of a command in a copy of a template."""
    cwd = scratch / "count"
    harness.shutil.copytree(template, cwd)
    return harness.crash_points(argv, cwd, "out")


def test_a_new_output_at_every_point(folders):
    empty, _, scratch = folders
    points = count(empty, scratch, RUN)
    assert {point.syscall for point in points} >= {"openat", "mkdir", "write", "fsync", "renameat2", "unlink", "chmod"}
    assert len(points) > 60
    assert "\n".join(harness.violations(RUN, empty, scratch, "out", points, rerun=again)) == ""


def test_replacing_at_every_point_from_the_manifest_on(folders):
    """Before the manifest a replacing run does the same as any other."""
    _, old, scratch = folders
    points = count(old, scratch, REPLACE)
    first = next(i for i, point in enumerate(points) if point.path.endswith("manifest.json"))
    assert len(points[first:]) > 15
    assert harness.violations(REPLACE, old, scratch, "out", points[first:], rerun=again) == []


def test_the_harness_finds_files_that_grow_under_the_published_name(folders):
    empty, _, scratch = folders
    argv = [*RUN, "--defect", "straight"]
    kills = [point for point in count(empty, scratch, argv) if (point.fault, point.syscall) == ("KILL", "write")]
    found = harness.violations(argv, empty, scratch, "out", kills[::6], rerun=again)
    assert any("no readable manifest.json" in problem for problem in found)


def test_everything_is_on_the_device_before_and_after_the_rename(folders):
    empty, old, _ = folders
    assert harness.durability(harness.trace(RUN, empty), empty / "out") == []
    assert harness.durability(harness.trace(REPLACE, old), old / "out") == []


@pytest.mark.parametrize(
    ("defect", "sentence"),
    [
        ("no-file-fsync", "manifest.json was not synchronised"),
        ("no-file-fsync", "held.jsonl was not synchronised"),
        ("no-folder-fsync", "the private folder was not synchronised"),
        ("no-parent-fsync", "the parent folder was not synchronised"),
        ("straight", "not published by a rename"),
    ],
)
def test_the_harness_finds_a_missing_fsync(folders, defect, sentence):
    empty, _, _ = folders
    found = harness.durability(harness.trace([*RUN, "--defect", defect], empty), empty / "out")
    assert any(sentence in problem for problem in found)


@pytest.mark.parametrize("limit", [0, 100, 1500, 4000])
def test_a_full_disk_leaves_nothing_and_is_said_in_words(folders, limit):
    """RLIMIT_FSIZE is a disk that fills up at the same byte every time, also for native code."""
    empty, _, _ = folders
    ended = subprocess.run(
        RUN, cwd=empty, capture_output=True, text=True, check=False, timeout=60, env=harness.environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert ended.returncode == 3
    assert ended.stderr.startswith("SinkError: cannot write ")
    assert list(empty.iterdir()) == []


def test_kill_at_random_moments(folders):
    _, old, scratch = folders
    moments = random.Random(7)
    outcomes = set()
    for number in range(12):
        cwd = scratch / str(number)
        harness.shutil.copytree(old, cwd)
        before = (cwd / "out/manifest.json").read_bytes()
        with subprocess.Popen(REPLACE, cwd=cwd, stdout=subprocess.PIPE, env=harness.environment()) as run:
            run.stdout.readline()
            time.sleep(moments.uniform(0, 0.06))
            run.send_signal(signal.SIGKILL)
        assert verify(cwd / "out") == []
        outcomes.add((cwd / "out/manifest.json").read_bytes() == before)
        again(cwd)
        assert [path.name for path in cwd.iterdir()] == ["out"]
    assert True in outcomes


def test_of_two_runs_the_second_ends_with_75_and_writes_nothing(folders):
    empty, _, _ = folders
    with subprocess.Popen(
        [*RUN, "--hold"], cwd=empty, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=harness.environment()
    ) as winner:
        assert [winner.stdout.readline(), winner.stdout.readline()] == [b"ready\n", b"held\n"]
        before = harness._snapshot(empty)
        loser = subprocess.run(
            RUN, cwd=empty, capture_output=True, text=True, check=False, timeout=60, env=harness.environment()
        )
        assert loser.returncode == 75
        assert harness._snapshot(empty) == before
        winner.stdin.close()
    assert winner.returncode == 0
    assert verify(empty / "out") == []
