"""A spec with what is recommended: taken whole, or refused with a reason; sound either way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from dq.drafting.amend import Refusal, amend, patch_of, with_version

TEXT = """\
dq: 1
event: visit
version: 1.0.0   # ours
fields:
  id: {type: string}
  count: {type: integer}   # how many
ml: {target: count, features: [id]}
"""


def item(name: str, *edits: tuple[str, list[str], Any], text: str = "do it", **evidence: Any) -> dict[str, Any]:
    """Return a recommendation as a report has it."""
    listed = [{"op": op, "path": path, "value": value} for op, path, value in edits]
    return {
        "id": name,
        "kind": name,
        "text": text,
        "evidence": {"records": 3, **evidence},
        "patch": "",
        "edits": listed,
    }


def test_what_the_spec_takes_is_applied_and_what_it_does_not_is_named():
    found = amend(
        TEXT,
        Path("x.dq.yaml"),
        [
            item("good", ("append", ["fields", "count", "checks"], {"minimum": 0})),
            item("nowhere", ("append", ["event"], "x")),
            item("unsound", ("append", ["fields", "id", "clean"], "lower"), ("remove", ["fields", "count"], None)),
            item("without lines"),
            item("better", ("append", ["fields", "count", "checks"], {"maximum": 9})),
        ],
    )
    assert found.applied == ("good", "better")
    assert found.refused[0] == Refusal("nowhere", "there is no list that could have one more entry")
    assert found.refused[1].id == "unsound"
    assert "count" in found.refused[1].why
    assert "lower" not in found.text
    assert "  count: {type: integer, checks: [{minimum: 0}, {maximum: 9}]}   # how many" in found.text


def test_the_version_is_written_where_it_stood():
    assert with_version(TEXT, "1.1.0") == TEXT.replace("1.0.0", "1.1.0")


def test_a_patch_is_yaml_with_its_evidence_and_nothing_in_it_ends_a_comment():
    text = patch_of(
        [
            item("a", ("set", ["fields", "id", "missing"], ["", "-\n"]), text="first\nfields: {}", share=0.5),
            item("b", text="look \u2028 there", observed={"x\ny": 2}),
        ]
    )
    assert yaml.load(text, yaml.BaseLoader) == {"fields": {"id": {"missing": ["", "-\n"]}}}
    assert "    # first\\nfields: {}\n    # (a; 3 records, 50.00%)\n" in text
    assert "# look \\u2028 there\n# (b; 3 records, x\\ny: 2)\n" in text


def test_what_stands_in_the_base_of_a_spec_is_mended_there(tmp_path):
    (tmp_path / "base.dq.yaml").write_text(TEXT, encoding="utf-8")
    child = "dq: 1\nevent: visit\nversion: 1.0.0\nextends: base.dq.yaml\nfields:\n  id: {required: true}\n"
    edit = ("set", ["fields", "count", "missing"], ["", "-"])
    found = amend(
        child,
        tmp_path / "child.dq.yaml",
        [item("words", edit), item("fine", ("append", ["fields", "id", "clean"], "lower"))],
    )
    assert found.applied == ("fine",)
    assert found.refused[0].id == "words"
    assert amend(TEXT, tmp_path / "base.dq.yaml", [item("words", edit)]).applied == ("words",)
