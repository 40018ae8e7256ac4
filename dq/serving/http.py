"""The streaming check over HTTP: an endpoint for each event and version.

The events of a request are judged together, each by itself, by the kernel of the batches.  Nothing of them is kept,
and no value of them is logged.
"""

from __future__ import annotations

import asyncio
import hmac
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dq.engines.stream import utc_now
from dq.serving.metrics import CONTENT_TYPE, Endpoint, Metrics
from dq.serving.openapi import JSON, LINES, openapi

if TYPE_CHECKING:
    from dq.engines.events import EventJudge

_KINDS = {"application/json": JSON, "application/x-ndjson": LINES, "application/jsonl": LINES}
_SMALL = 1 << 14  # bytes of a lone event that is judged at once: to wake another thread for it takes longer
_OPEN = frozenset({"/healthz", "/readyz"})  # what anybody may ask


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request may cost: bytes of its body, and seconds until it is there; how many may wait to be judged.

    `requests` is how many may be under way at all, those that are still being sent included.
    """

    body: int = 1 << 20
    seconds: float = 10.0
    waiting: int = 64
    requests: int = 512
    threads: int = 2


@dataclass(slots=True)
class Server:
    """The judges by endpoint, and what is going on."""

    judges: Mapping[Endpoint, EventJudge]
    limits: Limits = field(default_factory=Limits)
    token: bytes | None = None
    metrics: Metrics = field(default_factory=Metrics)
    ready: bool = True
    waiting: int = 0
    requests: int = 0
    turn_taken: bool = False
    threads: anyio.CapacityLimiter | None = None
    clock: Callable[[], datetime] = utc_now

    def app(self) -> Starlette:
        """Return the ASGI application."""
        described = openapi((judge.plan for judge in self.judges.values()), with_token=self.token is not None)

        async def description(_request: Request) -> Response:
            return JSONResponse(described)

        routes = [
            Route("/v1/events/{event}/{version}", self.judge, methods=["POST"]),
            Route("/healthz", self.health),
            Route("/readyz", self.readiness),
            Route("/metrics", self.measured),
            Route("/openapi.json", description),
        ]
        app = Starlette(routes=routes, exception_handlers={HTTPException: _problem})
        app.add_middleware(Guard, server=self)
        return app

    async def judge(self, request: Request) -> Response:
        """Answer with a verdict on each event of the body."""
        endpoint = request.path_params["event"], request.path_params["version"]
        judge = self.judges.get(endpoint)
        if judge is None:
            raise HTTPException(404, "there is no such event, or not in this version")
        kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        if kind not in _KINDS:
            raise HTTPException(415, f"the body must be {JSON} or {LINES}")
        body = await self._body(request)
        if not body and _KINDS[kind] == JSON:
            raise HTTPException(400, "there is no body")
        items = [body] if _KINDS[kind] == JSON else [line for line in body.split(b"\n") if line.strip()]
        if self.waiting >= self.limits.waiting:
            raise HTTPException(429, "too many requests wait already", headers={"Retry-After": "1"})
        self.waiting += 1
        try:
            if len(items) == 1 and len(body) <= _SMALL and self._is_idle():
                answers, doors = _answers(judge, items, self.clock())
            else:
                limiter = self._limiter()
                answers, doors = await anyio.to_thread.run_sync(_answers, judge, items, self.clock(), limiter=limiter)
        finally:
            self.waiting -= 1
        self.metrics.judged(endpoint, doors)
        content = answers[0] if _KINDS[kind] == JSON else b"".join(answer + b"\n" for answer in answers)
        return Response(content, media_type=_KINDS[kind])

    async def _body(self, request: Request) -> bytes:
        """Return the body of a request.  HTTPException where it is too large, or too slow."""
        parts: list[bytes] = []
        size = 0
        try:
            with anyio.fail_after(self.limits.seconds):
                async for part in request.stream():
                    size += len(part)
                    if size > self.limits.body:
                        raise HTTPException(413, f"the body is larger than {self.limits.body} bytes")
                    parts.append(part)
        except TimeoutError:
            raise HTTPException(408, "the body did not come in time") from None
        except ClientDisconnect:
            raise HTTPException(400, "the body broke off") from None
        return b"".join(parts)

    def _is_idle(self) -> bool:
        """Tell whether no request was judged in this turn of the event loop: others shall not wait behind many."""
        if self.turn_taken:
            return False
        self.turn_taken = True
        asyncio.get_running_loop().call_soon(self._next_turn)
        return True

    def _next_turn(self) -> None:
        self.turn_taken = False

    def _limiter(self) -> anyio.CapacityLimiter:
        if self.threads is None:
            self.threads = anyio.CapacityLimiter(self.limits.threads)
        return self.threads

    async def health(self, _request: Request) -> Response:
        """Answer that the process lives."""
        return JSONResponse({"status": "alive"})

    async def readiness(self, _request: Request) -> Response:
        """Answer whether events are judged."""
        return JSONResponse({"status": "ready" if self.ready else "stopping"}, 200 if self.ready else 503)

    async def measured(self, _request: Request) -> Response:
        """Answer what was done so far."""
        return Response(self.metrics.text(), headers={"content-type": CONTENT_TYPE})


class Guard:
    """Asks for the token, turns away when the server stops, and counts every answer."""

    def __init__(self, app: Callable[..., Awaitable[None]], server: Server) -> None:
        """Stand before an application."""
        self._app, self._server = app, server

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def sending(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        answer = self._turned_away(scope)
        self._server.requests += 1
        try:
            await (answer or self._app)(scope, receive, sending)
        finally:
            self._server.requests -= 1
            self._server.metrics.answered(status, time.perf_counter() - begun)

    def _turned_away(self, scope: Any) -> Response | None:
        """Return the answer to whom nothing is told, or None."""
        if scope["path"] in _OPEN:
            return None
        token, given = self._server.token, dict(scope["headers"]).get(b"authorization", b"")
        if token is not None and not hmac.compare_digest(given, b"Bearer " + token):
            return _said(401, "a bearer token is needed", {"WWW-Authenticate": "Bearer"})
        if not self._server.ready:
            return _said(503, "the server is about to stop", {"Retry-After": "1"})
        if self._server.requests >= self._server.limits.requests:
            return _said(503, "too many requests are under way already", {"Retry-After": "1"})
        return None


def _answers(judge: EventJudge, items: list[bytes], now: datetime) -> tuple[list[bytes], Counter[str]]:
    """Return the JSON text of the verdict on each event, in canonical form, and how many left by each door."""
    verdicts = judge.texts_of(items, now)
    answers = [
        b'{"door":"%b","record":%b,"reasons":%b}' % (verdict.door.encode(), verdict.record or b"null", verdict.reasons)
        for verdict in verdicts
    ]
    return answers, Counter(str(verdict.door) for verdict in verdicts)


def _said(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer."""
    return JSONResponse({"error": words}, status, headers=headers)


async def _problem(_request: Request, error: Exception) -> Response:
    """Answer with what an HTTPException says."""
    if not isinstance(error, HTTPException):
        raise error
    return _said(error.status_code, error.detail, error.headers)
