"""The crash harness: every write, rename and fsync of a command fails in turn, and nothing half may be seen.

A first run under strace lists the system calls that touch files beside the target.  Then the command is run
once for each of them with a fault injected into just that call: the process is killed as it enters the call,
or the call returns ENOSPC or EIO.  After each, the target is looked at and the command is run again.

How to use it on any command that writes an output folder:

    points = crash_points(argv, scratch_folder, "out")
    found = violations(argv, template_folder, scratch_folder, "out", points, rerun=argv)
    assert found == []

`argv` names the target relative to the folder that it is run in.  The command should use few threads
(POLARS_MAX_THREADS=1 is set here), for strace counts calls for each thread.

What kill -9 cannot show is a missing fsync, because the page cache outlives the process: `durability` reads
the order of calls in a trace instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from dq.sinks.manifest import verify

CHANGES = (
    "openat,mkdir,write,pwrite64,ftruncate,fallocate,fsync,fdatasync,"
    "rename,renameat,renameat2,link,unlink,unlinkat,rmdir,chmod,fchmod"
)
ERRORS = {
    "openat": ("ENOSPC",), "mkdir": ("ENOSPC",), "write": ("ENOSPC",), "pwrite64": ("ENOSPC",),
    "ftruncate": ("EIO",), "fallocate": ("ENOSPC",), "fsync": ("EIO",), "fdatasync": ("EIO",), "rename": ("EIO",),
    "renameat": ("EIO",), "renameat2": ("EIO",), "link": ("EIO",), "unlink": ("EIO",), "unlinkat": ("EIO",),
    "rmdir": ("EIO",), "chmod": ("EIO",), "fchmod": ("EIO",),
}  # fmt: skip
REMOVALS = frozenset({"unlink", "unlinkat", "rmdir"})
KILLED = (-9, 137)
PUBLISHED = (0, 1)  # dq ends with 1 where the data failed the gate; the output is complete then, too
TIMEOUT = 60

_CALL = re.compile(r"(\d+) +(\w+)\((.*)")
_DESCRIPTOR = re.compile(r"(?<!AT_FDCWD)<(/[^>]*)>")
_QUOTED = re.compile(r'"(/[^"]*)"')


@dataclass(frozen=True)
class Call:
    """One system call of a trace: the thread, the name, the files that it names, and its text."""

    thread: str
    name: str
    paths: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Point:
    """The `nth` call of `syscall` on `path` (relative to the folder of the run) by one thread, and its fault."""

    syscall: str
    path: str
    nth: int
    fault: str  # KILL, or the name of an errno

    def __str__(self) -> str:
        """Say the point in a line."""
        return f"{self.fault} at {self.syscall} #{self.nth} of {self.path}"


@dataclass(frozen=True)
class Ended:
    """How a run with a fault ended, and whether the fault was really injected."""

    returncode: int
    fired: bool
    stderr: str


def missing() -> str | None:
    """Say why the harness cannot run here, or None."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    probe = subprocess.run(["strace", "-qq", "-e", "trace=none", "true"], capture_output=True, check=False)
    return None if probe.returncode == 0 else "this system does not allow strace"


def environment() -> dict[str, str]:
    """Return the environment of the runs."""
    return os.environ | {"POLARS_MAX_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}


def _run(command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=cwd, env=environment(), capture_output=True, text=True, timeout=TIMEOUT, check=False
    )


def trace(argv: Sequence[str], cwd: Path, syscalls: str = CHANGES) -> list[Call]:
    """Run a command in a folder and return its calls that name files in that folder, in order."""
    log = cwd.parent / f"{cwd.name}.trace"
    ended = _run(["strace", "-f", "-y", "-qq", "-s", "0", "-o", str(log), "-e", f"trace={syscalls}", *argv], cwd)
    assert ended.returncode in PUBLISHED, ended.stderr
    calls = []
    for line in log.read_text().splitlines():
        match = _CALL.match(line)
        found = [*_QUOTED.findall(match[3]), *_DESCRIPTOR.findall(match[3])] if match else []
        paths = tuple(dict.fromkeys(path for path in found if path == str(cwd) or path.startswith(f"{cwd}/")))
        if match and paths:
            calls.append(Call(match[1], match[2], paths, match[3]))
    return calls


def crash_points(
    argv: Sequence[str], cwd: Path, target: str, syscalls: str = CHANGES, faults: Iterable[str] = ("KILL", "errors")
) -> list[Point]:
    """Run a command once in `cwd` and return every point at which it can be made to fail.

    The points are the calls on the target, on files beside it whose names begin with a dot and the target's
    name, and on the folder that holds them.  The command must succeed.
    """
    beside = (str(cwd / target), str((cwd / target).with_name(f".{Path(target).name}.")))
    parent = str((cwd / target).parent)
    seen: Counter[tuple[str, str, str]] = Counter()
    points: dict[Point, None] = {}
    for call in trace(argv, cwd, syscalls):
        seen.update((call.thread, call.name, path) for path in call.paths)
        path = call.paths[0]
        if not (path == parent or path.startswith(beside)) or (call.name == "openat" and "O_CREAT" not in call.text):
            continue
        nth = seen[call.thread, call.name, path]
        kinds = [*(("KILL",) if "KILL" in faults else ()), *(ERRORS[call.name] if "errors" in faults else ())]
        points |= dict.fromkeys(Point(call.name, os.path.relpath(path, cwd), nth, fault) for fault in kinds)
    return list(points)


def inject(argv: Sequence[str], cwd: Path, point: Point) -> Ended:
    """Run a command with one fault.

    strace delivers no signals under --seccomp-bpf, hence the slower way for KILL.
    """
    log = cwd.parent / f"{cwd.name}.trace"
    how = "signal=KILL" if point.fault == "KILL" else f"error={point.fault}"
    quick = [] if point.fault == "KILL" else ["--seccomp-bpf"]
    where = os.path.normpath(cwd / point.path)
    options = ["-P", where, "-e", f"trace={point.syscall}", "-e", f"inject={point.syscall}:{how}:when={point.nth}"]
    ended = _run(["strace", "-f", "-qq", *quick, "-o", str(log), *options, *argv], cwd)
    fired = ended.returncode in KILLED if point.fault == "KILL" else "(INJECTED)" in log.read_text()
    return Ended(ended.returncode, fired, ended.stderr)


def violations(
    argv: Sequence[str],
    template: Path,
    scratch: Path,
    target: str,
    points: Sequence[Point],
    *,
    rerun: Sequence[str] | Callable[[Path], None],
    judge: Callable[[Path], list[str]] = verify,
) -> list[str]:
    """Break the command at each point, each time in a fresh copy of `template`, and say what was wrong.

    After a fault the target must be what it was in the template, or complete: `judge` says what is wrong with
    a folder, `dq.sinks.manifest.verify` by default.  A run that ended with 0 or 1 must have published; one that
    ended with another code must have changed nothing, and left nothing behind unless it was killed or could
    not remove.  Then `rerun`, a command or a function of the folder, must succeed.
    """

    def broken(numbered: tuple[int, Point]) -> list[str]:
        """Judge one point."""
        number, point = numbered
        cwd = scratch / f"point-{number}"
        shutil.copytree(template, cwd)
        before = _snapshot(cwd)
        found = _judge(inject(argv, cwd, point), point, before, cwd, cwd / target, judge=judge)
        found += _rerun(rerun, cwd, cwd / target, judge)
        shutil.rmtree(cwd)
        return [f"{point}: {problem}" for problem in found]

    with ThreadPoolExecutor(2) as pool:
        return [problem for found in pool.map(broken, enumerate(points)) for problem in found]


def _judge(
    ended: Ended, point: Point, before: dict[str, bytes], cwd: Path, target: Path, *, judge: Callable[[Path], list[str]]
) -> list[str]:
    """Say what is wrong after a fault."""
    if not ended.fired:
        return [f"the fault was not injected (exit code {ended.returncode}): {ended.stderr}"]
    found = judge(target) if target.exists() else []
    after = _snapshot(cwd)
    name = f"{target.relative_to(cwd)}/"
    old = {path: data for path, data in before.items() if path.startswith(name)}
    new = {path: data for path, data in after.items() if path.startswith(name)}
    if old and not new:
        found.append("neither the old nor the new output is there")
    if "Traceback" in ended.stderr:
        found.append(f"it ended with a traceback: {ended.stderr}")
    if ended.returncode in PUBLISHED and (not new or new == old):
        found.append(f"it ended with {ended.returncode} and published nothing")
    if ended.returncode not in (*PUBLISHED, *KILLED):
        if new != old:
            found.append(f"it ended with {ended.returncode} and changed the target")
        if set(after) != set(before) and point.syscall not in REMOVALS:
            found.append(f"it left something behind: {sorted(set(after) - set(before))}")
    return found


def _rerun(
    rerun: Sequence[str] | Callable[[Path], None], cwd: Path, target: Path, judge: Callable[[Path], list[str]]
) -> list[str]:
    """Run again after a fault and say what is wrong then."""
    if callable(rerun):
        try:
            rerun(cwd)
        except Exception as error:  # noqa: BLE001
            return [f"the next run failed: {error!r}"]
    else:
        ended = _run(rerun, cwd)
        if ended.returncode not in PUBLISHED:
            return [f"the next run failed: {ended.stderr}"]
    litter = [path for path in _snapshot(cwd) if path.startswith(f".{target.name}.dq-")]
    return judge(target) + [f"the next run left {path}" for path in litter]


def _snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its content, and folders with none."""
    return {
        f"{path.relative_to(folder)}{'/' if path.is_dir() else ''}": path.read_bytes() if path.is_file() else b""
        for path in sorted(folder.rglob("*"))
    }


def durability(calls: Sequence[Call], target: Path) -> list[str]:
    """Say which fsyncs are missing around the rename that publishes the target.

    Before it: one of each file of the private folder after its last write, and one of that folder after its
    last change.  After it: one of the folder that holds the target.
    """
    renames = [i for i, call in enumerate(calls) if call.name.startswith("rename") and str(target) in call.paths]
    if not renames:
        return ["the target was not published by a rename"]
    at = renames[-1]
    private = next(path for path in calls[at].paths if path != str(target))
    before, after = calls[:at], calls[at + 1 :]
    synced = {path: i for i, call in enumerate(before) for path in call.paths if "sync" in call.name}
    written = {path: i for i, call in enumerate(before) for path in call.paths if "write" in call.name}
    renamed = {p: q for call in before if call.name.startswith("rename") for p, q in [call.paths] if p in written}
    gone = {path for call in before if call.name.startswith("unlink") for path in call.paths}
    problems = [
        f"{Path(renamed.get(path, path)).name} was not synchronised after its last write"
        for path, i in written.items()
        if path.startswith(f"{private}/") and path not in gone and synced.get(path, -1) < i
    ]
    changes = [
        i
        for i, call in enumerate(before)
        if "sync" not in call.name and any(Path(path).parent == Path(private) for path in call.paths)
    ]
    if synced.get(private, -1) < max(changes, default=0):
        problems.append("the private folder was not synchronised before the rename")
    if not any("sync" in call.name and str(target.parent) in call.paths for call in after):
        problems.append("the parent folder was not synchronised after the rename")
    return problems
