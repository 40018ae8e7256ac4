"""A server in a process of its own, for tests that ask it over the network."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from everything import command, environment

SPEC = """\
dq: 1
event: order_placed
version: 1.2.0
fields:
  id: {type: string, required: true, clean: [strip, upper]}
  amount: {type: "decimal(12,2)", checks: [{between: [0, 100]}]}
  email: {type: string, pii: true, checks: [{max_length: 9}]}
  at: {type: datetime}
filter: [{id: kept, keep: "id <> 'TEST'"}]
"""


@contextmanager
def serving(folder: Path, *arguments: str, spec: str = SPEC) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run a server in a process, and give its address."""
    (folder / "spec.yaml").write_text(spec)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    argv = command("serve", "spec.yaml", "--port", str(port), *arguments)
    process = subprocess.Popen(argv, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(600):
            try:
                httpx.get(f"{address}/readyz")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield process, address
    finally:
        process.kill()
        process.communicate()
