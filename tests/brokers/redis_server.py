"""One Redis on loopback, that can be killed and started again on the same data."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from redis import Redis as Client
from redis.exceptions import RedisError

from brokers.kafka import free_port, until


class Redis:
    """A server that writes everything to its file before it answers."""

    def __init__(self, folder: Path, certificates: Path | None = None, password: str = "") -> None:
        """Start a server; with certificates behind TLS alone, for whoever has the password."""
        program = shutil.which("redis-server")
        if program is None:
            pytest.skip("redis-server is not installed")
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        self._argv = [program, "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        self._argv += ["--appendonly", "yes", "--appendfsync", "always", "--logfile", str(folder / "log")]
        if certificates is None:
            self._argv += ["--port", str(self.port)]
            self.client = Client(port=self.port)
        else:
            self._argv += ["--port", "0", "--tls-port", str(self.port), "--tls-auth-clients", "no"]
            self._argv += ["--tls-cert-file", str(certificates / "server.pem"), "--requirepass", password]
            self._argv += ["--tls-key-file", str(certificates / "server.key")]
            trusted = str(certificates / "ca.pem")
            self.client = Client(port=self.port, host="127.0.0.1", password=password, ssl=True, ssl_ca_certs=trusted)
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._process = subprocess.Popen(self._argv, stdin=subprocess.DEVNULL)

        def answers() -> bool:
            try:
                return bool(self.client.ping())
            except RedisError:
                return False

        until(answers, 60, "the start of Redis")

    def kill(self) -> None:
        """Kill the server."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def send(self, key: str, events) -> None:
        """Add events."""
        pipeline = self.client.pipeline(transaction=False)
        for event in events:
            pipeline.xadd(key, {"event": event})
        pipeline.execute()

    def entries(self, key: str) -> list[bytes]:
        """Return the events of a stream."""
        return [fields[b"event"] for _, fields in self.client.xrange(key)]
