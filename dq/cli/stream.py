"""`dq stream`: judge events as they come."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dq.cli.options import Duration
from dq.cli.standing import keep_what_is_there, stay_on_one_core
from dq.errors import SinkError, UsageError

if TYPE_CHECKING:
    from dq.engines.lasting import LastingStream
    from dq.engines.stream import StreamRun
    from dq.sinks.checkpoint import Checkpoint

DRAIN_SECONDS = 3.0  # before it is given up; with the time that brokers have to let go, a stream ends within five


@click.command("stream")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option(
    "--from",
    "origin",
    required=True,
    metavar="FILE",
    help="Where events come from; - is standard input, kafka:// or redis://… a broker.",
)
@click.option(
    "--to",
    "target",
    required=True,
    metavar="FILE",
    help="Where accepted events go; - is standard output, or a broker.",
)
@click.option("--dead-letter", required=True, metavar="FILE", help="Where refused events go, with all reasons.")
@click.option("--removed", metavar="FILE", help="Where filtered and repeated events go; else to the dead letters.")
@click.option("--state", metavar="FILE", help="What the steps that learn apply; a spec that learns needs it.")
@click.option("--checkpoint", metavar="DIR", help="Remember here what is done, so that a restart goes on behind it.")
@click.option("--source", metavar="NAME", help="The source of the spec by which events are read, if it has several.")
@click.option(
    "--max-latency",
    type=click.IntRange(0, 60_000),
    default=0,
    metavar="MS",
    help="Hold an event up by at most so long, so that more are judged at once.",
)
@click.option("--report", metavar="FILE", help="Write the report so far to this .json, .html or .md file.")
@click.option("--report-every", type=click.FloatRange(1), default=60.0, metavar="SECONDS", help="How often: 60.")
@click.option("--live", is_flag=True, help="Show the running tally on the terminal; lines where there is none.")
@click.option("--metrics", metavar="FILE", help="Write OpenMetrics to this file.")
@click.option("--metrics-every", type=click.FloatRange(0.1), default=10.0, metavar="SECONDS", help="How often: 10.")
@click.option(
    "--drift-window", type=Duration(), metavar="DURATION", help="Compare the events of the last 1h with the state."
)
@click.option("--until-end", "--once", is_flag=True, help="Stop at the end of the file instead of following it.")
@click.option("--alone", is_flag=True, help="Leave to batches what only they can answer: uniqueness, expectations.")
@click.option("--mask-key", metavar="FILE", help="Hash fields with `mask: hash` under the key in this file.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for people but errors.")
def command(
    specs: tuple[str, ...],
    origin: str,
    target: str,
    dead_letter: str,
    removed: str | None,
    state: str | None,
    checkpoint: str | None,
    source: str | None,
    max_latency: int,
    report: str | None,
    report_every: float,
    live: bool,
    metrics: str | None,
    metrics_every: float,
    drift_window: timedelta | None,
    until_end: bool,
    alone: bool,
    mask_key: str | None,
    quiet: bool,
) -> int:
    """Judge events, one a line of JSON, as they come: each by itself, with the outcome that it has in a batch.

    Of several specs, or a folder of them, each event goes to the one that takes it (match); what none takes is refused.
    With {event} or {version} in --to, accepted events of each spec have a place of their own.

    Accepted events are written in canonical form, refused ones in the shape of the quarantine. A position is
    remembered only when everything before it is durable, so that after a crash nothing is missing; from files or Kafka
    into files or Kafka nothing is doubled either. SIGTERM ends the stream in good order, SIGHUP makes it read the spec
    and the state again.
    """
    stay_on_one_core()
    from dq.cli.stream_bearing import Given, Steering
    from dq.cli.stream_watch import Watching
    from dq.engines.doors import output_types
    from dq.engines.ends import Ends
    from dq.engines.lasting import LastingStream
    from dq.engines.stream import StreamRun
    from dq.sinks.checkpoint import Checkpoint

    if drift_window is not None and state is None:
        raise UsageError("--drift-window compares with a state: give one (--state)")
    watching = Watching(_silent if quiet else _say, drift_window, live=live)
    memory = Checkpoint(Path(checkpoint) if checkpoint is not None else None)
    try:
        given = Given(specs, state, mask_key, source, target, alone, drift_window is not None, report is not None)
        steering = Steering(given, memory, watching.say)
        ends = Ends(origin, target, dead_letter, removed, until_end=until_end, events=steering.events)
        ends.need_fields([output_types(part.judge.plan) for part in steering.bearing.parts])
        _belongs(memory, {"event": steering.name, "from": ends.origin, "to": ends.name_of("accepted")})
        if report is not None:
            watching.report(Path(report), report_every, state if len(steering.events) == 1 else None)
        if metrics is not None:
            watching.measure(Path(metrics), metrics_every)

        @contextmanager
        def opening() -> Iterator[StreamRun]:
            with ends.opened(memory, watching.say) as opened:
                yield StreamRun(
                    steering.bearing,
                    opened.events,
                    opened.outlets,
                    memory,
                    progress=opened.progress,
                    latency=max_latency / 1000,
                    watcher=watching.watcher(),
                    another=steering.renew,
                )

        stream = LastingStream(opening, memory, watching.say)
        _listen(stream)
        keep_what_is_there()
        run = stream.run()
        watching.write()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)  # what is left to do is bounded
        watching.close()
        memory.close()
    if run.aborted is not None:
        click.echo(f"dq: {run.aborted} failed, and it aborts the stream", err=True)
    return 0 if run.aborted is None else 1


def _say(text: str) -> None:
    click.echo(f"dq: {text}", err=True)


def _silent(text: str) -> None:
    """Say nothing."""


def _belongs(memory: Checkpoint, stream: dict[str, str]) -> None:
    """Refuse a checkpoint of another stream."""
    for name, value in stream.items():
        known = memory.get(name)
        if known not in {None, value}:
            raise UsageError(f"the checkpoint belongs to another stream: its {name!r} was {known}, not {value}")
    memory.put(stream)
    memory.commit()


def _listen(stream: LastingStream) -> None:
    """Let signals end the stream in good order, and make it read its spec again."""

    def end(number: int, frame: Any) -> None:
        del number, frame
        stream.stop()
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, DRAIN_SECONDS)

    def reload(number: int, frame: Any) -> None:
        del number, frame
        stream.renew()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reload)


def _give_up(number: int, frame: Any) -> None:
    """End a stream that cannot be drained: nothing takes what it writes."""
    del number, frame
    raise SinkError("nothing took what was left to write; it will be judged again")
