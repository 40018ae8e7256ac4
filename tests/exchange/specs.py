"""Random specifications of a few fields and checks, and random records of them."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from dq.api import Plan
from dq.checks import CHECKS, load
from dq.dtypes.types import Type, decimal
from dq.plan.compiler import compile_document
from dq.spec.loader import reads
from tests.parity.columns import TYPES, entries, values
from tests.parity.tongues import json_instances

load()
EXACT = tuple(of for of in TYPES if decimal(38, 10) not in {of, of.element})  # those that JSON numbers hold
KINDS = sorted(kind.kind for kind in CHECKS if kind.kind not in {"required", "type", "unique", "references", "items"})


def compiled(text: str) -> Plan | None:
    """Return the plan of a specification in a text, or None where it is refused."""
    document, _ = reads(text)
    plan = compile_document(document)[0] if document is not None else None
    return None if plan is None else Plan(plan)


@st.composite
def fields(
    draw: Any, types: tuple[Type, ...] = EXACT, kind: str | None = None
) -> tuple[dict[str, Any], Type, list[Any]]:
    """Draw a field as it stands in a specification, its type, and some values that its checks may speak of.

    With a `kind`, the field has a check of it.
    """
    wanted = CHECKS.find(kind) if kind is not None else None
    of = draw(st.sampled_from([of for of in types if wanted is None or fits(wanted, of)]))
    pool = draw(st.lists(values(of), min_size=1, max_size=3))
    fitting = [name for name in KINDS if name != kind and fits(CHECKS.find(name), of)]
    names = draw(st.lists(st.sampled_from(fitting), max_size=1 if kind else 2, unique=True)) if fitting else []
    checks = []
    for name in [*([kind] if kind else []), *names]:
        asked = CHECKS.find(name)
        assert asked is not None
        entry = draw(entries(asked, of, pool))
        checks.append(name if entry is None else {name: entry})
    return {"type": str(of), "required": draw(st.booleans()), "checks": checks}, of, pool


def fits(kind: Any, of: Type) -> bool:
    """Whether a kind of check is for a type."""
    return kind.families is None or of.family in kind.families


@st.composite
def cases(
    draw: Any, records: int = 20, types: tuple[Type, ...] = EXACT, kind: str | None = None
) -> tuple[str, Plan, list[dict[str, Any]]]:
    """Draw a specification that lints, its plan, and records in canonical form, as a JSON reader gives them."""
    drawn = {name: draw(fields(types, kind)) for name in ("a" if kind else draw(st.sampled_from(["a", "ab"])))}
    named = {name: field for name, (field, _, _) in drawn.items()}
    text = json.dumps({"dq": 1, "event": "drawn", "version": "1.2.3", "fields": named}, ensure_ascii=False)
    plan = compiled(text)
    assume(plan is not None)
    assert plan is not None
    columns = {name: draw(column(of, pool, records)) for name, (_, of, pool) in drawn.items()}
    rows = [
        {name: cells[row] for name, cells in columns.items() if cells[row] is not None or row % 2}
        for row in range(records)
    ]
    return text, plan, rows


@st.composite
def column(draw: Any, of: Type, pool: list[Any], records: int) -> list[Any]:
    """Draw values of a type as they stand in JSON; the empty text means no value, and is no value."""
    import polars as pl

    rows = st.one_of(st.none(), st.sampled_from(pool), values(of))
    drawn = draw(st.lists(rows, min_size=records, max_size=records))

    class Asked:
        class target:  # noqa: N801 - what `json_instances` looks at
            type = of

    series = pl.Series("field", drawn, dtype=of.polars)
    return [None if cell == "" else cell for cell in json_instances(series, Asked)]  # type: ignore[arg-type]


def refusals(plan: Plan, records: list[dict[str, Any]]) -> list[set[str]]:
    """Return the ids of the checks that refuse each record."""
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    refused = plan.run(lines).quarantined
    found: list[set[str]] = [set() for _ in records]
    for number, reasons in zip(refused["record"], refused["reasons"], strict=True):
        found[number - 1] = {reason["check"] for reason in json.loads(reasons)}
    return found
