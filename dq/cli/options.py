"""Options that several verbs share, and how they are read."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import click

from dq.diagnostics import did_you_mean
from dq.errors import SourceError

if TYPE_CHECKING:
    from dq.api import Plan
    from dq.conditions import Conditions

FORMATS = ("csv", "tsv", "jsonl", "json", "parquet")
# Those of dq.report.renderers, named here so that help imports nothing.
RENDERINGS = (
    "html", "json", "ndjson", "markdown", "junit", "sarif", "github", "gitlab", "tap", "openmetrics", "openlineage",
)  # fmt: skip


class Moment(click.ParamType[datetime]):
    """A moment in RFC 3339, with its offset."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read `2026-11-01T10:00:00Z`."""
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a moment such as 2026-11-01T10:00:00Z", param, ctx)
        if moment.tzinfo is None:
            self.fail(f"{value!r} has no offset: write Z or +03:00 behind it", param, ctx)
        return moment.astimezone(UTC)


class Size(click.ParamType[int]):
    """A number of bytes, such as 512MB or 2GiB."""

    name = "size"
    units: ClassVar[dict[str, int]] = {
        "": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30,
    }  # fmt: skip

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a whole number and its unit."""
        if isinstance(value, int):
            return value
        found = re.fullmatch(r"\s*([0-9]{1,15})\s*([A-Za-z]*)\s*", value)
        unit = self.units.get(found[2].upper()) if found else None
        if found is None or unit is None:
            self.fail(f"{value!r} is not a size such as 512MB or 2GiB", param, ctx)
        return int(found[1]) * unit


class Duration(click.ParamType[timedelta]):
    """A duration, such as 15m or 24h."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Read a number and its unit; a second at least."""
        from pydantic_core import PydanticCustomError

        from dq.params import read_duration

        try:
            found = read_duration(value)
        except PydanticCustomError as error:
            self.fail(error.message(), param, ctx)
        if found < timedelta(seconds=1):
            self.fail(f"{value} is shorter than a second", param, ctx)
        return found


class Destination(click.ParamType["str | None"]):
    """A file to write, or `-` for stdout, which is None."""

    name = "file"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str | None:
        """Take the name as it is."""
        del param, ctx
        return None if value == "-" else str(value)


def destination(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of every verb that makes one text: where it goes, as `out` and `overwrite` (see `give`)."""
    out = click.option("-o", "--out", type=Destination(), metavar="FILE", help="Write to a file; to stdout without it.")
    return out(click.option("--replace", "overwrite", is_flag=True, help="Replace an existing file.")(command))


def give(data: bytes, out: str | None, *, overwrite: bool) -> None:
    """Write what a verb made to its file, which must not exist unless it may be replaced, or to stdout."""
    from dq.sinks.single import write_file

    if out is not None:
        write_file(Path(out), data, overwrite=overwrite, mode=0o644)
    else:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()


class Rendering(click.ParamType[tuple[str, "str | None"]]):
    """A format, and the file to write it to; without one it goes to stdout."""

    name = "format"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str | None]:
        """Read `junit=report.xml`."""
        if isinstance(value, tuple):
            return value
        form, sign, path = value.partition("=")
        if form not in (*RENDERINGS, "text"):
            near = did_you_mean(form, (*RENDERINGS, "text"))
            self.fail(f"there is no format {form!r}." + (f" Did you mean {near!r}?" if near else ""), param, ctx)
        if (sign and not path) or (sign and form == "text"):
            self.fail(f"{value!r} names no file" if not path else "text is for a screen, not for a file", param, ctx)
        return form, path or None


def one_on_stdout(
    ctx: click.Context, param: click.Parameter, forms: tuple[tuple[str, str | None], ...]
) -> tuple[tuple[str, str | None], ...]:
    """Refuse two formats that would both go to stdout, or into one file."""
    del ctx
    places = [path for form, path in forms if form != "text"]
    if len(set(places)) != len(places):
        raise click.BadParameter("two formats would go to the same place: name a file for each", param=param)
    return forms


TEXT_OR_JSON = click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="text: for people, on stderr; json: for programs, on stdout.",
)


@dataclass(frozen=True, slots=True)
class Request:
    """What every verb that judges sources is asked: by which spec, which sources, and how to say the answer."""

    spec: str
    sources: tuple[str, ...]
    now: datetime | None
    fail_on: str | None
    profile: str | None
    unmatched: str | None
    waivers: str | None
    baseline: str | None
    input_format: str | None
    state: str | None
    against: tuple[str, ...]
    train: tuple[str, ...]
    memory: int | None
    forms: tuple[tuple[str, str | None], ...]
    quiet: bool
    timings: bool

    def plan(self) -> Plan:
        """Return the plan of the spec, under the profile that was asked for."""
        from dq.api import load

        return load(self.spec).with_profile(self.profile)

    def conditions(self, plan: Plan) -> Conditions:
        """Return what a run of the plan is given beside its inputs."""
        from dq.api import load_state
        from dq.conditions import Conditions, make_terms

        state = load_state(self.state) if self.state is not None else None
        terms = make_terms(plan.compiled, self.fail_on, self.waivers, self.baseline)
        return Conditions(state, self.against, self.train, terms)


FILES = {"metrics": "openmetrics", "openlineage": "openlineage"}
"""Options that name a file for one format: `--metrics FILE` is `--format openmetrics=FILE`."""
MEMORY = click.option(
    "--memory",
    type=Size(),
    metavar="SIZE",
    help="What keys and counts may take before they go to disk, such as 1GiB; 256MiB by default.",
)
JUDGING = (
    click.option("--timings", is_flag=True, help="Print how long each stage took; some go on beside others."),
    click.option("-q", "--quiet", is_flag=True, help="Print nothing for people."),
    click.option(
        "--format",
        "forms",
        type=Rendering(),
        multiple=True,
        callback=one_on_stdout,
        metavar="FORMAT[=FILE]",
        help=f"Print the report in another form, or write it to a file; several times: {', '.join(RENDERINGS)}.",
    ),
    click.option("--metrics", metavar="FILE", help="Write counts, verdict and drift as OpenMetrics text."),
    click.option("--openlineage", metavar="FILE", help="Write the run as events of OpenLineage, one a line."),
    click.option(
        "--input-format", type=click.Choice(FORMATS), help="The format of inputs whose name does not tell it."
    ),
    click.option(
        "--state", metavar="FILE", help="Apply what this state learnt; without it a run learns from its own batch."
    ),
    click.option(
        "--against",
        multiple=True,
        metavar="DIR",
        help="An output folder of an earlier run: records with the key of one of its rows are duplicates.",
    ),
    click.option(
        "--train",
        multiple=True,
        metavar="DIR",
        help="The output folder of a run that a model was trained on: tell what this batch has in common with it.",
    ),
    click.option(
        "--baseline",
        metavar="REPORT",
        help="The report.json of an earlier run: only what is new or worse fails the gate.",
    ),
    click.option("--waivers", metavar="FILE", help="The failures that are put up with, by whom and until when."),
    click.option("--profile", metavar="NAME", help="Judge by this profile of the gate of the spec."),
    click.option(
        "--unmatched",
        metavar="SHARE",
        help="Of a folder of specs: tolerate this share of records that no spec takes, such as 5%; none by default.",
    ),
    MEMORY,
    click.option("--fail-on", type=click.Choice(["error", "warning"]), help="Tighten the gate of the spec."),
    click.option("--now", type=Moment(), help="The moment that `now` means; the start of the run by default."),
    click.argument("sources", nargs=-1, required=True, metavar="SOURCE..."),
    click.argument("spec", metavar="SPEC"),
)


def judging(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of every verb that judges sources; the command gets them as one `Request`."""

    @wraps(command)
    def asked(**given: Any) -> int:
        named = [(form, given.pop(option)) for option, form in FILES.items()]
        given["forms"] = (*given["forms"], *((form, path) for form, path in named if path is not None))
        names = [name for name in Request.__slots__ if name in given]
        request = Request(**{name: given.pop(name) for name in names})
        return command(request, **given)

    for option in JUDGING:
        asked = option(asked)
    return asked


def spec_files(spec: str) -> list[str]:
    """Return the spec itself, or the *.dq.yaml files of a folder, sorted.  UsageError where it has none."""
    path = Path(spec)
    if not path.is_dir():
        return [spec]
    found = sorted(str(each) for each in path.glob("*.dq.yaml"))
    if not found:
        raise click.UsageError(f"{spec}: there is no *.dq.yaml in this folder")
    return found


def read_key(path: str) -> bytes:
    """Return the bytes of a file that holds a key.  SourceError if it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"{path}: the key cannot be read: {error.strerror}") from error


@contextmanager
def spooled(sources: tuple[str, ...]) -> Iterator[list[str]]:
    """Return the sources with `-` (standard input) copied to a private file, since a barrier reads it twice."""
    if not any(source == "-" or source.endswith("=-") for source in sources):
        yield list(sources)
        return
    folder = Path(tempfile.mkdtemp(prefix="dq-stdin-"))
    try:
        path = folder / "stdin"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool, 1 << 20)
        yield [source[:-1] + str(path) if source == "-" or source.endswith("=-") else source for source in sources]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
