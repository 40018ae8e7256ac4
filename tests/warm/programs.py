"""How tests reach the warm server: as programs in a PATH, or as the words of a command."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Warm:
    """The server of this test process, by the path of its socket."""

    socket: str

    def command(self, program: str, *arguments: str) -> list[str]:
        """Return the command line of `dq` or `python` with these arguments."""
        return [sys.executable, "-I", "-S", str(HERE / "client.py"), self.socket, program, *arguments]

    def install(self, folder: Path) -> Path:
        """Write the programs `dq`, `python` and `python3` into a new folder, which belongs into a PATH."""
        folder.mkdir()
        for name in ("dq", "python", "python3"):
            program = folder / name
            program.write_text(f'#!/bin/sh\nexec {shlex.join(self.command(name))} "$@"\n')
            program.chmod(0o755)
        return folder


@contextmanager
def started() -> Iterator[Warm]:
    """Start a server; it and what it runs end with the context, or with this process."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory(prefix="dq") as folder:
        path = str(Path(folder) / "socket")
        command = [sys.executable, str(HERE / "server.py"), path]
        with subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        ) as server:
            assert server.stdout is not None
            assert server.stdin is not None
            assert server.stdout.readline() == b"ready\n"
            yield Warm(path)
            server.stdin.close()
