"""`aliases`: a table in a file beside the spec, against a dictionary; what is refused in it; what it is to a plan."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dq
from dq.params import ParamError
from dq.steps.text.aliases import Aliases, AliasesParams
from tests.steps.cleaning import known, refused, run, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 1, tzinfo=UTC)
COUNTRIES = "alias,canonical\nрф,RU\nrussia,RU\nspain,ES\n,FR\n"
SPEC = """
dq: 1
event: order
version: 1.0.0
fields:
  id: {type: integer, required: true}
  country:
    type: string
    clean: [strip, lower, STEP]
"""


def bound(pairs: list[tuple[str | None, str | None]], **params: Any) -> Aliases:
    table = pl.DataFrame(pairs, schema={"alias": pl.String, "canonical": pl.String}, orient="row")

    def tables(file: str, columns: Sequence[str]) -> pl.DataFrame:
        assert file == "table.csv"
        return table.select(columns)

    return Aliases.bind(AliasesParams.model_validate({"file": "table.csv", **params}), tables)


def plan(folder: Path, step: str, table: str = COUNTRIES) -> dq.Plan:
    (folder / "countries.csv").write_text(table)
    path = folder / "order.dq.yaml"
    path.write_text(SPEC.replace("STEP", step))
    return dq.load(path)


@given(table=st.dictionaries(st.text(known, max_size=5), st.text(known, max_size=5), min_size=1), values=texts)
def test_a_value_is_replaced_once_and_a_canonical_text_stands_for_itself(
    table: dict[str, str], values: list[str | None]
) -> None:
    asked = [*values, *table, *table.values()]
    expected = [None if text is None else table.get(text, text) for text in asked]
    known_texts = {*table, *table.values()}
    kept, blanked, refusing = (bound([*table.items()], otherwise=word) for word in ("keep", "blank", "refuse"))
    assert run(kept, asked) == run(refusing, asked) == expected
    assert run(blanked, asked) == [
        new if old in known_texts else None for old, new in zip(asked, expected, strict=True)
    ]
    assert refused(refusing, asked) == [None if text is None else text not in known_texts for text in asked]
    assert kept.refused(pl.col("text")) is None


@given(pairs=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1))
def test_an_alias_has_one_canonical_text(pairs: list[tuple[str, str]]) -> None:
    if len(set(pairs)) == len(dict(pairs)):
        assert run(bound([*pairs]), ["a", "q"]) == [dict(pairs).get("a", "a"), "q"]
        return
    with pytest.raises(ParamError) as caught:
        bound([*pairs])
    assert (caught.value.code, caught.value.values["problem"]) == ("DQ320", "an alias has two canonical texts")


def test_a_canonical_text_without_an_alias_is_accepted_and_an_alias_without_one_is_a_mistake() -> None:
    assert run(bound([("a", "x"), (None, "y")], otherwise="blank"), ["a", "x", "y", "z"])[:2] == ["x", "x"]
    with pytest.raises(ParamError) as caught:
        bound([("a", "x"), ("b", None)])
    assert caught.value.values["problem"] == "an alias has no canonical text"


def test_a_file_is_read_by_its_columns(tmp_path: Path) -> None:
    table = "code,n,name\nRU,1,russia\nES,2,spain\n"
    made = plan(tmp_path, "{aliases: {file: countries.csv, from: name, to: code}, otherwise: refuse}", table)
    records = [{"id": str(number), "country": text} for number, text in enumerate((" Russia", "spain", "mars", "ru"))]
    result = made.run(records, now=NOW)
    assert result.accepted["country"].to_list() == ["RU", "ES"]
    assert [row["reasons"].count("a value of countries.csv") for row in result.quarantined.to_dicts()] == [1, 1]
    for record in records:
        verdict = made.check_event(record, now=NOW)
        assert verdict.accepted == (record["id"] in "01")


def test_numbers_of_a_parquet_file_are_their_text(tmp_path: Path) -> None:
    pl.DataFrame({"alias": ["one"], "canonical": [1]}).write_parquet(tmp_path / "numbers.parquet")
    made = plan(tmp_path, "aliases: numbers.parquet")
    assert made.run([{"id": "1", "country": "One"}], now=NOW).accepted["country"].to_list() == ["1"]


def test_the_fingerprint_knows_what_the_file_holds(tmp_path: Path) -> None:
    before = plan(tmp_path, "aliases: countries.csv").fingerprint
    assert plan(tmp_path, "aliases: countries.csv").fingerprint == before
    assert plan(tmp_path, "aliases: countries.csv", COUNTRIES.replace("ES", "SP")).fingerprint != before
    assert plan(tmp_path, "{aliases: countries.csv, otherwise: blank}").fingerprint != before


@pytest.mark.parametrize(
    ("step", "table", "told"),
    [
        ("aliases: absent.csv", COUNTRIES, "9:36: DQ320 the reference file 'absent.csv' cannot be used"),
        ("aliases: ../countries.csv", COUNTRIES, "9:36: DQ320"),
        ("aliases: countries.csv", "alias,code\na,b\n", "it has no column 'canonical'"),
        ("aliases: {file: countries.csv, to: canonicl}", COUNTRIES, "it has no column 'canonicl'"),
        ("aliases: {file: countries.csv, to: alias}", COUNTRIES, "'from' and 'to' name one column"),
        ("aliases: countries.csv", "alias,canonical\n", "it has no alias"),
        ("aliases: countries.csv", COUNTRIES + "spain,XX\n", "an alias has two canonical texts"),
        ("aliases: {from: alias}", COUNTRIES, "DQ306"),
        ("aliases: {file: countries.csv, form: alias}", COUNTRIES, "DQ305"),
    ],
)
def test_mistakes_are_told_when_the_spec_is_compiled(tmp_path: Path, step: str, table: str, told: str) -> None:
    with pytest.raises(dq.SpecError) as caught:
        plan(tmp_path, step, table)
    assert told in str(caught.value)
    assert "XX" not in str(caught.value)
