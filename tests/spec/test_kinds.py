from __future__ import annotations

import pytest

from dq.params import ParamError, Params, Scalar, Table, Text
from dq.spec.kinds import arguments, kind_nodes
from dq.spec.loader import loads
from spec.sample import FULL, HEAD


def entries(lines: str, where: str = "checks", known=()):
    body = "".join(f"      {line}\n" for line in lines.splitlines())
    document = loads(HEAD + f"fields:\n  a:\n    type: string\n    {where}:\n{body}")
    path = ("fields", "a", where)
    diagnostics = []
    nodes = kind_nodes(document, path, getattr(document.spec.fields["a"], where), diagnostics, known)
    return nodes, diagnostics


def plain(raw):
    if isinstance(raw, dict):
        return {key: plain(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [plain(item) for item in raw]
    return raw.text if isinstance(raw, Scalar) else raw


def given_options(node) -> dict:
    return {key: getattr(node.options, key) for key in sorted(node.options.model_fields_set)}


@pytest.mark.parametrize(
    ("lines", "name", "params", "options"),
    [
        ("- unique", "unique", None, {}),
        ("- 'unique'", "unique", None, {}),
        ("- between: [0, 1]", "between", ["0", "1"], {}),
        ("- min_length: 3\n  severity: warning", "min_length", "3", {"severity": "warning"}),
        ("- severity: warning\n  min_length: 3", "min_length", "3", {"severity": "warning"}),
        (
            "- between: {min: 0, max: 5, severity: warning}",
            "between",
            {"min": "0", "max": "5"},
            {"severity": "warning"},
        ),
        ("- type: {on_fail: set_null, where: b > 1}", "type", {}, {"on_fail": "set_null", "where": "b > 1"}),
        ("- {id: x, where: a > 1, assert: b > 0}", "assert", "b > 0", {"id": "x", "where": "a > 1"}),
        ("- unique: [a, b]", "unique", ["a", "b"], {}),
    ],
)
def test_the_three_forms(lines, name, params, options):
    (node,), diagnostics = entries(lines)
    assert diagnostics == []
    assert (node.name, plain(node.params), given_options(node)) == (name, params, options)


def test_options_have_places_beside_and_inside():
    nodes, _ = entries("- between: {min: 0, severity: error}\n  id: x\n- unique")
    assert nodes[0].option_path("severity") == ("fields", "a", "checks", 0, "between", "severity")
    assert nodes[0].option_path("id") == ("fields", "a", "checks", 0, "id")
    assert nodes[0].option_path("where") == ("fields", "a", "checks", 0)
    assert nodes[0].value_path == ("fields", "a", "checks", 0, "between")
    assert nodes[0].param_path("min") == ("fields", "a", "checks", 0, "between", "min")
    assert nodes[1].value_path == ("fields", "a", "checks", 1)
    assert [str(node.span) for node in nodes] == ["<string>:8:9", "<string>:10:9"]


@pytest.mark.parametrize(
    ("lines", "expected", "words"),
    [
        ("- between: [0, 1]\n  severty: error", "9:9 DQ201", "did you mean 'severity'"),
        ("- severty: error\n  between: [0, 1]", "8:9 DQ201", "did you mean 'severity'"),
        ("- between: [0, 1]\n  min: 0", "9:9 DQ201", "parameters stand in its braces"),
        ("- unique\n- {severity: error}", "9:9 DQ202", "name of a check"),
        ("- {}", "8:9 DQ203", "an empty mapping"),
        ("- [unique]", "8:9 DQ203", "not a list"),
        ("-", "8:8 DQ203", "not nothing"),
        ("- unique:", "8:16 DQ203", "bare name '- unique'"),
        ("- between: [0, 1]\n  severity: eror", "9:19 DQ203", "did you mean 'error'"),
        ("- between: {min: 1, mostly: 120%}", "8:35 DQ203", "a share"),
        ("- between: {min: 1, id: a}\n  id: b", "8:27 DQ102", "'id'"),
        ("- between: [0, 1]\n  on_fail: [drop]", "9:18 DQ203", "not a list"),
    ],
)
def test_mistakes(lines, expected, words):
    _, diagnostics = entries(lines)
    assert [f"{found.span.line}:{found.span.column} {found.code}" for found in diagnostics] == [expected]
    assert words in str(diagnostics[0])


def test_a_good_option_stands_beside_a_bad_one():
    (node,), diagnostics = entries("- between: [0, 1]\n  severity: eror\n  on_fail: keep")
    assert len(diagnostics) == 1
    assert given_options(node) == {"on_fail": "keep"}


def test_known_names_tell_two_checks_apart():
    (node,), diagnostics = entries("- wher: x\n  mostly: 1%\n  between: [0, 1]\n  lt: 5", known=("between", "lt"))
    assert node.name == "between"
    assert [found.span.line for found in diagnostics] == [8, 11]


def test_steps_have_no_options_and_keep_their_tables_whole():
    nodes, diagnostics = entries(
        "- strip\n- {map: {id: A, where: B}, otherwise: keep}\n- {otherwise: blank, map: {x: y}}", "clean"
    )
    assert diagnostics == []
    assert [(node.name, plain(node.params), plain(node.siblings)) for node in nodes] == [
        ("strip", None, {}),
        ("map", {"id": "A", "where": "B"}, {"otherwise": "keep"}),
        ("map", {"x": "y"}, {"otherwise": "blank"}),
    ]
    assert nodes[1].param_path("otherwise") == ("fields", "a", "clean", 1, "otherwise")


def test_options_beside_a_step_are_refused():
    _, diagnostics = entries("- {map: {a: b}, otherwize: keep}\n- {pad: 3, severity: error}", "clean")
    assert [(found.code, found.suggestion) for found in diagnostics] == [("DQ201", "otherwise"), ("DQ201", None)]


class Mapping(Params):
    shorthand = "table"
    table: Table
    otherwise: Text = "keep"


class Pad(Params):
    shorthand = "width"
    width: Text
    fill: Text = "0"


class Bare(Params):
    column: Text


@pytest.mark.parametrize(
    ("entry", "model", "expected"),
    [
        ("- {map: {a: b}, otherwise: keep}", Mapping, {"table": {"a": "b"}, "otherwise": "keep"}),
        ("- map: {a: b}", Mapping, {"table": {"a": "b"}}),
        ("- map: {table: {a: b}, otherwise: keep}", Mapping, {"table": {"a": "b"}, "otherwise": "keep"}),
        ("- map: {table: b}", Mapping, {"table": {"table": "b"}}),
        ("- pad: 3", Pad, {"width": "3"}),
        ("- pad: {width: 3, fill: x}", Pad, {"width": "3", "fill": "x"}),
        ("- pad", Pad, {}),
        ("- bare: {column: x}", Bare, {"column": "x"}),
    ],
)
def test_arguments(entry, model, expected):
    (node,), _ = entries(entry, "clean")
    assert plain(arguments(node, model)) == expected


def test_a_value_for_a_kind_that_takes_braces_is_refused():
    (node,), _ = entries("- bare: x", "clean")
    with pytest.raises(ParamError) as caught:
        arguments(node, Bare)
    assert caught.value.code == "DQ307"


def test_the_sample_has_no_mistakes():
    document = loads(FULL)
    diagnostics = []
    count = 0
    for name, field in document.spec.fields.items():
        for key in ("clean", "checks", "expect"):
            count += len(kind_nodes(document, ("fields", name, key), getattr(field, key), diagnostics))
    count += len(kind_nodes(document, ("checks",), document.spec.checks, diagnostics))
    assert (count, diagnostics) == (15, [])
