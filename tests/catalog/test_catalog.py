from __future__ import annotations

import re
import string
from textwrap import dedent

import pytest

from dq.catalog import CATALOG, diagnose
from dq.diagnostics import Span
from dq.spec.yaml import parse_text

SPAN = Span("a.dq.yaml", 1, 1, 1, 2)
CODES = sorted(CATALOG)


def examples(code: str) -> tuple[str, str]:
    match = re.search(r"\n\nWrong:\n\n(.*?)\n\nRight:\n\n(.*)\n\Z", CATALOG[code].explanation, re.DOTALL)
    assert match, f"{code} has no wrong and right example"
    return dedent(match[1]), dedent(match[2])


@pytest.mark.parametrize("code", CODES)
def test_entry_is_complete(code):
    entry = CATALOG[code]
    assert entry.code == code
    assert re.fullmatch(r"DQ[1-7][0-9][0-9]", code)
    assert entry.title
    assert "\n" not in entry.template
    why = entry.explanation.split("\n\n")[0]
    assert 60 <= len(why) <= 700
    assert why.endswith(".")


@pytest.mark.parametrize("code", CODES)
def test_message_is_filled(code):
    names = [name for _, name, _, _ in string.Formatter().parse(CATALOG[code].template) if name]
    diagnostic = diagnose(code, SPAN, None, **{name: f"<{name}>" for name in names})
    assert all(f"<{name}>" in diagnostic.message for name in names)
    assert diagnostic.code == code
    assert str(diagnostic).startswith(f"a.dq.yaml:1:1: {code} ")


@pytest.mark.parametrize("code", CODES)
def test_right_example_is_yaml_and_the_wrong_one_differs(code):
    wrong, right = examples(code)
    assert not {found.code for found in parse_text(right, "right").diagnostics} - {"DQ110"}
    assert wrong != right


@pytest.mark.parametrize(
    "code", [code for code in CODES if code[:3] == "DQ1" and code not in {"DQ105", "DQ106", "DQ107", "DQ108"}]
)
def test_wrong_example_of_yaml_has_the_code(code):
    assert code in {found.code for found in parse_text(examples(code)[0], "wrong").diagnostics}


def test_texts_are_unique():
    assert len({entry.title for entry in CATALOG.values()}) == len(CATALOG)
    assert len({entry.template for entry in CATALOG.values()}) == len(CATALOG)


def test_values_cannot_reach_the_terminal():
    key = "a\x1b[31m\u202eb\nc" + "x" * 500
    diagnostic = diagnose("DQ102", SPAN, suggestion="\x1b]0;", key=key)
    assert diagnostic.message.isprintable()
    assert "a\\x1b[31m\\u202eb\\nc" in diagnostic.message
    assert diagnostic.suggestion == "\\x1b]0;"
    assert len(diagnostic.message) < 250


def test_missing_values_are_an_error_of_ours():
    with pytest.raises(KeyError):
        diagnose("DQ102", SPAN)
    with pytest.raises(KeyError):
        diagnose("DQ999", SPAN)
