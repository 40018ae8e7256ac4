"""`dq test`: run the examples of specs, and tell which checks none of them shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click
import orjson

from dq.cli.options import Moment, spec_files

if TYPE_CHECKING:
    from dq.plan.plan import CompiledPlan
    from dq.report.findings import Case, Level
    from dq.sampling.trials import Trials


@click.command("test")
@click.argument("specs", nargs=-1, required=True, metavar="SPEC...")
@click.option("--min-coverage", type=click.FloatRange(0, 100), help="Fail below this percentage of checks shown.")
@click.option("--state", metavar="FILE", help="Apply what this state learnt; without it steps that learn do nothing.")
@click.option("--now", type=Moment(), help="The moment that `now` means; the present one by default.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "junit"]),
    default="text",
    show_default=True,
    help="text: for people, on stderr; json and junit: for programs, on stdout.",
)
def command(
    specs: tuple[str, ...], min_coverage: float | None, state: str | None, now: datetime | None, form: str
) -> int:
    """Run the `examples` of SPEC...: a valid one is accepted, an invalid one violates exactly what it says.

    A folder stands for the *.dq.yaml files in it.  The exit code is 1 where an example does something else, or where
    examples show too few of the checks.
    """
    from dq.api import load, load_state
    from dq.sampling.trials import try_examples

    given = load_state(state) if state is not None else None
    moment = now or datetime.now(UTC)
    plans = [(path, load(path).compiled) for spec in specs for path in spec_files(spec)]
    found = [(path, plan, try_examples(plan, moment, given)) for path, plan in plans]
    if form == "json":
        click.echo(orjson.dumps([_json(*each) for each in found], option=orjson.OPT_INDENT_2).decode())
    elif form == "junit":
        click.echo(_junit(found, moment, min_coverage), nl=False)
    else:
        for each in found:
            _text(*each)
    short = any(_is_short(trials, min_coverage) for _, _, trials in found)
    return 1 if short or any(trials.failed for _, _, trials in found) else 0


def _is_short(trials: Trials, least: float | None) -> bool:
    """Whether examples show fewer checks than they must, in per cent."""
    return least is not None and trials.coverage * 100 < least


def _junit(found: list[tuple[str, CompiledPlan, Trials]], moment: datetime, least: float | None) -> bytes:
    """Return one suite a spec: a test case for each example, and one for the checks that examples must show."""
    from dq.engines.base import format_now
    from dq.report.junit import Suite, document
    from dq.version import VERSION

    suites = []
    for path, plan, trials in found:
        properties = {"version": plan.version, "fingerprint": plan.fingerprint, "dq": VERSION}
        unshown = f"not shown by any example: {', '.join(trials.unshown)}" if trials.unshown else ""
        suites.append(Suite(plan.event, _cases(path, trials, least, unshown), properties, format_now(moment), unshown))
    return document(suites)


def _cases(path: str, trials: Trials, least: float | None, unshown: str) -> list[Case]:
    """Return the test cases of one spec."""
    from dq.report.findings import Case, Place
    from dq.report.wording import plain

    file = plain(path, 300)
    cases = []
    for trial in trials.trials:
        problem, place = plain(trial.problem or "", 300), Place(file, trial.example.span.line)
        level: Level = "error" if problem else "none"
        cases.append(Case(trial.example.place, "example", "examples", "", level, problem, spec=place))
    if least is not None:
        level = "error" if _is_short(trials, least) else "none"
        cases.append(Case("coverage", "coverage", "examples", "", level, unshown, spec=Place(file, None)))
    return cases


def _text(path: str, plan: CompiledPlan, trials: Trials) -> None:
    """Print the trials of one spec for people: those that failed, and the checks that none shows."""
    click.echo(f"{'FAIL' if trials.failed else 'PASS'}  {plan.event} {plan.version}  {path}", err=True)
    for trial in trials.trials:
        if trial.problem is not None:
            click.echo(f"  {trial.example.span}: {trial.example.place}: {trial.problem}", err=True)
    passed, checks = len(trials.trials) - trials.failed, len(trials.shown) + len(trials.unshown)
    click.echo(f"  examples that do what they say: {passed} of {len(trials.trials)}", err=True)
    click.echo(f"  checks that some example violates: {len(trials.shown)} of {checks}", err=True)
    if trials.unshown:
        click.echo(f"  not shown by any: {', '.join(trials.unshown)}", err=True)


def _json(path: str, plan: CompiledPlan, trials: Trials) -> dict[str, Any]:
    """Return the trials of one spec as JSON values."""
    return {
        "file": path,
        "event": plan.event,
        "version": plan.version,
        "examples": [
            {
                "place": trial.example.place,
                "line": trial.example.span.line,
                "violates": list(trial.example.violates),
                "passed": trial.problem is None,
                "problem": trial.problem,
            }
            for trial in trials.trials
        ],
        "coverage": trials.coverage,
        "shown": list(trials.shown),
        "unshown": list(trials.unshown),
    }
