"""`dq list`: list the kinds that a spec can name."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import click

Row = tuple[str, str]


def _checks() -> Iterator[Row]:
    from dq.checks import CHECKS

    for kind in CHECKS:
        yield ", ".join((kind.kind, *kind.aliases)), kind.title


def _steps() -> Iterator[Row]:
    from dq.steps.base import TEXT_STEPS

    for kind in TEXT_STEPS:
        yield ", ".join((kind.kind, *kind.aliases)), kind.title


def _domains() -> Iterator[Row]:
    from dq.steps.base import TEXT_STEPS
    from dq.steps.domains.domain import Domain

    for kind in TEXT_STEPS:
        if issubclass(kind, Domain):
            yield kind.kind, kind.title


def _expectations() -> Iterator[Row]:
    from dq.checks.expectations import EXPECTATIONS

    for kind in EXPECTATIONS:
        yield ", ".join((kind.kind, *kind.aliases)), kind.title


def _functions() -> Iterator[Row]:
    from dq.expressions import FUNCTIONS

    for name in sorted(FUNCTIONS):
        yield name, FUNCTIONS[name].doc


def _codes() -> Iterator[Row]:
    from dq.catalog import CATALOG

    for code in sorted(CATALOG):
        yield code, CATALOG[code].title


def _formats() -> Iterator[Row]:
    from dq.checks.formats import NOTATIONS

    for name in sorted(NOTATIONS):
        yield name, NOTATIONS[name].words


def _recommendations() -> Iterator[Row]:
    from dq.report.recommendations import RECOMMENDATIONS, load

    load()
    for kind in RECOMMENDATIONS:
        yield kind.kind, kind.title


NOUNS: dict[str, Callable[[], Iterator[Row]]] = {
    "checks": _checks,
    "steps": _steps,
    "domains": _domains,
    "expectations": _expectations,
    "functions": _functions,
    "formats": _formats,
    "codes": _codes,
    "recommendations": _recommendations,
}


@click.command("list")
@click.argument("noun", type=click.Choice(sorted(NOUNS)))
def command(noun: str) -> int:
    """List all kinds of NOUN, plugins' included, with one line each."""
    from dq import plugins

    plugins.load()
    rows = list(NOUNS[noun]())
    width = max(len(name) for name, _ in rows)
    for name, title in rows:
        click.echo(f"{name:{width}s}  {title}")
    return 0
