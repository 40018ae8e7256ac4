"""Dialects: delimiters, headers, quotes, lines above the header."""

from __future__ import annotations

import pytest

from dq.drafting.delimited import guess
from dq.sources.base import Dialect

ROWS = "1,2026-01-01,x\n2,2026-01-02,y\n" * 5


def guessed(text, **known):
    return guess(text.encode(), Dialect("", "csv", {}), **known)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", ":", "^"])
def test_the_delimiter_cuts_all_records_alike(delimiter):
    text = "\n".join(delimiter.join(row) for row in [["id", "name", "note"], *[["1", "Anna", "a b"]] * 9]) + "\n"
    found = guessed(text)
    assert found.dialect.delimiter == delimiter
    assert found.names == ("id", "name", "note")
    assert "10 of the first 10 records into 3 fields" in found.evidence["delimiter"]


def test_commas_in_numbers_and_texts_are_no_delimiters():
    text = "id;price;note\n" + "1;2,50;one, two\n2;3,75;three\n" * 9
    assert guessed(text).dialect.delimiter == ";"


def test_prose_is_not_cut_at_its_commas():
    assert guessed("note\n" + "one, two\nthree, four\n" * 9).names == ("note",)


def test_a_time_is_not_cut_at_its_colons():
    assert guessed("at\n" + "10:00:00\n" * 9).names == ("at",)


@pytest.mark.parametrize(
    ("first", "header"),
    [
        ("id,day,kind", True),
        ("1,2026-01-01,x", False),
        ("2019,2020,2021", True),
        ("country,2019,2020", True),
        ("5,n/a,z", False),
        ("1990,1995,1999", False),
    ],
)
def test_whether_the_first_record_names_the_columns(first, header):
    rows = "7,8,9\n" * 5 if "2019" in first else "1991,1992,1993\n" * 5 if "1990" in first else ROWS
    found = guessed(f"{first}\n{rows}")
    assert (found.dialect.header is True) == header
    assert found.names == (tuple(first.split(",")) if header else ("column_1", "column_2", "column_3"))


def test_a_word_above_a_column_of_numbers_is_a_name_beside_whatever_number():
    assert guessed("150,4,setosa\n" + "5.1,3.5,1.4\n" * 9).dialect.header is True


def test_names_that_are_repeated_or_empty_are_told_apart():
    found = guessed(f"a,,a\n{ROWS}")
    assert found.names == ("a", "column_2", "a_2")
    assert (found.dialect.header, found.dialect.skip_rows) == (found.names, 1)


def test_lines_above_the_header_are_skipped():
    found = guessed(f"Report of January\n\nid,day,kind\n{ROWS}")
    assert (found.dialect.skip_rows, found.names) == (2, ("id", "day", "kind"))


def test_quotes_inside_of_fields_are_data_where_the_usual_rule_would_refuse_them():
    found = guessed("id,size\n" + '1,5" pipe\n2,6" pipe\n' * 9)
    assert found.dialect.bare_quotes == "data"
    assert "quote" not in found.evidence


def test_single_quotes():
    assert guessed("'a';'b';'c'\n" + "'1';'x;y';'z'\n" * 9).dialect.quote == "'"


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "\ufeffsep=;"])
def test_a_first_line_that_says_what_delimits_is_skipped(line):
    head = (f"{line}\r\nid;value\r\n" + "".join(f"{number};{number},5\r\n" for number in range(30))).encode()
    found = guess(head, Dialect("", "csv", {}, encoding="utf-8"))
    assert (found.dialect.delimiter, found.dialect.skip_rows, found.names) == (";", 1, ("id", "value"))
    assert found.evidence["skip_rows"] == "the first line says what delimits"
