"""Registration: every file of `dq.steps.text` is found, and a toy from outside is no different."""

from __future__ import annotations

import polars as pl
import pytest

from dq.errors import UsageError
from dq.steps import load
from dq.steps.base import TEXT_STEPS, TextStep

NAMES = {
    "strip", "collapse_whitespace", "lower", "upper", "title", "nfc", "nfkc", "remove_control", "remove_accents",
    "replace", "pad", "slice", "map", "aliases",
}  # fmt: skip


def test_load_finds_every_step() -> None:
    load()
    assert {step.kind for step in TEXT_STEPS} >= NAMES


def test_load_again_registers_nothing_twice() -> None:
    load()
    before = TEXT_STEPS.names()
    load()
    assert TEXT_STEPS.names() == before


def test_every_step_documents_itself() -> None:
    load()
    for step in TEXT_STEPS:
        assert step.title
        assert step.example
        assert step.example_values
        assert step.__doc__


def test_toy_step_from_outside() -> None:
    class Toy(TextStep):
        kind = "toy_reverse"
        aliases = ("toy_backwards",)
        title = "write backwards"
        example = "toy_reverse"
        example_values = (("ab", "ba"),)

        def expression(self, text: pl.Expr) -> pl.Expr:
            return text.str.reverse()

    TEXT_STEPS.register(Toy)
    try:
        assert TEXT_STEPS.find("toy_backwards") is Toy
        with pytest.raises(UsageError):
            TEXT_STEPS.register(Toy)
        step = Toy(Toy.Params())
        assert pl.select(step.expression(pl.lit("ab"))).item() == "ba"
        assert step.identity() == {"kind": "toy_reverse", "params": {}}
    finally:
        TEXT_STEPS.remove("toy_reverse")
    assert TEXT_STEPS.find("toy_reverse") is None
    assert TEXT_STEPS.find("toy_backwards") is None
