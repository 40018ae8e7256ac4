from __future__ import annotations

import pytest

from dq.dtypes.types import BOOLEAN, DATE, DATETIME, DURATION, INTEGER, NUMBER, OBJECT, STRING, decimal, list_of
from dq.expressions import ExpressionError, check, check_all, parse

FIELDS = {
    "amount": decimal(12, 2),
    "fine": decimal(38, 20),
    "status": STRING,
    "placed_at": DATETIME,
    "due": DATE,
    "n": INTEGER,
    "x": NUMBER,
    "ok": BOOLEAN,
    "w": DURATION,
    "tags": list_of(STRING),
    "o": OBJECT,
    "order": STRING,
}

MISTAKES = [
    ("amont > 0", "DQ402", "amont", "amount"),
    ('status = "paid"', "DQ402", '"paid"', "'paid'"),
    ("now > placed_at", "DQ402", "now", "now()"),
    ("lenght(status) > 1", "DQ403", "lenght", "length"),
    ("concat(status)", "DQ403", "concat", None),
    ("length(status, 1)", "DQ405", "length(status, 1)", None),
    ("coalesce(n)", "DQ405", "coalesce(n)", None),
    ("status > 1", "DQ404", "1", "'1'"),
    ("n = '5'", "DQ404", "'5'", "5"),
    ("ok = 'TRUE'", "DQ404", "'TRUE'", "true"),
    ("ok < ok", "DQ404", "ok", None),
    ("x % 2", "DQ404", "x", None),
    ("status + 'a'", "DQ404", "'a'", None),
    ("placed_at + '24h'", "DQ404", "'24h'", "duration '24h'"),
    ("placed_at > date '2026-01-01'", "DQ404", "date '2026-01-01'", "timestamp '2026-01-01T00:00:00Z'"),
    ("due > placed_at", "DQ404", "placed_at", None),
    ("due + duration '36h'", "DQ404", "duration '36h'", None),
    ("due + w", "DQ404", "w", None),
    ("placed_at > 'soon'", "DQ407", "'soon'", None),
    ("due = '2026-02-30'", "DQ407", "'2026-02-30'", None),
    ("status = null", "DQ404", "null", "is null"),
    ("status <> null", "DQ404", "null", "is not null"),
    ("n in (1, null)", "DQ404", "null", None),
    ("n + null", "DQ404", "null", None),
    ("length(null)", "DQ404", "null", None),
    ("null is null", "DQ404", "null", None),
    ("null", "DQ404", "null", None),
    ("tags = 'a'", "DQ404", "'a'", None),
    ("o = o", "DQ404", "o", None),
    ("status and ok", "DQ404", "status", None),
    ("not n", "DQ404", "n", None),
    ("-status", "DQ404", "status", None),
    ("matches(status, '(?=a)')", "DQ310", "'(?=a)'", None),
    ("matches(status, '(')", "DQ309", "'('", None),
    ("matches(status, status)", "DQ404", "status", None),
    ("date_diff('days', placed_at, now())", "DQ407", "'days'", "day"),
    ("date_diff('day', due, now())", "DQ404", "now()", None),
    ("round(x, 99)", "DQ407", "99", None),
    ("round(x, n)", "DQ404", "n", None),
    ("dat '2026-01-01' = due", "DQ401", "dat '2026-01-01'", "date"),
    ("fine * fine > 0", "DQ404", "fine", None),
    ("99999999999999999999999999999999999999999 > n", "DQ407", "99999999999999999999999999999999999999999", None),
    ("1e999 > x", "DQ407", "1e999", None),
    ("1e-999 > x", "DQ407", "1e-999", None),
    ("coalesce(n, status)", "DQ404", "status", None),
    ("n in ()", "DQ401", "n in ()", None),
]


@pytest.mark.parametrize(("text", "code", "place", "suggestion"), MISTAKES)
def test_a_mistake_is_placed_and_has_a_hint(text, code, place, suggestion):
    with pytest.raises(ExpressionError) as caught:
        check(parse(text), FIELDS)
    error = caught.value
    assert (error.code, text[error.start : error.end], error.suggestion) == (code, place, suggestion)


def test_messages_name_both_types():
    with pytest.raises(ExpressionError) as caught:
        check(parse("status > amount"), FIELDS)
    assert caught.value.values == {"problem": "`status` (a text) cannot be compared with `amount` (a decimal(12,2))"}


def test_all_mistakes_are_found_and_none_of_their_consequences():
    text = "amont > 0 and stats = 'x' and length(n) > 2 or n = 'a'"
    typed, errors = check_all(parse(text), FIELDS)
    assert typed is None
    assert [(error.code, text[error.start : error.end]) for error in errors] == [
        ("DQ402", "amont"),
        ("DQ402", "stats"),
        ("DQ404", "n"),
        ("DQ404", "'a'"),
    ]


def test_a_condition_is_boolean():
    typed, errors = check_all(parse("amount + 1"), FIELDS, condition=True)
    assert typed is None
    assert [(error.code, error.values) for error in errors] == [("DQ406", {"type": "a decimal(13,2)"})]
    assert check(parse("ok"), FIELDS, condition=True).type == BOOLEAN


TYPES = [
    ("n + 1", INTEGER),
    ("n / 2", NUMBER),
    ("n * x", NUMBER),
    ("n + 0.5", decimal(21, 1)),
    ("amount + amount", decimal(13, 2)),
    ("amount * 1.25", decimal(15, 4)),
    ("amount / 2", NUMBER),
    ("amount % 0.25", decimal(2, 2)),
    ("x * 1.25", NUMBER),
    ("round(amount, 1)", decimal(12, 1)),
    ("round(amount, 2)", decimal(12, 2)),
    ("coalesce(amount, 0)", decimal(12, 2)),
    ("coalesce(null, n, x)", NUMBER),
    ("placed_at - placed_at", DURATION),
    ("placed_at - duration '1d'", DATETIME),
    ("due - due", DURATION),
    ("due + duration '7d'", DATE),
    ("99999999999999999999", decimal(20, 0)),
    ("-9223372036854775808", INTEGER),
    ("9223372036854775808", decimal(19, 0)),
    ("tags is null", BOOLEAN),
    ("o is not null", BOOLEAN),
]


@pytest.mark.parametrize(("text", "expected"), TYPES)
def test_types_of_results(text, expected):
    assert check(parse(text), FIELDS).type == expected


CANONICAL = [
    ("  ok  AND(not  OK or ok)", "ok and (not OK or ok)"),
    ("((n)) > ((1))", "n > 1"),
    ("ok and (ok and (ok))", "ok and ok and ok"),
    ("n != 1", "n <> 1"),
    ("(n + 1) + 2 > n - (1 - 2)", "n + 1 + 2 > n - (1 - 2)"),
    ("LENGTH(status) Between 1 and 2", "length(status) between 1 and 2"),
    ("placed_at > '2026-01-01T03:00:00+03:00'", "placed_at > timestamp '2026-01-01T00:00:00Z'"),
    ("w = interval '1440m'", "w = duration '1d'"),
    ("\"order\" = 'it''s'", "order = 'it''s'"),
    ("x > 007.50", "x > 7.50"),
    ("-(-(1)) = n", "-(-1) = n"),
]


@pytest.mark.parametrize(("text", "expected"), CANONICAL)
def test_canonical_text(text, expected):
    fields = {**FIELDS, "OK": BOOLEAN}
    assert check(parse(text), fields).canonical == expected


def test_fields_are_those_that_are_read():
    assert check(parse("coalesce(n, 1) > 0 and status in ('a') and now() > placed_at"), FIELDS).fields == {
        "n",
        "status",
        "placed_at",
    }
