"""A file of waivers by itself: what it says, and every mistake in its structure, at its place."""

from __future__ import annotations

from datetime import date

import pytest

from dq.errors import UsageError
from dq.spec.waivers import read_waivers

GOOD = "  - {check: a.minimum, reason: the old till, owner: sales, expires: 2026-12-31}\n"


@pytest.fixture
def read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str):
        (tmp_path / "o.waivers.yaml").write_text(text)
        model, _, _, diagnostics = read_waivers("o.waivers.yaml")
        return model, [f"{d.span.line}:{d.span.column} {d.code}" for d in diagnostics], diagnostics

    return write


def test_a_waiver_says_what_why_who_and_until_when(read):
    model, found, _ = read("waivers:\n" + GOOD)
    assert found == []
    (waiver,) = model.waivers
    assert (waiver.check, waiver.reason, waiver.owner) == ("a.minimum", "the old till", "sales")
    assert waiver.expires == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("waivers:\n" + GOOD.replace("reason", "reasn"), "2:5 DQ202", "needs the key 'reason'"),
        ("waivers:\n" + GOOD.replace("owner: sales, ", ""), "2:5 DQ202", "needs the key 'owner'"),
        ("waivers:\n" + GOOD.replace("the old till", "''"), "2:32 DQ203", "some words"),
        ("waivers:\n" + GOOD.replace("2026-12-31", "2026-02-30"), "2:69 DQ203", "a day such as 2026-12-31"),
        ("waivers:\n" + GOOD.replace("2026-12-31", "20261231"), "2:69 DQ203", "a day such as 2026-12-31"),
        ("waivers:\n" + GOOD.replace("2026-12-31", "2026-12-31T00:00:00Z"), "2:69 DQ203", "a day such as"),
        ("waivers: []\n", "1:10 DQ203", "at least one entry"),
        ("waiver:\n" + GOOD, "1:1 DQ202", "the file of waivers needs the key 'waivers'"),
        ("waivers:\n" + GOOD + "  - x\n", "3:5 DQ203", "a mapping"),
        ("waivers: [\n", "2:1 DQ101", ""),
        ("", "1:1 DQ110", ""),
    ],
)
def test_mistakes_have_a_place(read, text, place, words):
    model, found, diagnostics = read(text)
    assert model is None
    assert found[0] == place, diagnostics
    assert words in diagnostics[0].message


def test_a_misspelt_key_is_told_what_was_meant(read):
    _, found, diagnostics = read("waivers:\n" + GOOD.replace("expires", "expire"))
    assert "DQ201" in found[1]
    assert diagnostics[1].suggestion == "expires"
    assert "entry 1 of 'waivers'" in diagnostics[1].message


def test_what_cannot_be_read_is_a_mistake_of_usage(tmp_path):
    with pytest.raises(UsageError, match="cannot read the waivers"):
        read_waivers(tmp_path / "absent.yaml")
