"""`dq stream`: judge events as they come."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dq.cli.options import read_key
from dq.errors import DqError, SinkError, UsageError

if TYPE_CHECKING:
    from dq.api import Plan
    from dq.engines.stream import Bearing, StreamRun
    from dq.engines.stream_doors import Outlets
    from dq.serving.live import LiveReport
    from dq.sinks.append import Target
    from dq.sinks.checkpoint import Checkpoint
    from dq.sources.intake import Intake, Place

DRAIN_SECONDS = 5.0


@click.command("stream")
@click.argument("spec", metavar="SPEC")
@click.option("--from", "origin", required=True, metavar="FILE", help="Where events come from; - is standard input.")
@click.option("--to", "target", required=True, metavar="FILE", help="Where accepted events go; - is standard output.")
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
@click.option("--until-end", "--once", is_flag=True, help="Stop at the end of the file instead of following it.")
@click.option("--alone", is_flag=True, help="Leave to batches what only they can answer: uniqueness, expectations.")
@click.option("--mask-key", metavar="FILE", help="Hash fields with `mask: hash` under the key in this file.")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing for people but errors.")
def command(
    spec: str,
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
    until_end: bool,
    alone: bool,
    mask_key: str | None,
    quiet: bool,
) -> int:
    """Judge events, one a line of JSON, as they come: each by itself, with the outcome that it has in a batch.

    Accepted events are written in canonical form, refused ones in the shape of the quarantine. A position is
    remembered only when everything before it is durable, so that after a crash nothing is missing; from a file into
    files nothing is doubled either. SIGTERM ends the stream in good order, SIGHUP makes it read the spec and the state
    again.
    """
    from dq.engines.stream import StreamRun, resumed
    from dq.sinks.checkpoint import Checkpoint

    say = _silent if quiet else _say
    memory = Checkpoint(Path(checkpoint) if checkpoint is not None else None)
    try:
        bear = _bearer(spec, state, mask_key, source, memory, alone=alone)
        bearing = bear()
        _belongs(memory, {"event": bearing.judge.plan.event, "from": _named(origin), "to": _named(target)})
        place, lengths = resumed(memory)
        outlets = _outlets(target, dead_letter, removed, lengths, say)
        intake = _intake(origin, place, until_end=until_end)
        watcher = _watcher(report, report_every, state)
        run = StreamRun(
            bearing,
            intake,
            outlets,
            memory,
            is_new=not lengths,
            latency=max_latency / 1000,
            watcher=watcher,
            another=_renewer(bear, say),
        )
        _listen(run)
        run.run()
        if watcher is not None:
            watcher.write()
    finally:
        memory.close()
    if run.aborted is not None:
        click.echo(f"dq: {run.aborted} failed, and it aborts the stream", err=True)
    return 0 if run.aborted is None else 1


def _say(text: str) -> None:
    click.echo(f"dq: {text}", err=True)


def _silent(text: str) -> None:
    """Say nothing."""


def _named(place: str) -> str:
    """Return by what name a checkpoint knows a place."""
    return place if place == "-" else os.path.realpath(place)


def _belongs(memory: Checkpoint, stream: dict[str, str]) -> None:
    """Refuse a checkpoint of another stream."""
    for name, value in stream.items():
        known = memory.get(name)
        if known not in {None, value}:
            raise UsageError(f"the checkpoint belongs to another stream: its {name!r} was {known}, not {value}")
    memory.put(stream)


def _bearer(
    spec: str, state: str | None, mask_key: str | None, source: str | None, memory: Checkpoint, *, alone: bool
) -> Callable[[], Bearing]:
    """Return a function that reads spec and state and returns by what the stream judges."""

    def bear() -> Bearing:
        """Read the spec and the state.  DqError where the stream cannot go by them."""
        from dq.api import load, load_state
        from dq.engines.events import EventJudge
        from dq.engines.stream import Bearing
        from dq.plan.demands import need_mask_key
        from dq.plan.streaming import need_for_stream

        plan: Plan = load(spec)
        if mask_key is not None:
            plan = plan.with_mask_key(read_key(mask_key))
        given = load_state(state) if state is not None else None
        need_for_stream(plan.compiled, has_state=given is not None, alone=alone)
        need_mask_key(plan.compiled)
        fitted = given.thaw(plan.compiled) if given is not None else {}
        judge = EventJudge(plan.compiled, fitted, memory)
        return Bearing(judge, judge.stream_source(source))

    return bear


def _watcher(report: str | None, every: float, state: str | None) -> LiveReport | None:
    """Return who writes the report, if one is asked for."""
    if report is None:
        return None
    from dq.api import load_state
    from dq.results import about_state
    from dq.serving.live import LiveReport

    return LiveReport(Path(report), every, about_state(load_state(state) if state is not None else None, None))


def _outlets(
    target: str, dead_letter: str, removed: str | None, lengths: dict[str, int], say: Callable[[str], None]
) -> Outlets:
    """Open where events go."""
    from dq.engines.stream_doors import Outlets

    named = [_named(place) for place in (target, dead_letter, removed) if place is not None]
    if len(set(named)) != len(named):
        raise UsageError("accepted, refused and removed events need places of their own")
    refused = _target(dead_letter, lengths.get("refused"), say)
    rest = refused if removed is None else _target(removed, lengths.get("removed"), say)
    return Outlets(_target(target, lengths.get("accepted"), say), refused, rest)


def _target(place: str, length: int | None, say: Callable[[str], None]) -> Target:
    from dq.sinks.append import AppendedFile, Descriptor

    if place == "-":
        return Descriptor(sys.stdout.fileno())
    if _is_device(place):
        return Descriptor(os.open(place, os.O_WRONLY), place)
    return AppendedFile(Path(place), length, say)


def _is_device(place: str) -> bool:
    """Whether a path names a pipe or a device, which has no length and no place to go back to."""
    path = Path(place)
    return path.exists() and not path.is_file()


def _intake(origin: str, place: Place | None, *, until_end: bool) -> Intake:
    from dq.sources.following import FollowedFile
    from dq.sources.intake import PipeIntake

    if origin == "-":
        return PipeIntake(sys.stdin.fileno())
    if _is_device(origin):
        return PipeIntake(os.open(origin, os.O_RDONLY), Path(origin).name)
    return FollowedFile(Path(origin), place, until_end=until_end)


def _renewer(bear: Callable[[], Bearing], say: Callable[[str], None]) -> Callable[[Bearing], Bearing | None]:
    """Return a function that reads the spec again, and says why where the stream goes on as before."""

    def renew(old: Bearing) -> Bearing | None:
        """Return the new bearing, or None."""
        try:
            bearing = _compatible(old, bear())
        except DqError as error:
            say(f"the stream goes on as before: {error}")
            return None
        say("the spec and the state were read again")
        return bearing

    return renew


def _listen(run: StreamRun) -> None:
    """Let signals end the stream in good order, and make it read its spec again."""

    def end(number: int, frame: Any) -> None:
        del number, frame
        run.stop()
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, DRAIN_SECONDS)

    def reload(number: int, frame: Any) -> None:
        del number, frame
        run.renew()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGHUP, reload)


def _give_up(number: int, frame: Any) -> None:
    """End a stream that cannot be drained: nothing takes what it writes."""
    del number, frame
    raise SinkError("nothing took what was left to write; it will be judged again")


def _compatible(old: Bearing, new: Bearing) -> Bearing:
    """Return the new bearing.  UsageError where it is of another stream."""
    mine, other = old.judge.plan, new.judge.plan
    if mine.event != other.event:
        raise UsageError(f"the spec is now of the event {other.event}, and the stream of {mine.event}")
    if old.judge.keys != new.judge.keys:
        raise UsageError("the spec has another key of deduplication, and the keys that were seen are of the old one")
    return new
