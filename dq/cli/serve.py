"""`dq serve`: judge events over HTTP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from dq.cli.options import read_key
from dq.cli.standing import keep_what_is_there, stay_on_one_core
from dq.errors import UsageError

if TYPE_CHECKING:
    from dq.engines.events import EventJudge
    from dq.serving.metrics import Endpoint

_SHORTEST_TOKEN = 16
_REQUESTS = 8  # that may be under way for each that may wait: most of them are still being sent
_CONNECTIONS = 4  # that may be open for each request that may be under way: most of them are idle


@click.command("serve")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--state", metavar="FILE", help="What the steps that learn apply; a spec that learns needs it.")
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8080, show_default=True, help="0 takes a free one.")
@click.option("--token-file", metavar="FILE", help="Ask for the bearer token that stands in this file.")
@click.option("--max-body", type=click.IntRange(1), default=1 << 20, show_default=True, help="Bytes of a request.")
@click.option("--max-waiting", type=click.IntRange(1), default=64, show_default=True, help="Requests that may wait.")
@click.option("--alone", is_flag=True, help="Leave to batches what only they can answer: uniqueness, expectations.")
@click.option("--mask-key", metavar="FILE", help="Hash fields with `mask: hash` under the key in this file.")
def command(
    specs: tuple[str, ...],
    state: str | None,
    host: str,
    port: int,
    token_file: str | None,
    max_body: int,
    max_waiting: int,
    alone: bool,
    mask_key: str | None,
) -> int:
    """Judge events over HTTP: POST one, or lines of them, to /v1/events/EVENT/VERSION.

    The answer is the verdict, the canonical record and all reasons. Nothing is kept and nothing is deduplicated: a
    request may be sent again. /healthz, /readyz, /metrics and /openapi.json tell about the server.
    """
    stay_on_one_core()
    try:
        import uvicorn

        from dq.serving.http import Limits, Server
        from dq.serving.patience import PatientProtocol
    except ImportError as error:
        raise UsageError("dq serve needs packages that are not installed: install dq-gate[serve]") from error

    judges: dict[Endpoint, EventJudge] = {}
    for spec in specs:
        judge = _judge(spec, state, mask_key, alone=alone)
        endpoint = judge.plan.event, judge.plan.version
        if endpoint in judges:
            raise UsageError(f"{spec}: another spec is of the event {endpoint[0]} {endpoint[1]}, too")
        judges[endpoint] = judge
    requests = _REQUESTS * max_waiting
    limits = Limits(body=max_body, waiting=max_waiting, requests=requests, threads=os.cpu_count() or 1)
    server = Server(judges, limits, _token(token_file))
    config = uvicorn.Config(
        server.app(),
        host=host,
        port=port,
        log_level="error",
        access_log=False,
        http=PatientProtocol,
        ws="none",
        limit_concurrency=_CONNECTIONS * requests,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    running = uvicorn.Server(config)
    click.echo(f"dq: events are judged at http://{host}:{port}/v1/events/", err=True)
    keep_what_is_there()
    running.run()
    return 0


def _judge(spec: str, state: str | None, mask_key: str | None, *, alone: bool) -> EventJudge:
    """Return the judge of a spec, after it has judged a first event: what is prepared once is prepared now."""
    from dq.api import load, load_state
    from dq.engines.events import EventJudge
    from dq.engines.stream import utc_now
    from dq.plan.demands import need_mask_key
    from dq.plan.streaming import need_for_stream

    plan = load(spec)
    if mask_key is not None:
        plan = plan.with_mask_key(read_key(mask_key))
    given = load_state(state) if state is not None else None
    need_for_stream(plan.compiled, has_state=given is not None, alone=alone)
    need_mask_key(plan.compiled)
    judge = EventJudge(plan.compiled, plan.fitted(given) or {})
    judge.verdicts_of([b"{}"], utc_now())
    return judge


def _token(path: str | None) -> bytes | None:
    """Return the token in a file, without white space around it.  UsageError where it is too short to be one."""
    if path is None:
        return None
    token = read_key(path).strip()
    if len(token) < _SHORTEST_TOKEN:
        raise UsageError(f"{Path(path).name}: a token has {_SHORTEST_TOKEN} characters or more")
    return token
