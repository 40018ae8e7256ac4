"""`dq stream` as a process: pipes, signals, a stalled reader, a full disk, and a checkpoint that is taken."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from everything import command, environment

import dq

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string, required: true}
  n: {type: integer, checks: [{maximum: 5}]}
  ssn: {type: string, pii: true, checks: [{max_length: 3}]}
"""
FILES = ("--to", "out.jsonl", "--dead-letter", "dead.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.yaml").write_text(SPEC)
    return tmp_path


@contextmanager
def stream(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a stream; it is killed if the test has not ended it."""
    process = subprocess.Popen(
        command("stream", "spec.yaml", *arguments),
        cwd=folder,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def until(true: Callable[[], object], seconds: float = 60) -> None:
    """Wait until something is true."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def ids(path: Path) -> list[str]:
    """Return the accepted ids, of whole lines only."""
    text = path.read_text() if path.exists() else ""
    return [json.loads(line)["id"] for line in text.splitlines(keepends=True) if line.endswith("\n")]


def events(*names: str) -> bytes:
    return b"".join(json.dumps({"id": name, "n": 1}).encode() + b"\n" for name in names)


def ended(process: subprocess.Popen[bytes]) -> tuple[int, str]:
    """Return the exit code and what was said."""
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()


def test_a_lone_event_is_answered_while_the_pipe_is_open(folder: Path) -> None:
    with stream(folder, "--from", "-", "--to", "-", "--dead-letter", "dead.jsonl") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in ("a", "b"):
            process.stdin.write(events(name))
            process.stdin.flush()
            assert json.loads(process.stdout.readline()) == {"id": name, "n": 1, "ssn": None}
        process.stdin.write(b'{"id":"c","ssn":"12345"}\n{"id":"d","n":9')
        process.stdin.close()
        process.stdin = None
        code, said = ended(process)
    assert (code, said) == (0, "")
    records = [json.loads(line) for line in (folder / "dead.jsonl").read_text().splitlines()][1:]
    assert [record["reasons"][0]["check"] for record in records] == ["ssn.max_length", "unreadable.malformed"]


def test_sigterm_ends_in_good_order_and_a_restart_goes_on(folder: Path) -> None:
    source = folder / "in.jsonl"
    source.write_bytes(events("a", "b"))
    arguments = ("--from", "in.jsonl", *FILES, "--checkpoint", "memory")
    with stream(folder, *arguments) as process:
        until(lambda: ids(folder / "out.jsonl") == ["a", "b"])
        with source.open("ab") as file:
            file.write(events("c") + b'{"id":')
        until(lambda: ids(folder / "out.jsonl") == ["a", "b", "c"])
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, "")
    with source.open("ab") as file:
        file.write(b'"d"}\n')
    with stream(folder, *arguments, "--until-end") as process:
        assert ended(process) == (0, "")
    assert ids(folder / "out.jsonl") == ["a", "b", "c", "d"], "a line that was begun is read when it is complete"


def test_sighup_reads_a_sound_spec_again_and_refuses_any_other(folder: Path) -> None:
    with stream(folder, "--from", "-", *FILES) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(events("a"))
        process.stdin.flush()
        until(lambda: ids(folder / "out.jsonl") == ["a"])
        for text, words in (
            (SPEC.replace("event: e", "event: other"), b"as before: the spec is now of the event other"),
            (SPEC.replace("maximum", "maximun"), b"as before: "),
            (SPEC + "sources: {s: {format: jsonl, encoding: cp1251}}\n", b"as before: the source is now declared"),
            (SPEC.replace("maximum: 5", "maximum: 0"), b"were read again"),
        ):
            (folder / "spec.yaml").write_text(text)
            process.send_signal(signal.SIGHUP)
            assert words in process.stderr.readline()
        until(lambda: process.stdin.write(events("b")) and process.stdin.flush() is None and dead(folder))  # type: ignore[union-attr]
    assert dead(folder)[0]["reasons"][0]["message"] == "a value of at most 0"


def dead(folder: Path) -> list[dict[str, list[dict[str, str]]]]:
    return [json.loads(line) for line in (folder / "dead.jsonl").read_text().splitlines()][1:]


def test_a_second_stream_on_one_checkpoint_writes_nothing(folder: Path) -> None:
    (folder / "in.jsonl").write_bytes(events("a"))
    with stream(folder, "--from", "in.jsonl", *FILES, "--checkpoint", "memory"):
        until(lambda: ids(folder / "out.jsonl") == ["a"])
        other = ("--to", "other.jsonl", "--dead-letter", "others.jsonl")
        with stream(folder, "--from", "in.jsonl", *other, "--checkpoint", "memory") as second:
            code, said = ended(second)
        assert code == 75
        assert "another run" in said
        assert not (folder / "other.jsonl").exists()


def test_a_checkpoint_of_another_stream_is_refused(folder: Path) -> None:
    (folder / "in.jsonl").write_bytes(events("a"))
    once = ("--checkpoint", "memory", "--until-end")
    with stream(folder, "--from", "in.jsonl", *FILES, *once) as process:
        assert ended(process)[0] == 0
    with stream(folder, "--from", "in.jsonl", "--to", "b.jsonl", "--dead-letter", "dead.jsonl", *once) as process:
        code, said = ended(process)
    assert code == 2
    assert "belongs to another stream" in said


def test_a_reader_that_stalls_stops_the_intake(folder: Path) -> None:
    """Nothing is lost, nothing refused, and no more is read ahead than the bounds allow."""
    many = 60_000
    with stream(folder, "--from", "in.jsonl", "--to", "-", "--dead-letter", "dead.jsonl", "--until-end") as process:
        (folder / "in.jsonl").write_bytes(events(*map(str, range(many))))
        time.sleep(3)
        assert process.poll() is None
        assert process.stdout is not None
        found = [json.loads(line)["id"] for line in process.stdout]
        assert found == [str(number) for number in range(many)]
    assert len((folder / "dead.jsonl").read_text().splitlines()) == 1


def test_a_full_disk_stops_the_intake_until_there_is_room(folder: Path) -> None:
    many = 20_000
    (folder / "in.jsonl").write_bytes(events(*map(str, range(many))))
    with stream(folder, "--from", "-", *FILES) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
        assert process.stdin is not None
        assert process.stderr is not None
        feed = subprocess.Popen(["cat", "in.jsonl"], cwd=folder, stdout=process.stdin)
        said = process.stderr.readline().decode()
        assert "larger than this system allows; the stream waits" in said
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert feed.wait(60) == 0
        process.stdin.close()
        process.stdin = None
        assert ended(process)[0] == 0
    assert ids(folder / "out.jsonl") == [str(number) for number in range(many)]
    assert len((folder / "dead.jsonl").read_text().splitlines()) == 1


def test_what_nobody_takes_is_given_up_after_five_seconds(folder: Path) -> None:
    (folder / "in.jsonl").write_bytes(events(*map(str, range(30_000))))
    with stream(
        folder, "--from", "in.jsonl", "--to", "-", "--dead-letter", "dead.jsonl", "--checkpoint", "memory"
    ) as process:
        until((folder / "dead.jsonl").exists)
        time.sleep(1)
        begun = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 3
        assert time.monotonic() - begun < 15


def test_named_pipes_and_devices_are_read_and_written(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with stream(folder, "--from", "pipe", "--to", "-", "--dead-letter", os.devnull) as process:
        (folder / "pipe").write_bytes(events("a", "b"))
        out, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["a", "b"]


def test_places_must_differ(folder: Path) -> None:
    with stream(folder, "--from", "-", "--to", "a", "--dead-letter", f".{os.sep}a") as process:
        code, said = ended(process)
    assert code == 2
    assert "places of their own" in said


def test_what_watches_a_stream_tells_of_it_to_the_end(folder: Path) -> None:
    options = ("--live", "--metrics", "metrics", "--report", "day.json")
    with stream(folder, "--from", "-", *FILES, *options) as process:
        out, said = process.communicate(events("a", "b") + b"{}\n", timeout=60)
    assert (process.returncode, out) == (0, b"")
    assert said.decode().splitlines()[-1].startswith("dq: 3 read: 2 accepted, 1 quarantined, 0 deduplicated")
    assert 'door="accepted"} 2\n' in (folder / "metrics").read_text()
    assert (folder / "metrics").read_text().endswith("# EOF\n")
    assert json.loads((folder / "day.json").read_text())["records"]["read"] == 3


def test_a_window_of_drift_needs_a_state_and_a_question(folder: Path) -> None:
    (folder / "drift.yaml").write_text(
        SPEC.replace("n: {type: integer,", "n: {type: integer, expect: [{drift: {psi: 1}}],")
    )
    (folder / "state.json").write_bytes(dq.load(folder / "drift.yaml").fit([{"id": "a", "n": 1}]).json())
    for options, words in (
        ((), "compares with a state"),
        (("--state", "state.json"), "no spec asks for drift"),
    ):
        with stream(folder, "--from", "-", *FILES, "--drift-window", "1h", *options) as process:
            code, said = ended(process)
        assert (code, words in said) == (2, True), said


def test_several_specs_share_a_stream(folder: Path) -> None:
    (folder / "other.yaml").write_text(SPEC.replace("event: e", "event: f\nmatch: {kind: [f]}"))
    lines = b'{"event":"e","version":"1.0.0","id":"a"}\n{"kind":"f","id":"b"}\n{"id":"c"}\n'
    with stream(folder, "other.yaml", "--from", "-", "--to", "{event}", "--dead-letter", "dead.jsonl") as process:
        _, said = process.communicate(lines, timeout=60)
    assert (process.returncode, said) == (0, b"")
    assert (ids(folder / "e"), ids(folder / "f")) == (["a"], ["b"])
    assert [letter["reasons"][0]["code"] for letter in dead(folder)] == ["unmatched"]


def test_sighup_changes_specs_but_not_which_there_are(folder: Path) -> None:
    other = SPEC.replace("event: e", "event: f\nmatch: {kind: [f]}")
    (folder / "other.yaml").write_text(other)
    with stream(folder, "other.yaml", "--from", "-", *FILES) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b'{"kind":"f","id":"a"}\n')
        process.stdin.flush()
        until(lambda: ids(folder / "out.jsonl") == ["a"])
        for text, words in (
            (other.replace("version: 1.0.0", "version: 2.0.0"), "there is now f 2.0.0 and there is no more f 1.0.0;"),
            (other.replace("event: f", "event: g"), "there is now g 1.0.0 and there is no more f 1.0.0;"),
            (other.replace("maximum: 5", "maximum: 0"), "were read again"),
        ):
            (folder / "other.yaml").write_text(text)
            process.send_signal(signal.SIGHUP)
            assert words in process.stderr.readline().decode()
        process.stdin.write(b'{"kind":"f","id":"b","n":1}\n')
        process.stdin.flush()
        until(lambda: dead(folder))
    assert dead(folder)[0]["reasons"][0]["message"] == "a value of at most 0"


def test_sighup_changes_no_version_that_has_a_place_of_its_own(folder: Path) -> None:
    (folder / "in.jsonl").write_bytes(events("a"))
    placed = ("--to", "{event}-{version}", "--dead-letter", "dead.jsonl")
    with stream(folder, "--from", "in.jsonl", *placed) as process:
        assert process.stderr is not None
        until(lambda: ids(folder / "e-1.0.0") == ["a"])
        (folder / "spec.yaml").write_text(SPEC.replace("version: 1.0.0", "version: 2.0.0"))
        process.send_signal(signal.SIGHUP)
        assert "as before: there is now e 2.0.0 and there is no more e 1.0.0;" in process.stderr.readline().decode()
