"""`dq stream`: judge events as they come."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dq.cli.options import read_key
from dq.errors import DqError, SinkError, UsageError

if TYPE_CHECKING:
    from dq.api import Plan
    from dq.engines.bearing import AnyBearing, Bearing
    from dq.engines.lasting import LastingStream
    from dq.engines.stream import StreamRun
    from dq.plan.state import State
    from dq.serving.live import LiveReport
    from dq.sinks.checkpoint import Checkpoint

DRAIN_SECONDS = 5.0


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
    from dq.engines.ends import Ends
    from dq.engines.lasting import LastingStream
    from dq.engines.stream import StreamRun
    from dq.sinks.checkpoint import Checkpoint

    say = _silent if quiet else _say
    memory = Checkpoint(Path(checkpoint) if checkpoint is not None else None)
    try:
        bear = _bearer(specs, state, mask_key, source, memory, alone=alone)
        bearing = bear()
        plans = [part.judge.plan for part in bearing.parts]
        events = [(plan.event, plan.version) for plan in plans]
        ends = Ends(origin, target, dead_letter, removed, until_end=until_end, events=events)
        known = ", ".join(sorted({plan.event for plan in plans}))
        _belongs(memory, {"event": known, "from": ends.origin, "to": ends.name_of("accepted")})
        watcher = _watcher(report, report_every, state if len(plans) == 1 else None)
        latest = [bearing]
        renew = _renewer(bear, latest, say)

        @contextmanager
        def opening() -> Iterator[StreamRun]:
            with ends.opened(memory, say) as opened:
                yield StreamRun(
                    latest[-1],
                    opened.events,
                    opened.outlets,
                    memory,
                    progress=opened.progress,
                    latency=max_latency / 1000,
                    watcher=watcher,
                    another=renew,
                )

        stream = LastingStream(opening, memory, say)
        _listen(stream)
        run = stream.run()
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


def _belongs(memory: Checkpoint, stream: dict[str, str]) -> None:
    """Refuse a checkpoint of another stream."""
    for name, value in stream.items():
        known = memory.get(name)
        if known not in {None, value}:
            raise UsageError(f"the checkpoint belongs to another stream: its {name!r} was {known}, not {value}")
    memory.put(stream)
    memory.commit()


def _bearer(
    specs: Sequence[str],
    state: str | None,
    mask_key: str | None,
    source: str | None,
    memory: Checkpoint,
    *,
    alone: bool,
) -> Callable[[], AnyBearing]:
    """Return a function that reads specs and states and returns by what the stream judges."""

    def bear() -> AnyBearing:
        """Read the specs and the states.  DqError where the stream cannot go by them."""
        from dq.engines.bearing import Bearing, SortingBearing
        from dq.engines.events import EventJudge
        from dq.plan.demands import need_mask_key
        from dq.plan.streaming import need_for_stream

        plans = _plans(specs)
        parts = []
        for read in plans:
            plan = read.with_mask_key(read_key(mask_key)) if mask_key is not None else read
            given = _state_of(plan, state, one=len(plans) == 1)
            need_for_stream(plan.compiled, has_state=given is not None, alone=alone)
            need_mask_key(plan.compiled)
            fitted = given.thaw(plan.compiled) if given is not None else {}
            judge = EventJudge(plan.compiled, fitted, memory, shared=len(plans) > 1)
            parts.append(Bearing(judge, judge.stream_source(source)))
        return parts[0] if len(parts) == 1 else SortingBearing(parts)

    return bear


def _plans(specs: Sequence[str]) -> list[Plan]:
    """Return the plans of files, and of all files of folders.  SpecError, UsageError."""
    from dq.api import load
    from dq.plan_folder import load_folder

    return [
        plan for spec in specs for plan in (load_folder(spec).plans.values() if Path(spec).is_dir() else [load(spec)])
    ]


def _state_of(plan: Plan, state: str | None, *, one: bool) -> State | None:
    """Return the state of a plan: the file that is named or, of several plans, the one in the folder of states."""
    from dq.api import load_state
    from dq.folder_conditions import FolderConditions

    if state is None or one:
        return load_state(state) if state is not None else None
    return FolderConditions(state=state).conditions(plan).state


def _watcher(report: str | None, every: float, state: str | None) -> LiveReport | None:
    """Return who writes the report, if one is asked for."""
    if report is None:
        return None
    from dq.api import load_state
    from dq.results import about_state
    from dq.serving.live import LiveReport

    return LiveReport(Path(report), every, about_state(load_state(state) if state is not None else None, None))


def _renewer(
    bear: Callable[[], AnyBearing], latest: list[AnyBearing], say: Callable[[str], None]
) -> Callable[[AnyBearing], AnyBearing | None]:
    """Return a function that reads the spec again, and says why where the stream goes on as before.

    What it returns stands last in `latest`, too.
    """

    def renew(old: AnyBearing) -> AnyBearing | None:
        """Return the new bearing, or None."""
        try:
            bearing = _compatible(old, bear())
        except DqError as error:
            say(f"the stream goes on as before: {error}")
            return None
        latest.append(bearing)
        say("the spec and the state were read again")
        return bearing

    return renew


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


def _compatible(old: AnyBearing, new: AnyBearing) -> AnyBearing:
    """Return the new bearing.  UsageError where it is of another stream."""
    if len(old.parts) == len(new.parts) == 1:
        _same_event(old.parts[0], new.parts[0])
    mine, other = ({_named(part): part.judge.keys for part in bearing.parts} for bearing in (old, new))
    if len(old.parts) != len(new.parts) or (len(old.parts) > 1 and mine.keys() != other.keys()):
        raise UsageError("the specs are now of other events or versions; begin a stream with them")
    if list(mine.values()) != list(other.values()):
        raise UsageError("the spec has another key of deduplication, and the keys that were seen are of the old one")
    return new


def _same_event(old: Bearing, new: Bearing) -> None:
    """UsageError where the only spec is now of another event; its version may change."""
    mine, other = old.judge.plan.event, new.judge.plan.event
    if mine != other:
        raise UsageError(f"the spec is now of the event {other}, and the stream of {mine}")


def _named(part: Bearing) -> tuple[str, str]:
    return part.judge.plan.event, part.judge.plan.version
