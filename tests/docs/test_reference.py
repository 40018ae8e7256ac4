"""The reference is made from the code, and every example that it shows was run through the real plan."""

from __future__ import annotations

import ast
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import dq
from dq import plugins
from dq.checks import CHECKS, EXPECTATIONS
from dq.engines.ledger import INDEX, LEDGER
from dq.expressions import FUNCTIONS
from dq.steps.base import TEXT_STEPS

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
HEAD = "dq: 1\nevent: example\nversion: 1.0.0\nmissing: []\n"

plugins.load()


@pytest.fixture(scope="module")
def makers():
    """Return the script that makes the page, and the words that it is given."""
    sys.path.insert(0, str(ROOT / "docs"))
    try:
        import make_reference
        import reference_words
    finally:
        sys.path.remove(str(ROOT / "docs"))
    return make_reference, reference_words


def test_the_page_is_what_the_code_says(makers):
    maker, _ = makers
    committed = (ROOT / "docs" / "reference.md").read_text(encoding="utf-8")
    assert committed == maker.page(), "make it anew: python docs/make_reference.py"


def test_a_kind_more_changes_the_page(makers):
    """A check that nobody documented would be seen."""
    maker, _ = makers
    between = CHECKS.find("between")
    toy = type("Toy", (between,), {"kind": "toy", "__doc__": "Asks a toy question.", "__module__": __name__})
    before = maker.page()
    CHECKS.register(toy)
    try:
        assert "### `toy`\n\nAsks a toy question." in maker.page()
    finally:
        CHECKS.remove("toy")
    assert maker.page() == before


def plan(folder: Path, text: str) -> dq.Plan:
    """Return the plan of a spec, given as text."""
    path = folder / "example.dq.yaml"
    path.write_text(HEAD + text, encoding="utf-8")
    (folder / "shops.csv").write_text("code,name\nMSK-1,a\nSPB-2,b\n", encoding="utf-8")
    return dq.load(path)


def failures(made: dq.Plan, values: tuple[str | None, ...], kind: str) -> list[bool]:
    """Return for each value of `v` whether it has a reason of this kind; no other reason may be there."""
    result = made.run([{"n": str(n), "v": value} for n, value in enumerate(values)], now=NOW)
    failed = [False] * len(values)
    for row in result.quarantined.to_dicts():
        reasons = row["reasons"]
        codes = {reason["code"] for reason in (dq_json(reasons))}
        assert codes == {kind}, f"{row}"
        failed[row["record"] - 1] = True
    return failed


def dq_json(reasons: Any) -> Any:
    """Return reasons as values, whether they come as JSON text or not."""
    import orjson

    return orjson.loads(reasons) if isinstance(reasons, (str, bytes)) else reasons


@pytest.mark.parametrize("kind", tuple(CHECKS), ids=lambda kind: kind.kind)
def test_examples_of_checks_hold_in_a_plan(tmp_path, kind):
    made = plan(
        tmp_path,
        f'fields:\n  n: {{type: string}}\n  v:\n    type: "{kind.example_type}"\n    checks:\n      - {kind.example}\n',
    )
    assert kind.example_pass
    if kind.set_level:
        passing, failing = [kind.example_pass], [kind.example_fail]
    else:
        passing, failing = [(v,) for v in kind.example_pass], [(v,) for v in kind.example_fail]
    for values in passing:
        assert not any(failures(made, values, kind.kind)), values
    for values in failing:
        assert all(failures(made, values, kind.kind)), values


@pytest.mark.parametrize("kind", tuple(TEXT_STEPS), ids=lambda kind: kind.kind)
def test_examples_of_steps_hold_in_a_plan(tmp_path, kind):
    for package in getattr(kind, "needs", ()):
        pytest.importorskip(package)
    if "file:" in kind.example:
        (tmp_path / "countries.csv").write_text("name,code\nрф,RU\nrussia,RU\n", encoding="utf-8")
    made = plan(
        tmp_path, f"fields:\n  n: {{type: string}}\n  v:\n    type: string\n    clean:\n      - {kind.example}\n"
    )
    before, after = zip(*kind.example_values, strict=True)
    result = made.run([{"n": str(n), "v": value} for n, value in enumerate(before)], now=NOW)
    assert result.report.records["accepted"] == len(before)
    assert result.accepted["v"].to_list() == list(after)


@pytest.mark.parametrize("kind", tuple(EXPECTATIONS), ids=lambda kind: kind.kind)
def test_examples_of_expectations_are_bound(tmp_path, kind):
    entry = f"expect:\n      - {kind.example}\n"
    fields = f"fields:\n  v:\n    type: {kind.example_type}\n" + ("    " + entry if kind.scope == "field" else "")
    others = f"  a: {{type: {kind.example_type}}}\n  b: {{type: {kind.example_type}}}\n"
    if "file:" in kind.example:
        (tmp_path / "shops.csv").write_text("code\nMSK-1\nSPB-2\nNVS-3\n", encoding="utf-8")
    made = plan(tmp_path, fields + others + (f"expect:\n  - {kind.example}\n" if kind.scope == "batch" else ""))
    report = made.check([dict.fromkeys("vab", value) for value in kind.example_values], now=NOW)
    assert [item["kind"] for item in report["expectations"]] == [kind.kind]
    assert report.verdict == "pass"


def test_examples_of_functions_are_true_in_a_plan(tmp_path):
    examples = {name: f.example for name, f in sorted(FUNCTIONS.items())}
    rules = "".join(f"  - {{id: {name}, assert: \"v = 'a' and {text}\"}}\n" for name, text in examples.items())
    made = plan(tmp_path, "fields:\n  v: {type: string}\nchecks:\n" + rules)
    report = made.check([{"v": "a"}], now=NOW)
    assert {check["id"]: check["passed"] for check in report["checks"] if check["kind"] == "assert"} == dict.fromkeys(
        sorted(FUNCTIONS), 1
    )


def codes_in(prefix: str) -> set[str]:
    """Return the reason codes that stand in the sources."""
    found: set[str] = set()
    for path in sorted((ROOT / "dq" / "sources").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found |= set(re.findall(rf"\A{prefix}\.[a-z_]+\Z", node.value))
    return found


def test_every_code_of_unreadable_records_and_refused_sources_is_told(makers):
    _, words = makers
    made_of_parts = {"unreadable.too_long", "unreadable.rest"}  # by the kind of a piece that cannot be held
    assert codes_in("unreadable") | made_of_parts == set(words.UNREADABLE)
    assert codes_in("source") == set(words.REFUSED)


def test_every_kind_of_reason_is_told(makers):
    _, words = makers
    assert set(words.REASONS) >= {
        "clean",
        "rule.false",
        "rule.unknown",
        "filter.unknown",
        "filtered",
        "duplicate.natural",
        "duplicate.conflict",
    }


def test_the_members_and_files_of_outputs_are_told(makers, tmp_path):
    """By a run that has refused, removed and over-long records, and that learns."""
    _, words = makers
    made = plan(
        tmp_path,
        "fields:\n  k: {type: string}\n  v: {type: integer, impute: median}\n"
        "dedupe: {key: [k]}\nfilter:\n  - {keep: \"k is null or k <> 'x'\"}\n"
        "sources:\n  s: {format: jsonl, max_record: 64}\n",
    )
    rows = [
        '{"k": "a", "v": 1}',
        '{"k": "a", "v": 2}',
        '{"k": "x"}',
        '{"k": "b", "v": "no"}',
        '{"k": "' + "l" * 99 + '"}',
    ]
    path = tmp_path / "in.jsonl"
    path.write_bytes("\n".join(rows).encode() + b'\n\xff{"k": 1}\n')
    made.run(path, out=tmp_path / "out", now=NOW, ledger=True)
    members: set[str] = set()
    for name in ("quarantine.jsonl", "removed.jsonl"):
        for line in (tmp_path / "out" / name).read_bytes().splitlines()[1:]:
            members |= set(dq_json(line))
    assert members - {"raw_base64"} == set(words.RECORD)
    assert (list(words.INDEX_COLUMNS), list(words.LEDGER_COLUMNS)) == (list(INDEX), list(LEDGER))
    told = " ".join(words.FILES)
    written = {path.name.replace("held", "accepted") for path in (tmp_path / "out").iterdir()}
    assert {name for name in written if f"`{name}`" not in told} == set()
    assert told.count("`") // 2 == len(written) + 3  # accepted.* has two forms more, and held.* stands beside it


def test_the_words_of_the_report_are_those_of_its_schema(makers):
    maker, _ = makers
    from dq.report.schema import load_schema

    text = maker.page()
    for key in load_schema()["properties"]:
        assert f"| `{key}` |" in text
