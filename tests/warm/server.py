"""The process that has imported everything and forks for each command."""

from __future__ import annotations

import atexit
import gc
import importlib
import marshal
import os
import pkgutil
import re
import runpy
import select
import signal
import socket
import sys
import threading
import time
import traceback
import types
import warnings
from pathlib import Path

from client import INTEGER

POOL = re.compile(r"polars-\d")
"""The names of the threads that compute for Polars: they would not live on in a fork, and whoever waits for them hangs."""
TASKS = Path("/proc/self/task")


def import_everything() -> None:
    """Import what commands import, compile the templates, and start nothing that a fork would lose."""
    import dq
    import dq.plan.lower.pandera
    import dq.report.page.environment as page

    for module in pkgutil.walk_packages(dq.__path__, "dq."):
        if module.name != "dq.__main__":
            importlib.import_module(module.name)
    dq.plan.lower.pandera.import_pandera()
    importlib.import_module("pandera.backends.polars.builtin_checks")
    for template in page._environment().list_templates(extensions=["j2"]):
        page._environment().get_template(template)
    pools = [path.read_text().strip() for path in TASKS.glob("*/comm") if POOL.match(path.read_text())]
    assert not pools, f"these threads would be lost: {pools}"


def serve(path: str) -> None:
    """Fork for every command that comes, until the test process closes its end or dies; then end what still runs."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(64)
    warnings.simplefilter("ignore", DeprecationWarning)  # of forking: import_everything has looked at the threads
    gc.freeze()
    attendants: list[int] = []
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os.killpg(0, signal.SIGKILL)
        client, _ = listener.accept()
        attendants.append(os.fork())
        if attendants[-1] == 0:
            listener.close()
            os._exit(attend(client))
        client.close()
        attendants = [process for process in attendants if os.waitpid(process, os.WNOHANG) == (0, 0)]


def attend(client: socket.socket) -> int:
    """Run one command in a process of its own, and tell the client its number and how it ended."""
    head, streams, _, _ = socket.recv_fds(client, INTEGER, 3)
    size = int.from_bytes(head, "big")
    asked = marshal.loads(client.recv(size, socket.MSG_WAITALL))
    process = os.fork()
    if process == 0:
        client.close()
        os._exit(ended(streams, *asked))
    client.sendall(process.to_bytes(INTEGER, "big", signed=True))
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(process, 0)
    client.sendall(os.waitstatus_to_exitcode(status).to_bytes(INTEGER, "big", signed=True))
    return 0


def ended(streams: list[int], words: list[bytes], folder: bytes, mask: int, environment: dict[bytes, bytes]) -> int:
    """Become the process that was asked for, run the command, and return its exit code."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.umask(mask)
    os.environ.clear()
    os.environb.update(environment)
    time.tzset()
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
    )
    code = called([os.fsdecode(word) for word in words])
    threading._shutdown()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        if not stream.closed:  # as `python -m json.tool` leaves it
            stream.flush()
    return code


def called(words: list[str]) -> int:
    """Run a command as its program would and return its exit code."""
    try:
        execute(*words)
    except SystemExit as error:
        if isinstance(error.code, str):
            print(error.code, file=sys.stderr)
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        traceback.print_exc()
        return 1
    return 0


def execute(program: str, *arguments: str) -> None:
    """Run `dq …`, `python -c CODE …`, `python -`, `python -m MODULE …` or `python FILE …`."""
    if program == "dq":
        from dq.cli.main import main

        main(list(arguments))
        return
    option, *rest = arguments
    if option == "-m":
        sys.argv, sys.path[0] = rest, ""
        runpy.run_module(rest[0], run_name="__main__", alter_sys=True)
    elif option in {"-c", "-"}:
        sys.argv, sys.path[0] = [option, *rest[option == "-c" :]], ""
        sys.modules["__main__"] = types.ModuleType("__main__")
        exec(rest[0] if option == "-c" else sys.stdin.read(), vars(sys.modules["__main__"]))
    else:
        sys.argv, sys.path[0] = list(arguments), str(Path(option).parent)
        runpy.run_path(option, run_name="__main__")


if __name__ == "__main__":
    import_everything()
    serve(sys.argv[1])
