"""The streaming check over HTTP: verdicts as in a batch, limits that are told, and silence about values."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import threading
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from everything import command, environment
from serving.serve import SPEC, serving

import dq
import dq.serving.http as http_module
from dq.engines.events import EventJudge
from dq.serving.http import Limits, Server

with warnings.catch_warnings():  # the client that it would rather have is not needed
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

URL = "/v1/events/order_placed/1.2.0"
TOKEN = b"a-token-of-some-length"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> dq.Plan:
    path = tmp_path_factory.mktemp("serve") / "spec.yaml"
    path.write_text(SPEC)
    return dq.load(path)


def server_of(plan: dq.Plan, limits: Limits | None = None, token: bytes | None = None) -> Server:
    judge = EventJudge(plan.compiled, {})
    return Server({(plan.compiled.event, plan.compiled.version): judge}, limits or Limits(), token)


@pytest.fixture
def client(plan: dq.Plan) -> Iterator[TestClient]:
    with TestClient(server_of(plan).app()) as asking:
        yield asking


EVENTS: list[Any] = [
    {"id": " a1", "amount": "10.5", "at": "2026-11-01T10:00:00+03:00"},
    {"id": "b", "amount": 101, "email": "long@example.com"},
    {"id": "test"},
    {"amount": 1},
    [1],
    "{",
]


@pytest.mark.parametrize("event", EVENTS, ids=str)
def test_a_verdict_is_that_of_check_event(plan: dq.Plan, client: TestClient, event: Any) -> None:
    body = event.encode() if isinstance(event, str) else orjson.dumps(event)
    answer = client.post(URL, content=body)
    expected = plan.check_event(body, now=datetime.now(UTC))
    assert answer.status_code == 200
    assert (answer.json()["door"], answer.json()["reasons"]) == (expected.door, expected.reasons)
    assert (answer.json()["record"] is None) == (expected.record is None)


def test_the_record_is_in_canonical_form(client: TestClient) -> None:
    answer = client.post(URL, json=EVENTS[0])
    record = b'{"id":"A1","amount":10.50,"email":null,"at":"2026-11-01T07:00:00Z"}'
    assert answer.content == b'{"door":"accepted","record":' + record + b',"reasons":[]}'


def test_lines_are_answered_line_by_line(client: TestClient) -> None:
    body = b"\n\n".join(orjson.dumps(event) for event in EVENTS[:5]) + b"\n"
    answer = client.post(URL, content=body, headers={"content-type": "application/x-ndjson; charset=utf-8"})
    doors = [json.loads(line)["door"] for line in answer.content.splitlines()]
    assert doors == ["accepted", "quarantined", "filtered", "quarantined", "quarantined"]
    empty = client.post(URL, content=b"", headers={"content-type": "application/x-ndjson"})
    assert (empty.status_code, empty.content) == (200, b"")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/events/order_placed/9.9.9", {}, 404),
        ("/v1/events/other/1.2.0", {}, 404),
        ("/nowhere", {}, 404),
        ("/healthz", {}, 405),
        (URL, {"content-type": "text/csv"}, 415),
    ],
)
def test_what_is_wrong_is_told(client: TestClient, path: str, headers: dict[str, str], status: int) -> None:
    answer = client.post(path, content=b"{}", headers=headers)
    assert answer.status_code == status
    assert answer.json()["error"]


def test_a_large_body_is_refused_and_a_deep_one_judged(plan: dq.Plan) -> None:
    with TestClient(server_of(plan, Limits(body=1000)).app()) as client:
        assert client.post(URL, content=b" " * 1001).status_code == 413
        deep = client.post(URL, content=b'{"id":' + b"[" * 400 + b"]" * 400 + b"}")
        assert deep.json()["reasons"][0]["code"] == "unreadable.too_deep"


def test_too_many_that_wait_are_sent_away(plan: dq.Plan) -> None:
    server = server_of(plan, Limits(waiting=1))
    server.waiting = 1
    with TestClient(server.app()) as client:
        answer = client.post(URL, json={"id": "a"})
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        server.waiting = 0
        assert client.post(URL, json={"id": "a"}).status_code == 200
    assert server.waiting == 0


def test_a_server_that_stops_says_so(plan: dq.Plan) -> None:
    server = server_of(plan)
    with TestClient(server.app()) as client:
        assert client.get("/readyz").json() == {"status": "ready"}
        server.ready = False
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
        assert client.post(URL, json={"id": "a"}).status_code == 503


def test_the_token_is_asked_for(plan: dq.Plan) -> None:
    with TestClient(server_of(plan, token=TOKEN).app()) as client:
        for headers in ({}, {"authorization": "Bearer no"}, {"authorization": TOKEN.decode()}):
            for path in (URL, "/metrics", "/openapi.json"):
                assert client.post(path, json={"id": "a"}, headers=headers).status_code == 401
        assert client.get("/healthz").status_code == 200
        good = {"authorization": f"Bearer {TOKEN.decode()}"}
        assert client.post(URL, json={"id": "a"}, headers=good).json()["door"] == "accepted"
        assert client.get("/openapi.json", headers=good).json()["security"] == [{"token": []}]


def test_what_was_done_is_counted(client: TestClient) -> None:
    for event in EVENTS[:3]:
        client.post(URL, json=event)
    client.post("/nowhere", json={})
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    lines = answer.text.splitlines()
    for door in ("accepted", "quarantined", "filtered"):
        assert f'dq_events_total{{event="order_placed",version="1.2.0",door="{door}"}} 1' in lines
    assert 'dq_requests_total{status="200"} 3' in lines
    assert 'dq_requests_total{status="404"} 1' in lines
    assert 'dq_answer_seconds_bucket{le="+Inf"} 4' in lines
    assert lines[-1] == "# EOF"


def test_the_description_is_made_from_the_spec(client: TestClient) -> None:
    described = client.get("/openapi.json").json()
    posted = described["paths"][URL]["post"]
    assert posted["requestBody"]["content"]["application/json"]["schema"]["anyOf"][0]["required"] == ["id"]
    verdict = posted["responses"]["200"]["content"]["application/json"]["schema"]
    assert "amount" in verdict["properties"]["record"]["anyOf"][0]["properties"]


def test_a_process_judges_many_at_once_and_ends_in_good_order(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        found: list[tuple[int, str]] = []

        def ask(number: int) -> None:
            with httpx.Client(timeout=60) as client:
                for _ in range(5):
                    answer = client.post(
                        f"{address}{URL}", json={"id": f"s3cret{number}", "email": "s3cret@example.com"}
                    )
                    found.append((answer.status_code, answer.json()["reasons"][0]["check"]))

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [(200, "email.max_length")] * 40
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=30)
        assert b"s3cret" not in out + said, "no value is logged"
        assert b"Traceback" not in said


def test_a_slow_body_is_answered_and_slows_nobody(plan: dq.Plan, tmp_path: Path) -> None:
    del plan
    with serving(tmp_path) as (_, address):
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as slow:
            slow.sendall(f"POST {URL} HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{{".encode())
            assert httpx.post(f"{address}{URL}", json={"id": "a"}, timeout=30).json()["door"] == "accepted"
            slow.settimeout(30)
            assert b" 408 " in slow.recv(1000).split(b"\r\n")[0] + b" "


def test_a_short_token_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("short\n")
    (tmp_path / "spec.yaml").write_text(SPEC)
    ended = subprocess.run(
        command("serve", "spec.yaml", "--token-file", "token"),
        cwd=tmp_path, env=environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (ended.returncode, "16 characters" in ended.stderr) == (2, True)


@pytest.mark.parametrize(("body", "together", "elsewhere"), [(b"{}", 1, 0), (b"{}", 8, 7), (b" " * 20_000, 1, 1)])
def test_a_lone_small_event_is_judged_at_once_and_many_by_other_threads(
    plan: dq.Plan, monkeypatch: pytest.MonkeyPatch, body: bytes, together: int, elsewhere: int
) -> None:
    judged_by, answers = [], http_module._answers

    def noted(*arguments: Any) -> Any:
        judged_by.append(threading.get_ident())
        return answers(*arguments)

    async def asked() -> list[int]:
        transport = httpx.ASGITransport(app=server_of(plan).app())
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as asking:
            return [
                one.status_code
                for one in await asyncio.gather(*(asking.post(URL, content=body) for _ in range(together)))
            ]

    monkeypatch.setattr(http_module, "_answers", noted)
    assert asyncio.run(asked()) == [200] * together
    assert sum(thread != threading.get_ident() for thread in judged_by) == elsewhere
    assert len(judged_by) == together
