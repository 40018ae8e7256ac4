"""`dq run`, whole: whatever fails and whenever, the output folder is complete or absent, and the next run succeeds.

A sample of the points is broken by default; `DQ_FAULTS=all` breaks every one of them.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from everything import ROOT, command, environment, run, run_command, write

import dq
from dq.sinks.manifest import verify

from . import harness

HERE = Path(__file__).parent
RUN = run_command("-q")
REPLACE = [*RUN, "--replace"]
SAMPLE = 20
traced = pytest.mark.skipif(harness.missing() is not None, reason=str(harness.missing()))
pytestmark = pytest.mark.faults
PLANTED = """\
import sys
if "run" in sys.argv:
    from dq.sinks.folder import OutputFolder
    original = OutputFolder.__init__
    def straight(self, path, *, replace=False):
        original(self, path, replace=replace)
        self._temporary = self.path
        self._check_target = lambda: None
        self._publish = lambda: None
    OutputFolder.__init__ = straight
"""


@pytest.fixture
def folders(tmp_path):
    """Return a template with the inputs, one with an old output as well, and a scratch folder."""
    base = tmp_path.resolve()
    for name in ("fresh", "scratch"):
        (base / name).mkdir()
    write(base / "fresh", 60)
    shutil.copytree(base / "fresh", base / "old")
    publish(base / "old", now="2020-01-01T00:00:00+00:00")
    return base / "fresh", base / "old", base / "scratch"


@pytest.fixture(autouse=True)
def _importable(monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def publish(cwd: Path, now: str = "2026-11-01T00:00:00+00:00") -> None:
    """Run in this process: starting Python is what costs."""
    plan = dq.load(cwd / "spec.yaml")
    moment = dq.api.datetime.fromisoformat(now)
    plan.run([cwd / "crm.csv", cwd / "web.jsonl.gz"], out=cwd / "out", replace=True, now=moment)


def points(argv: list[str], template: Path, scratch: Path) -> list[harness.Point]:
    """Return every point of a command."""
    cwd = scratch / "count"
    shutil.copytree(template, cwd)
    found = harness.crash_points(argv, cwd, "out")
    shutil.rmtree(cwd)
    return found


def sample(found: list[harness.Point], count: int) -> list[harness.Point]:
    """Return one point of each kind of call and fault, and others by chance, always the same."""
    if os.environ.get("DQ_FAULTS") == "all":
        return found
    kinds = {(point.syscall, point.fault): point for point in reversed(found)}
    others = random.Random(11).sample(found, len(found))
    chosen = list(dict.fromkeys([*kinds.values(), *others]))[:count]
    return [point for point in found if point in chosen]


def said(cwd: Path, argv: list[str], code: int, **changes: str) -> str:
    """Run a command that must end with this code, and return its one message."""
    ended = run(argv, cwd, **changes)
    assert ended.returncode == code, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


@traced
def test_a_new_output_at_every_point(folders):
    fresh, _, scratch = folders
    found = points(RUN, fresh, scratch)
    assert {point.syscall for point in found} >= {"openat", "mkdir", "write", "fsync", "renameat2", "unlink", "chmod"}
    assert len(found) > 60
    assert "\n".join(harness.violations(RUN, fresh, scratch, "out", sample(found, SAMPLE), rerun=publish)) == ""


@traced
def test_replacing_at_points_from_the_manifest_on(folders):
    _, old, scratch = folders
    found = points(REPLACE, old, scratch)
    first = next(i for i, point in enumerate(found) if point.path.endswith("manifest.json"))
    broken = sample(found[first:], SAMPLE // 2)
    assert "\n".join(harness.violations(REPLACE, old, scratch, "out", broken, rerun=publish)) == ""


@traced
def test_the_harness_finds_files_that_grow_under_the_published_name(folders, monkeypatch):
    fresh, _, scratch = folders
    (scratch / "site").mkdir()
    (scratch / "site" / "sitecustomize.py").write_text(PLANTED)
    monkeypatch.setenv("PYTHONPATH", f"{scratch / 'site'}:{ROOT}")
    kills = [p for p in points(RUN, fresh, scratch) if (p.fault, p.syscall) == ("KILL", "write")]
    broken = harness.violations(RUN, fresh, scratch, "out", kills[:2], rerun=lambda cwd: shutil.rmtree(cwd / "out"))
    assert any("no readable manifest.json" in problem for problem in broken)


@traced
def test_everything_is_on_the_device_before_and_after_the_rename(folders):
    fresh, old, _ = folders
    assert harness.durability(harness.trace(RUN, fresh), fresh / "out") == []
    assert harness.durability(harness.trace(REPLACE, old), old / "out") == []


@traced
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("name", ["crm.csv", "web.jsonl.gz", "spec.yaml"])
def test_a_device_that_fails_under_an_input(folders, name, nth):
    fresh, _, _ = folders
    ended = harness.inject(RUN, fresh, harness.Point("read", name, nth, "EIO"))
    assert ended.fired
    assert ended.returncode == (2 if name == "spec.yaml" else 3), ended.stderr
    assert "Traceback" not in ended.stderr
    assert name.split(".")[0] in ended.stderr
    assert not (fresh / "out").exists()


@pytest.mark.parametrize("what", ["changes", "vanishes"])
def test_an_input_that_is_another_in_the_second_scan(folders, what):
    """Both scans open the input; between them the test changes it."""
    fresh, _, _ = folders
    path, opened = fresh / "crm.csv", []
    plan = dq.load(fresh / "spec.yaml")

    def progress(_bytes: int) -> None:
        """Called for the first time at the end of the narrow scan's first chunk."""
        if not opened:
            opened.append(1)
            if what == "vanishes":
                path.unlink()
            else:
                path.write_bytes(path.read_bytes().replace("secret 5;".encode("cp1251"), b"secret 6;"))

    with pytest.raises(dq.SourceError, match=r"changed while it was read|No such file"):
        plan.run([path, fresh / "web.jsonl.gz"], out=fresh / "out", progress=progress)
    assert opened
    assert sorted(p.name for p in fresh.iterdir() if p.name.startswith((".", "out"))) == []


def test_an_input_that_changes_under_the_command(folders):
    """The same through the command line: a thread appends as long as the run reads."""
    fresh, _, _ = folders
    write(fresh, 20_000)
    with subprocess.Popen(RUN, cwd=fresh, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        while process.poll() is None:
            with (fresh / "crm.csv").open("ab") as file:
                file.write(b"\r\nA-1;1;x;01.02.2026 00:00;1;1;;")
            time.sleep(0.002)
        message = process.stderr.read()
    assert process.returncode == 3, message
    assert "changed while it was read" in message
    assert not [p for p in fresh.iterdir() if "out" in p.name]


@pytest.mark.parametrize("limit", [0, 1000, 9000])
def test_a_full_disk_is_said_in_words(folders, limit):
    fresh, _, _ = folders
    ended = subprocess.run(
        RUN, cwd=fresh, capture_output=True, text=True, check=False, timeout=60, env=environment(),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )  # fmt: skip
    assert ended.returncode == 3
    assert ended.stderr.startswith("dq: cannot write ")
    assert "Traceback" not in ended.stderr
    assert sorted(path.name for path in fresh.iterdir()) == ["crm.csv", "spec.yaml", "web.jsonl.gz"]


def test_places_that_cannot_be_written(folders):
    fresh, _, _ = folders
    before = (fresh / "crm.csv").read_bytes()
    assert "exists already" in said(fresh, run_command(out="crm.csv"), 3)
    assert "is not an output folder" in said(fresh, run_command("--replace", out="crm.csv"), 3)
    assert (fresh / "crm.csv").read_bytes() == before
    assert "does not exist" in said(fresh, run_command(out="nowhere/out"), 3)
    assert "cannot" in said(fresh, run_command(out="/proc/out"), 3)
    assert "exists already" in said(fresh, run_command(out="."), 3)


def test_the_second_of_two_runs_ends_with_75(folders):
    fresh, old, _ = folders
    with dq.api.OutputFolder(fresh / "out"):
        before = harness._snapshot(fresh)
        assert "another run" in said(fresh, RUN, 75)
        assert harness._snapshot(fresh) == before
    assert said(fresh, RUN, 0) == ""
    assert verify(fresh / "out") == []
    assert "exists already" in said(old, RUN, 3)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_ends_a_run_in_good_order(folders, number, code):
    fresh, _, _ = folders
    write(fresh, 30_000)
    before = sorted(path.name for path in fresh.iterdir())
    with subprocess.Popen(RUN, cwd=fresh, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        while not (fresh / ".out.dq-partial" / "quarantine.jsonl").exists():
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(number)
        message = process.stderr.read()
    assert process.returncode == code
    assert message.strip() == f"dq: {'terminated' if code == 143 else 'interrupted'}"
    assert sorted(path.name for path in fresh.iterdir()) == before


@pytest.mark.parametrize("arguments", [("list", "checks"), ("check", "spec.yaml", "crm.csv", "--format", "json")])
def test_a_reader_that_goes_away(folders, arguments):
    """Exit code 1 would say that the data failed."""
    fresh, _, _ = folders
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = subprocess.run(
            command(*arguments), cwd=fresh, stdout=pipe, stderr=subprocess.PIPE, env=environment(), check=False
        )
    assert (ended.returncode, ended.stderr) == (3, b"")


def test_a_reader_of_the_summary_that_goes_away(folders):
    fresh, _, _ = folders
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        ended = subprocess.run(run_command(), cwd=fresh, stderr=pipe, env=environment(), check=False)
    assert ended.returncode == 3
    assert verify(fresh / "out") == [], "what was published stays"


def test_standard_input_is_a_source(folders, tmp_path):
    fresh, _, _ = folders
    (tmp_path / "temporary").mkdir()
    with (fresh / "crm.csv").open("rb") as stdin:
        ended = subprocess.run(
            command("run", "spec.yaml", "crm=-", "--out", "out", "-q"), cwd=fresh, stdin=stdin, capture_output=True,
            env=environment({"TMPDIR": str(tmp_path / "temporary")}), check=False,
        )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert verify(fresh / "out") == []
    assert list((tmp_path / "temporary").iterdir()) == []
