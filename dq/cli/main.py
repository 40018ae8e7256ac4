"""The command `dq`: its verbs, and the exit codes.

0 passed (warnings allowed), 1 the data failed the gate, 2 wrong usage or spec, 3 input, output or run-time
error, 75 another run holds the lock.  What is meant for people goes to stderr, data and machine formats to
stdout.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module

import click

from dq.errors import DqError
from dq.version import VERSION

VERBS = {
    "check": "Judge sources by a spec and write nothing.",
    "explain": "Explain a diagnostic code.",
    "lint": "Find every mistake in specs.",
    "list": "List checks, steps, expectations, formats, functions or codes.",
    "plan": "Print the passes of a spec's plan.",
    "run": "Clean and judge sources by a spec, and write the results.",
}


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
        command: click.Command = import_module(f"dq.cli.{cmd_name}").command
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


def main(args: list[str] | None = None) -> None:
    """Run the command line and exit with its code."""
    sys.exit(run(args))


def run(args: list[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are one message on stderr, never a traceback."""
    try:
        result = cli.main(args=args, prog_name="dq", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return 2
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was published", err=True)
        return 130
    except DqError as error:
        click.echo(f"dq: {error}", err=True)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read the output has gone; the interpreter must not try to flush it once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except (OSError, MemoryError) as error:
        click.echo(f"dq: {error.strerror if isinstance(error, OSError) and error.strerror else error!r}", err=True)
        return 3
    return result if isinstance(result, int) else 0
