"""Splitter, gate and JSON Schema agree on every kind of check, every type it fits, and random columns.

The property runs over the whole registry, so a kind that is added is held to it without a line here.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from dq.checks import CHECKS, Check, ParamError, Target, load
from dq.checks.bounds import Between, Bounds
from dq.checks.lists import _parameters
from dq.dtypes.types import Family, Type

from .columns import TYPES, columns, entries, literal, source, values
from .tongues import json_instances, pandera_verdicts, polars_verdicts, python_verdicts, rust_verdicts

load()
KINDS = {kind.kind: kind for kind in CHECKS}


def fitting(kind: type[Check]) -> list[Type]:
    """Return the types that a kind fits."""
    return [of for of in TYPES if kind.families is None or of.family in kind.families]


@st.composite
def cases(draw: Any, kind: type[Check]) -> tuple[Check, pl.Series]:
    """Draw a bound check of a kind and a column of its type."""
    of = draw(st.sampled_from(fitting(kind)))
    pool = draw(st.lists(values(of), min_size=1, max_size=3))
    entry = draw(entries(kind, of, pool))
    keys = (
        tuple(sorted({literal(value, of) for value in pool}))
        if of.element is None and of.family is not Family.OBJECT
        else ("a", "1")
    )
    target = Target("field", of, lambda _file, _column: keys)
    try:
        params = kind.Params.model_validate(_parameters(kind, None if entry is None else source(entry)))
        bound = kind(params, target)
    except ParamError as error:
        if error.code not in {"DQ304", "DQ308", "DQ318"}:
            raise
        assume(condition=False)
    return bound, draw(columns(of, pool))


def agree(check: Check, series: pl.Series) -> None:
    """Assert that the three tongues say the same of every row."""
    said = polars_verdicts(check, series)
    null = [value is None for value in series]
    for verdict, absent in zip(said, null, strict=True):
        assert verdict is (False if check.kind == "required" else None) or not absent
        assert verdict is not None or absent
    passed = [verdict is not False for verdict in said]
    assert pandera_verdicts(check, series) == passed
    schema = check.json_schema()
    if schema is None:
        return
    instances = [instance for instance, absent in zip(json_instances(series, check), null, strict=True) if not absent]
    present = [verdict for verdict, absent in zip(passed, null, strict=True) if not absent]
    assert rust_verdicts(schema, instances) == present
    if not differs_in_python(schema):
        assert python_verdicts(schema, instances) == present


def differs_in_python(schema: Any) -> bool:
    """Whether Python's jsonschema is known to judge otherwise.

    It divides binary fractions for `multipleOf`, and reads `pattern` by `re`, whose `$` also stands before a
    final newline.
    """
    if isinstance(schema, dict):
        fraction = isinstance(schema.get("multipleOf"), (int, float))
        return fraction or "pattern" in schema or any(differs_in_python(item) for item in schema.values())
    return isinstance(schema, list) and any(differs_in_python(item) for item in schema)


def property_of(kind: type[Check], examples: int, phases: tuple[Phase, ...] = tuple(Phase)) -> Any:
    """Return the property of one kind, ready to run."""

    @settings(max_examples=examples, report_multiple_bugs=False, phases=phases)
    @given(cases(kind))
    def holds(case: tuple[Check, pl.Series]) -> None:
        agree(*case)

    return holds


@pytest.mark.parametrize("name", KINDS)
def test_the_three_tongues_agree(name: str):
    property_of(KINDS[name], 50)()


class Exclusive(Between):
    """`between` with a planted defect: the splitter leaves the ends out."""

    def expression(self, value: pl.Expr, now: Any) -> pl.Expr:
        return Bounds(self.bounds.lower, self.bounds.upper, strict=True).expression(value, self.target.type)


class Lenient(KINDS["accepted_values"]):
    """`accepted_values` with a planted defect: JSON Schema forgets the last value."""

    def json_schema(self) -> dict[str, Any]:
        return {"enum": [*(super().json_schema() or {"enum": []})["enum"][:-1], "never"]}


class Loose(KINDS["max_length"]):
    """`max_length` with a planted defect: the gate lets one character more pass."""

    def pandera(self, pa: Any, now: Any) -> Any:
        return pa.Check.str_length(None, (self.most or 0) + 1)


@pytest.mark.parametrize("kind", [Exclusive, Lenient, Loose])
def test_a_planted_defect_is_found(kind: type[Check]):
    with pytest.raises(AssertionError):
        property_of(kind, 200, phases=(Phase.generate,))()  # to see it found is enough


class Shouted(Check):
    """The text has no small letters: a kind that comes from outside."""

    kind = "shouted"
    dimension = "conformity"
    families = frozenset({Family.TEXT})
    title = "The text has no small letters."
    example = "shouted"
    example_pass = ("A",)
    example_fail = ("a",)
    Params = KINDS["required"].Params

    def expected(self) -> str:
        return "a text without small letters"

    def expression(self, value: pl.Expr, now: Any) -> pl.Expr:
        return ~value.str.contains("[a-z]")

    def pandera(self, pa: Any, now: Any) -> Any:
        return pa.Check(lambda data: data.lazyframe.select(pl.col(data.key).str.count_matches("[a-z]") == 0))

    def json_schema(self) -> dict[str, Any]:
        return {"not": {"pattern": "[a-z]"}}


def test_a_kind_from_outside_is_held_to_the_same_property():
    CHECKS.register(Shouted)
    try:
        found = CHECKS.find("shouted")
        assert found is Shouted
        property_of(found, 60)()
    finally:
        CHECKS.remove("shouted")
    assert CHECKS.find("shouted") is None
