"""Edits change what they name and nothing else."""

from __future__ import annotations

import difflib

import pytest

from dq.spec.editing import EditError, edited
from dq.spec.edits import Edit, text_of, text_with_notes
from dq.spec.yaml import parse_text

TEXT = """\
# A spec with a layout of its own.
dq: 1
event: x
version: 1.0.0   # raised by hand
fields:
  # about a
  a: {type: string, clean: [strip]}  # keep
  b:
    type: date
    formats: ["%Y", '%d']   # two
    checks:
      - unique   # u
      - isin: [p, q]
    # behind the checks

  c:
    type: string
    clean:
    - strip
    - map: {k: v}   # m
    description: |
      Two lines,
      as a block.
ml:
  features:
    - a   # one
    - b
    - c
"""


def changed(edit: Edit, text: str = TEXT) -> tuple[list[str], list[str]]:
    """Return the lines that an edit takes out and those that it puts in."""
    after = edited(text, edit)
    assert parse_text(after, "").diagnostics == ()
    lines = list(difflib.ndiff(text.splitlines(), after.splitlines()))
    return [line[2:] for line in lines if line[0] == "-"], [line[2:] for line in lines if line[0] == "+"]


@pytest.mark.parametrize(
    ("edit", "out", "into"),
    [
        (
            Edit("append", ("fields", "a", "clean"), {"map": {"x y": "Z"}}),
            ["  a: {type: string, clean: [strip]}  # keep"],
            ["  a: {type: string, clean: [strip, {map: {x y: Z}}]}  # keep"],
        ),
        (
            Edit("append", ("fields", "a", "checks"), "unique"),
            ["  a: {type: string, clean: [strip]}  # keep"],
            ["  a: {type: string, clean: [strip], checks: [unique]}  # keep"],
        ),
        (
            Edit("append", ("fields", "b", "checks"), {"after": "2020-01-01", "severity": "warning"}),
            [],
            ['      - after: "2020-01-01"', "        severity: warning"],
        ),
        (Edit("append", ("fields", "c", "clean"), "lower"), [], ["    - lower"]),
        (Edit("append", ("fields", "b", "clean"), "lower"), [], ["    clean: [lower]"]),
        (
            Edit("set", ("fields", "b", "formats"), ["%Y", "%d", "%m"]),
            ["    formats: [\"%Y\", '%d']   # two"],
            ["    formats: [\"%Y\", '%d', \"%m\"]   # two"],
        ),
        (
            Edit("set", ("fields", "b", "formats"), ["%m"]),
            ["    formats: [\"%Y\", '%d']   # two"],
            ['    formats: ["%m"]   # two'],
        ),
        (Edit("set", ("ml", "features"), ["a", "c"]), ["    - b"], []),
        (Edit("set", ("ml", "features"), ["b", "d"]), ["    - a   # one", "    - c"], ["    - d"]),
        (Edit("set", ("version",), "1.1.0"), ["version: 1.0.0   # raised by hand"], ["version: 1.1.0   # raised by hand"]),
        (Edit("set", ("dedupe",), {"key": ["a"], "keep": "last"}), [], ["dedupe:", "  key: [a]", "  keep: last"]),
        (Edit("set", ("fields", "c", "timezone"), "UTC"), [], ["    timezone: UTC"]),
        (Edit("remove", ("fields", "b", "formats")), ["    formats: [\"%Y\", '%d']   # two"], []),
        (
            Edit("remove", ("fields", "a", "clean")),
            ["  a: {type: string, clean: [strip]}  # keep"],
            ["  a: {type: string}  # keep"],
        ),
        (
            Edit("remove", ("fields", "a", "type")),
            ["  a: {type: string, clean: [strip]}  # keep"],
            ["  a: {clean: [strip]}  # keep"],
        ),
    ],
)  # fmt: skip
def test_an_edit_changes_only_the_lines_that_it_is_about(edit, out, into):
    assert changed(edit) == (out, into)
    assert edited(TEXT.replace("\n", "\r\n"), edit) == edited(TEXT, edit).replace("\n", "\r\n")


def test_a_key_leads_into_a_list_by_any_name_of_the_kind():
    edit = Edit("append", ("fields", "b", "checks", "accepted_values"), "r")
    with pytest.raises(EditError):
        edited(TEXT, edit)
    after = edited(TEXT, edit, lambda kind: (kind, "isin"))
    assert "- isin: [p, q, r]" in after


@pytest.mark.parametrize(
    "edit",
    [
        Edit("remove", ("fields", "z")),
        Edit("remove", ("ml", "features")),
        Edit("append", ("event",), "y"),
        Edit("set", ("event", "name"), "y"),
        Edit("set", ("ml", "features"), ["c", "b", "a"]),
    ],
)
def test_an_edit_that_has_no_place_is_refused(edit):
    with pytest.raises(EditError):
        edited(TEXT, edit)


def test_edits_are_written_together_as_yaml_with_their_notes():
    append = ("append", ("fields", "a", "clean"))
    edits = [
        (Edit(*append, {"map": {"x": "z"}}), ["why one"]),
        (Edit(*append, "lower"), ["why two"]),
        (Edit("remove", ("fields", "b")), []),
        (Edit("set", ("version",), "2.0.0"), []),
        (Edit("set", ("version",), "1.1.0"), ["another"]),
    ]
    assert text_with_notes(edits) == (
        "fields:\n"
        "  a:\n"
        "    # why one\n"
        "    clean:  # at the end of the list\n"
        "      - map:\n"
        "          x: z\n"
        "    # why two\n"
        "      - lower\n"
        "  b:  # take this out\n"
        "version: 2.0.0\n"
        "# another\n"
        "# or: version: 1.1.0\n"
    )
    assert text_of([edits[2][0]]) == "fields:\n  b:  # take this out\n"
