"""Inputs made to harm: each ends with an exit code and words, in bounded memory, and every record is accounted for."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
import zstandard
from everything import command, environment

import dq
from dq.cli.main import run as run_here
from dq.sinks.manifest import verify

SPEC = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: string, pii: true}\n  b: {type: integer, pii: true}\n"
SECRET = "geheimnis"
MIB = 1 << 20
ADDRESSES = 3 << 30
RESIDENT = 600 * MIB
HUGE = 300 * MIB
JUDGED = (0, 1)


def parquet(rows: int = 2000) -> bytes:
    """Return a good Parquet file."""
    buffer = io.BytesIO()
    pl.DataFrame({"a": [f"{SECRET}{i}" for i in range(rows)], "b": range(rows)}).write_parquet(buffer)
    return buffer.getvalue()


def flipped(seed: int) -> bytes:
    """Return a Parquet file with a few bits of its footer, or of its pages, turned."""
    chance, data = random.Random(seed), bytearray(parquet())
    low = 0 if seed % 2 else len(data) - 600
    for _ in range(1 + seed % 4):
        data[chance.randrange(low, len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


LINES = b"a,b\n" + f"{SECRET},1\n".encode() * 3
NOISE = random.Random(3).randbytes(200_000)
SMALL: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "empty.csv": (b"", (1,)),
    "empty.jsonl": (b"", (0,)),
    "empty.json": (b"", (1,)),
    "empty.parquet": (b"", (3,)),
    "newlines.csv": (b"\n" * 20_000, (1,)),
    "newlines.jsonl": (b"\n" * 20_000, (0,)),
    "deep.jsonl": (b'{"a":' + b"[" * 200_000 + b"]" * 200_000 + b'}\n{"a":"1"}\n', (1,)),
    "deep_objects.jsonl": (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, (1,)),
    "deep.json": (b"[" + b"[" * 200_000 + b"]" * 200_000 + b"]", (1,)),
    "open.json": (b"[" * 1_500_000, (1,)),
    "nul.csv": (b"a,b\n\0,1\n\0\0\0,2\n", (0,)),
    "utf16.csv": (f"a,b\n{SECRET},1\n".encode("utf-16-le"), (1,)),
    "utf16_mark.csv": (f"a,b\n{SECRET},1\n".encode("utf-16"), (1,)),
    "undecodable.csv": (LINES + b"\xff\xfe" + SECRET.encode() + b",1\n", (1,)),
    "refused.csv": (b"a,b\n" + f"{SECRET},{SECRET}\n".encode() * 5000, (1,)),
    "quotes.csv": (b"a,b\n" + f'"{SECRET},1\n'.encode() * 5000, (1,)),
    "unclosed.csv": (b'a,b\n"' + f"{SECRET},1\n".encode() * 20_000, (1,)),
    "wide.csv": (b"a,b," + b",".join(b"c%d" % i for i in range(200_000)) + b"\n1,2\n", JUDGED),
    "commas.csv": (b"a,b\n" + b"," * 900_000 + b"\n1,2\n", (1,)),
    "keys.jsonl": (b"{" + b",".join(b'"k%d":1' % i for i in range(50_000)) + b"}\n", JUDGED),
    "twice.csv": (b"a,a\n1,2\n", (1,)),
    "cut.csv.gz": (gzip.compress(LINES * 2000)[:-30], (1,)),
    "checksum.csv.gz": (gzip.compress(LINES)[:-8] + b"\0" * 8, (1,)),
    "noise.csv.gz": (b"\x1f\x8b\x08" + NOISE, (1,)),
    "noise.csv.zst": (b"\x28\xb5\x2f\xfd" + NOISE, (1,)),
    "noise.csv": (b"a,b\n" + NOISE, (1,)),
    "noise.jsonl": (NOISE, (1,)),
    "noise.json": (NOISE, (1,)),
    "noise.parquet": (b"PAR1" + NOISE + b"PAR1", (3,)),
    "text.parquet": (LINES, (3,)),
    "footer.parquet": (parquet()[:8] + b"\xff\xff\xff\x7fPAR1", (3,)),
    **{f"cut{n}.parquet": (parquet()[: -(n * 97)], (3,)) for n in range(1, 4)},
    **{f"flipped{seed}.parquet": (flipped(seed), (0, 1, 3)) for seed in range(24)},
}
INSIDE = """\
import contextlib, io, json, sys
from dq.cli.main import run, silence_native_code

silence_native_code()
for name in json.load(open("names.json")):
    with contextlib.redirect_stderr(io.StringIO()) as said:
        code = run(["run", "spec.yaml", name, "--out", name + ".out"])
    print(json.dumps([name, code, said.getvalue()]), flush=True)
"""


def in_a_child(argv: list[str], cwd: Path, seconds: int) -> tuple[int, str, str, int]:
    """Run under limits of memory and CPU time; return the exit code, both texts, and the peak of resident bytes."""
    out, err = cwd / "stdout.txt", cwd / "stderr.txt"
    child = os.fork()
    if child == 0:
        try:
            resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
            os.chdir(cwd)
            for stream, path in ((1, out), (2, err)):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
            os.execve(argv[0], argv, environment({"POLARS_MAX_THREADS": "2", "ARROW_IO_THREADS": "2"}))
        finally:
            os._exit(127)
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), out.read_text(), err.read_text(), usage.ru_maxrss * 1024


def conserved(out: Path) -> dict[str, int]:
    """Return the counts of a run, after looking at every place where they can be counted."""
    assert verify(out) == []
    report = json.loads((out / "report.json").read_bytes())
    counts = report["records"]
    doors = {door: counts[door] for door in ("accepted", "quarantined", "deduplicated", "filtered")}
    assert counts["read"] == sum(doors.values())
    manifest = json.loads((out / "manifest.json").read_bytes())
    accepted = next(entry for name, entry in manifest.items() if name.startswith(("accepted", "held")))
    assert accepted["rows"] == doors["accepted"]
    assert manifest["quarantine.jsonl"]["rows"] == doors["quarantined"]
    with (out / "quarantine.jsonl").open("rb") as lines:
        assert sum(1 for _ in lines) == doors["quarantined"] + len(report["sources"])
    return counts


def complaints(name: str, code: int, text: str, out: Path) -> list[str]:
    """Say what is wrong with the end of a run."""
    wrong = [
        f"{name}: it says {word!r}" for word in ("Traceback", "panicked", SECRET, "internal error") if word in text
    ]
    if code in JUDGED:
        conserved(out)
    elif out.exists() or not text.startswith("dq: "):
        wrong.append(f"{name}: it ended with {code} and: {text[:200]!r}")
    return wrong


def test_small_ones(tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    for name, (data, _) in SMALL.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "names.json").write_text(json.dumps(list(SMALL)))
    (tmp_path / "inside.py").write_text(INSIDE)
    code, stdout, stderr, peak = in_a_child([sys.executable, "inside.py"], tmp_path, 120)
    assert (code, stderr) == (0, "")
    ended = {name: (code, text) for name, code, text in map(json.loads, stdout.splitlines())}
    assert {name: ended[name] for name, (_, codes) in SMALL.items() if ended[name][0] not in codes} == {}
    wrong = [c for name, (code, text) in ended.items() for c in complaints(name, code, text, tmp_path / f"{name}.out")]
    assert wrong == []
    assert peak < RESIDENT
    assert {ended[name][0] for name in ended if name.startswith("flipped")} >= {3}, "the flips hit nothing"


def test_a_folder_of_a_thousand_files(tmp_path, capfd):
    (tmp_path / "many").mkdir()
    (tmp_path / "spec.yaml").write_text(SPEC)
    for number in range(1000):
        (tmp_path / "many" / f"{number:04d}.csv").write_bytes(b"a,b\n%d,1\n" % number)
    assert (
        run_here(["run", str(tmp_path / "spec.yaml"), str(tmp_path / "many"), "--out", str(tmp_path / "out"), "-q"])
        == 0
    )
    assert conserved(tmp_path / "out")["accepted"] == 1000
    rows = pl.read_parquet(tmp_path / "out" / "accepted.parquet", glob=False)["a"].to_list()
    assert rows == [str(number) for number in range(1000)], "files are read in order of their names"


class PanicException(BaseException):
    """What Polars raises when its native code gives up: no Exception."""


@pytest.mark.parametrize("where", ["dq.sources.parquet.pl.scan_parquet", "dq.sources.csv_cells.pl.read_csv"])
@pytest.mark.parametrize("error", [PanicException(SECRET), pl.exceptions.ComputeError(SECRET), RuntimeError(SECRET)])
def test_what_native_code_raises_is_said_without_values(tmp_path, monkeypatch, capfd, where, error):
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "a.csv").write_bytes(LINES)
    (tmp_path / "a.parquet").write_bytes(parquet())

    def planted(*_arguments, **_options):
        raise error

    monkeypatch.setattr(where, planted)
    monkeypatch.chdir(tmp_path)
    name = "a.parquet" if "parquet" in where else "a.csv"
    assert run_here(["run", "spec.yaml", name, "--out", "out"]) == 3
    text = capfd.readouterr().err
    assert text.startswith("dq: ")
    assert SECRET not in text
    assert "Traceback" not in text
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.parquet", "spec.yaml"]


def test_a_panic_over_a_reference_is_the_author_s(tmp_path, monkeypatch, capfd):
    text = SPEC.replace(
        "  a: {type: string, pii: true}", "  a: {type: string, checks: [{references: {file: keys.parquet, column: a}}]}"
    )
    (tmp_path / "spec.yaml").write_text(text)
    (tmp_path / "keys.parquet").write_bytes(parquet())

    def planted(*_arguments, **_options):
        raise PanicException(SECRET)

    monkeypatch.setattr("dq.plan.references.pl.read_parquet", planted)
    assert run_here(["lint", str(tmp_path / "spec.yaml")]) == 2
    text = capfd.readouterr().err
    assert "DQ320" in text
    assert SECRET not in text


def squeezed(path: Path, head: bytes, unit: bytes, count: int, tail: bytes = b"") -> None:
    """Write a compressed file of much repetition."""
    if path.suffix == ".zst":
        with path.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as stream:
            stream.write(head)
            for _ in range(count):
                stream.write(unit)
            stream.write(tail)
        return
    with gzip.open(path, "wb", 1) as file:
        file.write(head)
        for _ in range(count):
            file.write(unit)
        file.write(tail)


def long_value(head: bytes, tail: bytes) -> Callable[[Path], None]:
    """Return a writer of a file with one value of 300 MB."""

    def make(path: Path) -> None:
        with path.open("wb") as file:
            file.write(head)
            for _ in range(HUGE // MIB):
                file.write(b"q" * MIB)
            file.write(tail)

    return make


LARGE: dict[str, tuple[Callable[[Path], object], int | None]] = {  # what writes it, and the records, where known
    "line.csv": (long_value(b"a,b\n1,2\n", b"\n3,4\n"), 3),
    "quoted.csv": (long_value(b'a,b\n1,2\n"', b'",1\n3,4\n'), 3),
    "field.jsonl": (long_value(b'{"a":"1"}\n{"a":"', b'"}\n{"a":"3"}\n'), 3),
    "array.json": (long_value(b'[{"a":"1"},{"a":"', b'"},{"a":"3"}]'), 3),
    "bomb.csv.gz": (lambda path: squeezed(path, b"a,b\n", b"x" * MIB, 700), 1),
    "bomb.csv.zst": (lambda path: squeezed(path, b"a,b\n", b"x" * MIB, 700), None),
    "bomb.jsonl.gz": (lambda path: squeezed(path, b"", b" " * MIB, 700), None),
    "refused.csv": (lambda path: path.write_bytes(b"a,b\n" + f"{SECRET},x\n".encode() * 1_000_000), 1_000_000),
    "quotes.csv": (lambda path: path.write_bytes(b"a,b\n" + b'"x,1\n' * 300_000), 300_000),
    "unclosed.csv": (lambda path: path.write_bytes(b'a,b\n"x,1\n' + b"y,2\n" * 1_000_000), 1_000_001),
    "objects.jsonl": (lambda path: path.write_bytes(b'{"a":"1"}' * 500_000 + b"\n"), 1),
    "names.jsonl": (lambda path: path.write_bytes(b"".join(b'{"k%d":1}\n' % i for i in range(200_000))), 200_000),
}


@pytest.mark.faults
@pytest.mark.parametrize("name", LARGE)
def test_large_ones(tmp_path, name):
    write, records = LARGE[name]
    (tmp_path / "spec.yaml").write_text(SPEC)
    write(tmp_path / name)
    code, _, text, peak = in_a_child(command("run", "spec.yaml", name, "--out", "out"), tmp_path, 120)
    assert code in JUDGED, text
    assert complaints(name, code, text, tmp_path / "out") == []
    assert peak < RESIDENT
    counts = conserved(tmp_path / "out")
    assert records is None or counts["read"] == records


def test_the_judge_of_runs_can_say_no(tmp_path):
    out = tmp_path / "out"
    assert complaints("x", 3, "Traceback (most recent call last)", out) != []
    assert complaints("x", 3, f"dq: {SECRET}", out) != []
    assert complaints("x", -6, "", out) != []
    (tmp_path / "spec.yaml").write_text(SPEC)
    (tmp_path / "a.csv").write_bytes(LINES)
    dq.load(tmp_path / "spec.yaml").run(tmp_path / "a.csv", out=out)
    assert complaints("x", 0, "", out) == []
    (out / "quarantine.jsonl").unlink()
    with pytest.raises(AssertionError):
        complaints("x", 0, "", out)


def test_the_limits_bite(tmp_path):
    argv = [sys.executable, "-c", f"bytearray({ADDRESSES})"]
    code, _, text, _ = in_a_child(argv, tmp_path, 20)
    assert (code, "MemoryError" in text) == (1, True)
