"""The command `dq`: its verbs, and the exit codes.

0 passed (warnings allowed), 1 the data failed the gate, 2 wrong usage or spec, 3 input, output or run-time
error, 75 another run holds the lock, 130 and 143 after SIGINT and SIGTERM.  What is meant for people goes to
stderr, data and machine formats to stdout.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import click

from dq.errors import DqError, SpecError, is_panic
from dq.version import VERSION

KEEP_MEMORY = "dirty_decay_ms:10000,muzzy_decay_ms:0"  # of Polars' allocator, read when Polars is imported
GARBAGE_THRESHOLD = 200_000  # objects between two searches for cycles; Python's own is 700

VERBS = {
    "check": "Judge sources by a spec and write nothing.",
    "diff": "Tell what a new version of a spec changes in meaning.",
    "docs": "Make a static site of the specs of a folder and their latest reports.",
    "explain": "Explain a diagnostic code.",
    "export": "Say a spec in another language.",
    "fit": "Learn what fitted steps need, and write it as a state.",
    "init": "Write a new project: a spec, tiny data, a README, a file for CI.",
    "infer": "Draft a spec from data, each line with what speaks for it.",
    "import": "Make a spec from another language.",
    "lint": "Find every mistake in specs.",
    "list": "List checks, steps, expectations, formats, functions, recommendations or codes.",
    "plan": "Print the passes of a spec's plan.",
    "report": "Make a page for people from the report.json of a run.",
    "replay": "Judge refused records again, from their raw text.",
    "suggest": "Print what a report recommends as a patch of the spec, or make a new version with it.",
    "run": "Clean and judge sources by a spec, and write the results.",
    "sample": "Make valid or invalid records from a spec.",
    "try": "Show what becomes of one record, step by step.",
    "serve": "Judge events over HTTP.",
    "stream": "Judge events as they come, and lose none.",
    "test": "Run the examples of specs, and tell which checks none of them shows.",
}
MODULES = {"import": "import_spec"}  # verbs that are words of Python


class Verbs(click.Group):
    """A group that imports a verb when it is called, and lists all of them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs."""
        del ctx
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the verb's module and return its command."""
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"dq.cli.{MODULES.get(cmd_name, cmd_name)}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the verb that was probably meant."""
        if args and not args[0].startswith("-") and args[0] not in VERBS:
            from dq.diagnostics import did_you_mean

            near = did_you_mean(args[0], VERBS)
            hint = f" Did you mean {near!r}?" if near else ""
            ctx.fail(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the verbs with one line each."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(verb, VERBS[verb]) for verb in sorted(VERBS)])


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="dq")
def cli() -> None:
    """Gate the way between raw data and machine learning."""


class _TerminatedError(BaseException):
    """SIGTERM arrived; what is half done is given up on the way out."""


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    signal.signal(signal.SIGTERM, _terminate)
    # A run makes lists of texts by the million and next to no cycles: looking for those costs a twentieth of its time.
    gc.set_threshold(GARBAGE_THRESHOLD)
    # Polars gives memory back after half a second, and asks for as much again with the next chunk: it may wait for ten.
    os.environ.setdefault("_RJEM_MALLOC_CONF", KEEP_MEMORY)
    # numpy begins a thread for each core to multiply matrices, of which dq has none that is worth one.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    silence_native_code()
    code = run(args)
    # What is alive now ends with the process: the interpreter need not search it for cycles on its way out, twice.
    gc.freeze()
    sys.exit(code)


def silence_native_code() -> None:
    """Leave stderr to Python: native code that panics prints its reasons there, and values of the data with them."""
    if sys.stderr is None or os.environ.get("DQ_TRACEBACK"):
        return
    ours = os.dup(sys.stderr.fileno())
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stderr.fileno())
    os.close(nowhere)
    encoding = sys.stderr.encoding
    python = os.fdopen(ours, "w", buffering=1, encoding=encoding, errors="backslashreplace")
    sys.stderr = sys.__stderr__ = python  # type: ignore[misc]


def _terminate(number: int, frame: object) -> None:
    """Leave in good order at the first SIGTERM, at once at the second."""
    del frame
    signal.signal(number, signal.SIG_DFL)
    raise _TerminatedError


def run(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are one message on stderr, never a traceback."""
    try:
        result = cli.main(args=args, prog_name="dq", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.exceptions.Abort, KeyboardInterrupt, _TerminatedError) as error:
        ended = isinstance(error, _TerminatedError)
        click.echo(f"dq: {'terminated' if ended else 'interrupted'}", err=True)
        return 143 if ended else 130
    except DqError as error:
        click.echo(f"dq: {_told(error)}", err=True)
        return error.exit_code
    except SystemExit:
        # click and rich end so, with 1, where the reader of a pipe has gone; here 1 is a verdict on the data.
        return _broken_pipe()
    except BaseException as error:
        if not isinstance(error, Exception) and not is_panic(error):
            raise
        return _failed(error)
    return result if isinstance(result, int) else 0


def _broken_pipe() -> int:
    """End quietly: the interpreter must not try to flush once more what nobody reads."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            os.dup2(nowhere, stream.fileno())
    return 3


def _told(error: DqError) -> str:
    """Return an error in words that move no cursor and forge no line: the names of files are of others' making."""
    from dq.catalog import printable

    parts = error.diagnostics if isinstance(error, SpecError) else (error,)
    return "\n".join(printable(part) for part in parts)


def _failed(error: BaseException) -> int:
    """Say an error that nobody expected, without its words: they may hold values of the data."""
    from dq.catalog import printable

    if isinstance(error, BrokenPipeError):
        return _broken_pipe()
    if isinstance(error, MemoryError):
        click.echo("dq: there is not enough memory", err=True)
    elif isinstance(error, OSError) and error.strerror:
        named = f"{printable(error.filename)}: " if error.filename is not None else ""
        click.echo(f"dq: {named}{error.strerror}", err=True)
    else:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
        click.echo(f"dq: internal error ({where}); this is a bug of dq. DQ_TRACEBACK=1 shows more", err=True)
    if os.environ.get("DQ_TRACEBACK"):
        traceback.print_exception(error)
    return 3
