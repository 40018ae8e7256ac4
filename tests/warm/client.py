"""What stands in a test's PATH as `dq` or `python`: it hands its command to the server and ends as the command does.

It imports next to nothing, for it starts with every command.
"""

import marshal
import os
import signal
import socket
import sys

INTEGER = 4  # bytes of a number on the wire
DIED = 128  # what a shell adds to the number of a signal


def number(server: socket.socket) -> int:
    """Return the next number that the server sends."""
    data = server.recv(INTEGER, socket.MSG_WAITALL)
    if len(data) != INTEGER:
        sys.exit("the warm server is gone")
    return int.from_bytes(data, "big", signed=True)


def main() -> int:
    """Hand over the command, the streams, the folder, the umask and the environment; return the exit code."""
    path, *words = sys.argv[1:]
    mask = os.umask(0)
    folder = os.getcwdb()  # noqa: PTH109 - importing pathlib costs more than all the rest
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(path)
        asked = marshal.dumps(([os.fsencode(word) for word in words], folder, mask, dict(os.environb)))
        socket.send_fds(server, [len(asked).to_bytes(INTEGER, "big")], [0, 1, 2])
        server.sendall(asked)
        process = number(server)
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda sent, _frame: os.kill(process, sent))
        code = number(server)
    return code if code >= 0 else DIED - code


if __name__ == "__main__":
    sys.exit(main())
