#!/usr/bin/env python3
"""Write docs/reference.md from the registries, the models and the catalogue: what dq is asked, it is asked of dq.

    python docs/make_reference.py            write the page
    python docs/make_reference.py --check    only compare, and fail if the page is out of date

Nothing is said here that the code says already.  What stands here in words is the order of the page, what each reason
code means (a test compares the list with the code), and the texts by which the casts are shown; what becomes of those
texts is found out by casting them.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import click
import polars as pl
from reference_words import (
    BELOW_CHECKS,
    BELOW_OUTPUTS,
    BELOW_TYPES,
    CAST_OPTIONS,
    CAST_TEXTS,
    FILES,
    HEAD,
    INDEX_COLUMNS,
    LEDGER_COLUMNS,
    OPENINGS,
    REASONS,
    RECORD,
    REFUSED,
    UNREADABLE,
)

import dq
from dq import errors, plugins
from dq.catalog import CATALOG
from dq.checks import CHECKS, EXPECTATIONS, Target
from dq.checks.formats import NOTATIONS
from dq.checks.ml import ML_CHECKS
from dq.cli.main import cli
from dq.diagnostics import Severity
from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.formats import NAMED_FORMATS
from dq.dtypes.jsontype import json_type
from dq.dtypes.types import Type, parse_type
from dq.expressions import FUNCTIONS
from dq.params import Params, Scalar
from dq.report import recommendations
from dq.report.schema import load_schema
from dq.sources.encodings import MULTI_BYTE, SINGLE_BYTE, WIDE
from dq.spec.model import (
    BlockPartModel,
    CheckOptions,
    ComparedModel,
    DedupeModel,
    MatchModel,
    ProfileModel,
    Spec,
    SpecModel,
)
from dq.steps.base import TEXT_STEPS
from dq.steps.fitted.base import FITTED_STEPS, STAGES, BatchStep
from dq.steps.matching.similarities import SIMILARITIES

PAGE = Path(__file__).with_name("reference.md")
Lines = Iterator[str]


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Lines:
    """Yield a table."""
    yield "| " + " | ".join(head) + " |"
    yield "|" + " --- |" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in row) + " |"
    yield ""


def section(title: str) -> Lines:
    """Yield a heading of the second order and the words that stand below it."""
    yield from (f"## {title}", "")
    if title in OPENINGS:
        yield from (*OPENINGS[title].strip().splitlines(), "")


def code(text: str | None) -> str:
    """Return a value as code that shows what cannot be seen; nothing at all is null."""
    if text is None:
        return "null"
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    fence = "``" if "`" in shown else "`"
    return f"{fence}{shown}{fence}" if shown.strip() == shown and shown else f'{fence}"{shown}"{fence}'


def fenced(text: str) -> Lines:
    """Yield a block of YAML."""
    yield from ("```yaml", text, "```", "")


def keys_of(model: type[SpecModel], title: str) -> Lines:
    """Yield the table of the keys of one model."""
    yield from (f"### {title}", "", inspect.getdoc(model) or "", "")
    rows = []
    for name, info in model.model_fields.items():
        default = "required" if info.is_required() else _default(info.get_default(call_default_factory=True))
        rows.append((f"`{info.alias or name}`", info.description or "", default))
    yield from table(("key", "meaning", "default"), rows)


def _default(value: Any) -> str:
    """Return a default as it would be written."""
    if value is None or value == {} or isinstance(value, SpecModel):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, (list, tuple)):
        return "`[" + ", ".join(f'"{item}"' for item in value) + "]`"
    return code(str(value))


def spec_keys() -> Lines:
    """Yield every key of the language."""
    yield from section("Keys of a spec")
    homes = {
        "The spec": Spec,
        "A source": _inner(Spec, "sources"),
        "A field": _inner(Spec, "fields"),
        "`lookup` of a field": _inner(_inner(Spec, "fields"), "lookup"),
        "`words` of a field": _inner(_inner(Spec, "fields"), "words"),
        "An entry of `filter`": _inner(Spec, "filter"),
        "`dedupe`": DedupeModel,
        "`dedupe.match`": MatchModel,
        "A field of `dedupe.match`": ComparedModel,
        "A part of a block": BlockPartModel,
        "`gate`": _inner(Spec, "gate"),
        "A profile of `gate`": ProfileModel,
        "`ml`": _inner(Spec, "ml"),
        "`output`": _inner(Spec, "output"),
        "`examples`": _inner(Spec, "examples"),
        "An entry of `examples.invalid`": _inner(_inner(Spec, "examples"), "invalid"),
        "Beside the name of a check": CheckOptions,
    }
    for title, model in homes.items():
        yield from keys_of(model, title)
        if model is ComparedModel:
            yield from table(("similarity", "what it is"), ((f"`{s.name}`", s.title) for s in SIMILARITIES.values()))


def _inner(model: type[SpecModel], key: str) -> type[SpecModel]:
    """Return the model behind a key, whatever it is wrapped in."""

    def models(annotation: Any) -> Iterator[type[SpecModel]]:
        if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
            if issubclass(annotation, SpecModel):
                yield annotation
            return
        for part in typing.get_args(annotation):
            yield from models(part)

    return next(models(model.model_fields[key].annotation))


def casts() -> Lines:
    """Yield the types: what text each of them accepts and refuses, found out by casting."""
    yield from section("Types")
    rows = []
    for name, texts in CAST_TEXTS.items():
        kind = parse_type(name)
        accepted, refused = _sorted_by_cast(kind, texts, CAST_OPTIONS.get(name, CastOptions()))
        rows.append((f"`{name}`", f"`{kind.polars}`", _json_of(kind), accepted, refused))
    yield from table(("type", "Polars", "JSON", "accepts", "refuses"), rows)
    yield from (*BELOW_TYPES.format(named=_listed(NAMED_FORMATS)).strip().splitlines(), "")


def _sorted_by_cast(kind: Type, texts: tuple[str, ...], options: CastOptions) -> tuple[str, str]:
    """Return the texts that the type accepts and those that it refuses."""
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    values = frame.select(cast(kind, options).expression(pl.col("text")).alias("value"))["value"]
    found: tuple[list[str], list[str]] = ([], [])
    for text, value in zip(texts, values.is_not_null().to_list(), strict=True):
        found[0 if value else 1].append(code(text))
    return ", ".join(found[0]), ", ".join(found[1])


def _json_of(kind: Type) -> str:
    """Return the JSON type of a canonical value."""
    found = json_type(kind).get("type", "")
    return " or ".join(found) if isinstance(found, list) else str(found)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def described(kind: Any, facts: list[str]) -> Lines:
    """Yield what every kind has: its name, its documentation, some facts and its parameters."""
    yield from (f"### `{kind.kind}`", "")
    names = f"Also called {_listed(kind.aliases)}. " if kind.aliases else ""
    yield from (inspect.cleandoc(kind.__doc__ or kind.title), "")
    if names or facts:
        yield from ((names + " ".join(facts)).strip(), "")
    parameters: type[Params] = kind.Params
    rows = [
        (
            f"`{info.alias or name}`",
            info.description or "",
            "required" if info.is_required() else _default(info.default),
        )
        for name, info in parameters.model_fields.items()
    ]
    if rows:
        if parameters.__doc__ and not any(row[1] for row in rows):
            yield from (inspect.cleandoc(parameters.__doc__), "")
        yield from table(("parameter", "meaning", "default"), rows)


def steps() -> Lines:
    """Yield the cleaning steps."""
    yield from section("Cleaning steps")
    for kind in TEXT_STEPS:
        needs = getattr(kind, "needs", ())
        yield from described(kind, [f"Needs {_listed(needs)}, which the extra `clean` brings."] if needs else [])
        yield from fenced(f"clean:\n  - {kind.example}")
        yield from table(("before", "after"), ((code(before), code(after)) for before, after in kind.example_values))


def checks() -> Lines:
    """Yield the checks of a field, and those of a row."""
    yield from section("Checks")
    for kind in CHECKS:
        families = "any type" if kind.families is None else ", ".join(sorted(kind.families))
        facts = [f"Fits: {families}.", f"Dimension: {kind.dimension}.", f"JSON Schema: {_schema_of(kind)}."]
        yield from described(kind, facts)
        quoted = f'"{kind.example_type}"' if any(c in kind.example_type for c in ",<") else kind.example_type
        yield from fenced(f"type: {quoted}\nchecks:\n  - {kind.example}")
        verb = ("together pass", "together fail") if kind.set_level else ("pass", "fail")
        for word, values in zip(verb, (kind.example_pass, kind.example_fail), strict=True):
            if values:
                yield f"* {word}: {', '.join(code(value) for value in values)}"
        yield ""
    yield from (*BELOW_CHECKS.strip().splitlines(), "")


def _schema_of(kind: Any) -> str:
    """Return whether JSON Schema can say a check, by asking the one of the example."""
    if kind.set_level:
        return "no, it asks several rows"
    try:
        made = kind(_parameters(kind), Target("value", parse_type(kind.example_type), lambda *_: ("MSK-1",)))
        fragment = made.json_schema()
    except NotImplementedError:
        fragment = None
    return "no" if fragment is None else "yes"


def _parameters(kind: Any) -> Any:
    """Return the parameters of a kind's example."""
    from dq.spec.kinds import arguments, kind_nodes
    from dq.spec.loader import read_draft

    path = PAGE.with_name("tour") / "orders.dq.yaml"
    document, _ = read_draft(path)
    assert document is not None
    nodes = kind_nodes(document, ("checks",), [_raw(kind.example)], [], CHECKS.names())
    return kind.Params.model_validate(arguments(next(iter(nodes)), kind.Params))


def _raw(text: str) -> Any:
    """Return an example's YAML as raw values."""
    import yaml

    def raw(node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {key.value: raw(value) for key, value in node.value}
        if isinstance(node, yaml.SequenceNode):
            return [raw(item) for item in node.value]
        return Scalar(node.value, plain=node.style is None)

    return raw(yaml.compose(text, yaml.BaseLoader))


def fitted_steps() -> Lines:
    """Yield the steps that learn."""
    yield from section("Steps that learn")
    for kind in sorted(FITTED_STEPS, key=lambda kind: (STAGES.index(kind.stage), kind.kind)):
        families = "any type" if kind.families is None else ", ".join(sorted(kind.families))
        learns = "Learns from all records." if kind.learns else "Learns nothing: the specification states it."
        if issubclass(kind, BatchStep):
            learns = "Decides about the batch at hand: it is in no state, and not for single events."
        yield from described(kind, [f"Stands in `{kind.stage}`.", f"Fits: {families}.", learns])
        yield from fenced(f"{kind.stage}: {kind.example}")


def expectations() -> Lines:
    """Yield the expectations."""
    yield from section("Expectations")
    for kind in EXPECTATIONS:
        families = "any type" if kind.families is None else ", ".join(sorted(kind.families))
        facts = [f"Asks about a field. Fits: {families}."] if kind.scope == "field" else ["Asks about the batch."]
        yield from described(kind, facts)
        yield from fenced(f"expect:\n  - {kind.example}")


def questions() -> Lines:
    """Yield the questions that are asked of a training set."""
    yield from section("Is it fit to train on?")
    for kind in ML_CHECKS:
        yield from described(kind, [])
        yield from fenced(f"ml:\n  {kind.example}")


def expressions() -> Lines:
    """Yield the functions of the expression language."""
    yield from section("Expressions")
    rows = ((code(f.signature), f.doc, code(f.example)) for _, f in sorted(FUNCTIONS.items()))
    yield from table(("function", "meaning", "example"), rows)


def notations() -> Lines:
    """Yield the notations of `format`, and the encodings."""
    yield from section("Notations")
    yield from table(
        ("name", "what it is", "defined by"), ((f"`{n}`", f.words, f.source) for n, f in sorted(NOTATIONS.items()))
    )
    yield from section("Encodings")
    yield f"* one byte a character: {_listed(('utf-8 (of one to four)', *SINGLE_BYTE))}"
    yield f"* several bytes: {_listed(MULTI_BYTE)}"
    yield from (f"* wide: {_listed(WIDE)}", "")


def reasons() -> Lines:
    """Yield the codes of reasons, of unreadable records and of refused sources."""
    yield from section("Reason codes")
    yield from table(("code", "meaning"), ((f"`{c}`" if " " not in c else c, text) for c, text in REASONS.items()))
    yield from ("### Records that could not be read", "")
    yield from table(("code", "meaning"), ((f"`{name}`", text) for name, text in UNREADABLE.items()))
    yield from ("### Inputs that are refused as a whole", "", "They have no records, and the batch fails.", "")
    yield from table(("code", "meaning"), ((f"`{name}`", text) for name, text in REFUSED.items()))


def outputs() -> Lines:
    """Yield the files of an output folder, the members of a refused record, and the keys of the report."""
    yield from section("Outputs")
    yield from table(("file", "content"), FILES.items())
    yield from ("### A record in `quarantine.jsonl` and `removed.jsonl`", "")
    yield from table(("member", "meaning"), ((f"`{name}`", text) for name, text in RECORD.items()))
    for file, columns in (("accepted.index.parquet", INDEX_COLUMNS), ("ledger.parquet", LEDGER_COLUMNS)):
        yield from (f"### A row of `{file}`", "")
        yield from table(("column", "meaning"), ((f"`{name}`", text) for name, text in columns.items()))
    yield from (*BELOW_OUTPUTS.strip().splitlines(), "")
    schema = load_schema()
    yield from table(("key", "meaning"), ((f"`{n}`", p["description"]) for n, p in schema["properties"].items()))
    parts = {
        "source": "sources",
        "check": "checks",
        "example": "checks[].examples",
        "expectation": "expectations",
        "field": "fields",
        "value_profile": "fields.*.after",
        "dedupe": "dedupe",
        "drift": "drift",
        "training": "ml",
        "training_check": "ml.checks",
        "recommendation": "recommendations",
    }
    for name, place in parts.items():
        yield from (f"#### `{place}`", "")
        properties = schema["$defs"][name]["properties"]
        yield from table(("key", "meaning"), ((f"`{n}`", p["description"]) for n, p in properties.items()))
    yield from ("The kinds of recommendations:", "")
    recommendations.load()
    yield from table(("kind", "said where"), ((f"`{k.kind}`", k.title) for k in recommendations.RECOMMENDATIONS))


def diagnostics() -> Lines:
    """Yield the catalogue."""
    yield from section("Diagnostics")
    for name, entry in sorted(CATALOG.items()):
        severity = "" if entry.severity is Severity.ERROR else f" ({entry.severity.value})"
        yield from (f"### {name}: {entry.title}{severity}", "", f"> {entry.template}", "")
        yield from (_prose(entry.explanation), "")


def _prose(explanation: str) -> str:
    """Return an explanation with its indented examples as blocks."""
    parts = re.split(r"\n\n(?=    )|\n\n(?! )", explanation.strip("\n"))
    blocks = [f"```yaml\n{textwrap.dedent(part)}\n```" if part.startswith("    ") else part for part in parts]
    return "\n\n".join(blocks)


def commands() -> Lines:
    """Yield the verbs with their arguments and options, and the exit codes."""
    yield from section("Commands")
    context = click.Context(cli, info_name="dq")
    for verb in cli.list_commands(context):
        command = cli.get_command(context, verb)
        assert command is not None
        words = " ".join(p.make_metavar(context) for p in command.params if isinstance(p, click.Argument))
        yield from (f"### `dq {verb} {words}`", "", inspect.cleandoc(command.help or "").replace("\b", ""), "")
        rows = []
        for option in command.params:
            if isinstance(option, click.Option):
                names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
                choices = f" One of {_listed(option.type.choices)}." if isinstance(option.type, click.Choice) else ""
                rows.append((names, f"{option.help or ''}{choices}"))
        yield from table(("option", "meaning"), rows) if rows else ()
    yield from ("### Exit codes", "")
    yield from table(("code", "meaning"), ((str(number), text) for number, text in exit_codes().items()))


def exit_codes() -> dict[int, str]:
    """Return the exit codes, with what ends with them."""
    found = {0: "Passed; warnings are allowed."}
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.DqError)]
    words = {
        1: "The data failed the gate",
        2: "Wrong usage, or a spec that is refused",
        3: "Input, output or run-time error",
        75: "Another run holds the lock of the output folder",
    }
    for number in sorted(words):
        names = sorted(kind.__name__ for kind in kinds if kind.exit_code == number and kind is not errors.DqError)
        found[number] = f"{words[number]} ({_listed(names)})."
    return found | {130: "Interrupted; nothing was published."}


def library() -> Lines:
    """Yield the public names of the package."""
    yield from section("Library")
    for name in dq.__all__:
        item = getattr(dq, name)
        if not inspect.isclass(item) and not inspect.isfunction(item):
            yield from (f"### `dq.{name}`", "", "The version of the package.", "")
            continue
        shown = f"{name}{_signature(item)}" if inspect.isfunction(item) else name
        yield from (f"### `dq.{shown}`", "", inspect.getdoc(item) or "", "")
        if inspect.isclass(item) and issubclass(item, Exception):
            yield from (f"Ends the command line with {item.exit_code}.", "")  # type: ignore[attr-defined]
        elif inspect.isclass(item):
            yield from table(("member", "meaning"), _members(item))


def _members(item: type) -> Iterator[tuple[str, str]]:
    """Yield the public members of a class with what they mean."""
    for name, member in _own(item).items():
        if isinstance(member, property):
            yield f"`{name}`", inspect.getdoc(member) or ""
        elif inspect.isfunction(member) and (not name.startswith("_") or name == "__getitem__"):
            yield f"`{name}{_signature(member)}`", inspect.getdoc(member) or ""
        elif isinstance(member, types.MemberDescriptorType):
            yield f"`{name}`", code(str(item.__annotations__[name]))


def _own(item: type) -> dict[str, Any]:
    """Return what the package itself gives a class, by way of its bases as well."""
    ours = (base for base in reversed(item.__mro__) if base.__module__.startswith("dq."))
    return {name: member for base in ours for name, member in vars(base).items()}


def _signature(function: Callable[..., Any]) -> str:
    """Return the parameters of a function without their types, which the source tells."""
    parameters = [
        p.replace(annotation=inspect.Parameter.empty) for p in inspect.signature(function).parameters.values()
    ]
    return str(inspect.Signature([p for p in parameters if p.name != "self"]))


SECTIONS: tuple[Callable[[], Lines], ...] = (
    spec_keys,
    casts,
    steps,
    fitted_steps,
    checks,
    expectations,
    questions,
    expressions,
    notations,
    reasons,
    outputs,
    commands,
    library,
    diagnostics,
)


def page() -> str:
    """Return the whole page."""
    plugins.load()
    lines = [line for section in SECTIONS for line in section()]
    contents = [line[3:] for line in lines if line.startswith("## ")]
    index = [f"* [{title}](#{title.lower().replace(' ', '-').replace('?', '')})" for title in contents]
    return "\n".join([HEAD, *index, "", *lines]).rstrip("\n") + "\n"


def main() -> int:
    """Write the page, or compare it."""
    if "--check" in sys.argv[1:]:
        return 0 if PAGE.read_text(encoding="utf-8") == page() else 1
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
