"""A server under weight: many clients lose nothing, and those that stall, flood or talk nonsense slow nobody.

`DQ_CLIENTS` sets how many clients ask at once; 1,000 is the full measure.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
from collections import Counter
from pathlib import Path

import httpx
import pytest
from serving.serve import serving

pytestmark = pytest.mark.serving
CLIENTS = int(os.environ.get("DQ_CLIENTS", "150"))
EACH = 3  # events of each client
URL = "/v1/events/order_placed/1.2.0"
Answer = tuple[int, dict[str, str], bytes]


async def asked(host: str, port: int, body: bytes) -> Answer:
    """Return status, headers and body of the answer to one event, over a connection of its own."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(f"POST {URL} HTTP/1.1\r\nhost: x\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
        return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))
    finally:
        writer.close()


async def client(host: str, port: int, name: int, statuses: Counter[int]) -> list[str]:
    """Send events one after the other, each until it is taken; return the ids in the answers."""
    found = []
    for number in range(EACH):
        while True:
            status, headers, content = await asked(host, port, json.dumps({"id": f"c{name}-{number}"}).encode())
            statuses[status] += 1
            if status == 200:
                break
            assert status in {429, 503}
            assert headers["retry-after"] == "1"
            assert json.loads(content)["error"]
            await asyncio.sleep(0.2 + name % 7 / 10)
        found.append(json.loads(content)["record"]["id"])
    return found


def test_many_clients_lose_nothing(tmp_path: Path) -> None:
    statuses: Counter[int] = Counter()

    async def everybody(host: str, port: int) -> list[list[str]]:
        return await asyncio.gather(*(client(host, port, name, statuses) for name in range(CLIENTS)))

    with serving(tmp_path, "--max-waiting", "6") as (_, address):
        host, port = address.removeprefix("http://").split(":")
        found = asyncio.run(everybody(host, int(port)))
        metrics = httpx.get(f"{address}/metrics").text
    print(dict(statuses))
    assert found == [[f"C{name}-{number}" for number in range(EACH)] for name in range(CLIENTS)]
    assert statuses[429] + statuses[503] > 0, "a server that never refuses was not under weight"
    [judged] = re.findall(r'dq_events_total\{.*door="accepted"\} (\d+)', metrics)
    assert int(judged) == statuses[200] == CLIENTS * EACH


HEAD = f"POST {URL} HTTP/1.1\r\nhost: x\r\n".encode()
HARMFUL = {
    "a head that does not end": (HEAD, 408),
    "nothing at all": (b"", 408),
    "a body that does not come": (HEAD + b"content-length: 9\r\n\r\n{", 408),
    "an endless head": (HEAD + b"x: " + b"y" * 70_000, 431),
    "no HTTP": (b"\x16\x03\x01\x02 hello\r\n\r\n", 400),
    "a length that is none": (HEAD + b"content-length: -5\r\n\r\n{}", 400),
    "a huge body": (HEAD + b"content-length: 90000000\r\n\r\n" + b" " * 1_100_000, 413),
    "a huge body in pieces": (HEAD + b"transfer-encoding: chunked\r\n\r\n" + b"ffff\r\n" + b" " * 65_535 + b"\r\n", 0),
    "a deep body": (HEAD + b"content-length: 400000\r\n\r\n" + b"[" * 200_000 + b"]" * 200_000, 200),
    "a wide body": (HEAD + b"content-length: 1000001\r\n\r\n{" + b'"a":1,' * 166_666 + b"    ", 200),
}


def test_whoever_stalls_or_floods_is_answered_and_slows_nobody(tmp_path: Path) -> None:
    with serving(tmp_path) as (process, address):
        host, port = address.removeprefix("http://").split(":")
        open_ones: list[tuple[str, socket.socket]] = []
        for name, (data, _) in HARMFUL.items():
            for _ in range(12):
                one = socket.create_connection((host, int(port)), timeout=60)
                one.sendall(data)
                open_ones.append((name, one))
        for number in range(20):
            answer = httpx.post(f"{address}{URL}", json={"id": f"a{number}"}, timeout=9)
            assert answer.json()["record"]["id"] == f"A{number}", "it is answered while all of them are there"
        found: dict[str, set[int]] = {}
        for name, one in open_ones:
            data = one.recv(100)
            found.setdefault(name, set()).add(int(data.split()[1]))
            one.close()
        expected = {name: {status or 408} for name, (_, status) in HARMFUL.items()}
        assert found == expected
        assert process.poll() is None
        assert httpx.get(f"{address}/readyz").status_code == 200
