"""Connections that wait for nobody for ever: a request whose head does not come is answered, and so is an endless one.

The server below limits how long a connection may idle between two requests, and `dq/serving/http.py` how long a body
may take; what is left is the head of a request, and the rest of a body that was answered before its end.
"""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import JSONResponse
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

HEAD_SECONDS = 10.0
MOST_HEAD = 1 << 16  # bytes
_CLOSING = {"Retry-After": "1", "Connection": "close"}
_BUSY: Any = JSONResponse({"error": "too many connections are open already"}, 503, headers=_CLOSING)


class PatientProtocol(HttpToolsProtocol):
    """A connection whose patience has an end."""

    _deadline: Any = None  # a timer of the event loop
    _head = 0  # bytes that came of a head that is not complete
    _is_whole = True  # whether the last request that began has come to its end

    def __init__(self, config: Config, server_state: ServerState, app_state: dict[str, Any], _loop: Any = None) -> None:
        """Prepare; more connections than `config.limit_concurrency` are answered here, in words of our own."""
        super().__init__(config, server_state, app_state, _loop)
        self._judging, self._most = self.app, config.limit_concurrency
        self.limit_concurrency = None

    def connection_made(self, transport: Any) -> None:
        """Wait for the head of the first request."""
        super().connection_made(transport)
        self._wait(self._too_slow)

    def data_received(self, data: bytes) -> None:
        """Parse, and answer a head without end."""
        self._head += len(data)
        super().data_received(data)
        if self._head > MOST_HEAD and self._deadline is not None and not self.transport.is_closing():
            self._turn_away(b"431 Request Header Fields Too Large", f"the head is larger than {MOST_HEAD} bytes")

    def on_message_begin(self) -> None:
        """Wait for the head of a request that has begun."""
        super().on_message_begin()
        self._is_whole = False
        if self._deadline is None:
            self._head = 0
            self._wait(self._too_slow)

    def on_headers_complete(self) -> None:
        """Go on with a request whose head is there."""
        self._have()
        is_free = self._most is None or len(self.connections) <= self._most
        self.app = self._judging if is_free else _BUSY
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take note that nothing more will come of the request."""
        self._is_whole = True
        self._have()
        super().on_message_complete()

    def on_response_complete(self) -> None:
        """Wait for the rest of a body that was answered before its end, but not for ever."""
        super().on_response_complete()
        if not self._is_whole and not self.transport.is_closing():
            self._wait(self.transport.close)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._have()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP."""
        self._turn_away(b"400 Bad Request", msg)

    def _wait(self, then: Any) -> None:
        self._have()
        self._deadline = self.loop.call_later(HEAD_SECONDS, then)

    def _have(self) -> None:
        """Wait no longer: what was waited for is there."""
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        self._turn_away(b"408 Request Timeout", "the head did not come in time")

    def _turn_away(self, status: bytes, words: str) -> None:
        """Answer, and close the connection."""
        self._have()
        body = orjson.dumps({"error": words})
        head = b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
        self.transport.write(head % (status, len(body)) + body)
        self.transport.close()
