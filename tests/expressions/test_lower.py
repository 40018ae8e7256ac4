"""Facts of the lowering that random rows would seldom meet, and the three truths."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from dq.dtypes.types import BOOLEAN, INTEGER, NUMBER, STRING, decimal
from dq.expressions import check, parse
from dq.expressions.evaluate import evaluate
from tests.expressions.strategies import NOW

MIN, MAX = -(2**63), 2**63 - 1
FIELDS = {
    "a": INTEGER,
    "b": INTEGER,
    "p": BOOLEAN,
    "q": BOOLEAN,
    "x": NUMBER,
    "m": decimal(12, 2),
    "l": decimal(38, 0),
    "s": STRING,
}


def run(text, **columns):
    frame = pl.DataFrame({name: pl.Series(values, dtype=FIELDS[name].polars) for name, values in columns.items()})
    typed = check(parse(text), FIELDS)
    return frame.with_columns(typed.lower(pl.col, NOW).alias("out"))["out"].to_list()


@pytest.mark.parametrize(
    ("text", "a", "b", "expected"),
    [
        ("a + b", MAX, 1, None),
        ("a - b", MIN, 1, None),
        ("a * b", MIN, -1, None),
        ("a * b", 3_037_000_500, 3_037_000_500, None),
        ("-a", MIN, 0, None),
        ("abs(a)", MIN, 0, None),
        ("a % b", MIN, -1, 0),
        ("a % b", -7, 3, -1),
        ("a % b", 7, -3, 1),
        ("a % b", 7, 0, None),
        ("a / b", 7, 0, None),
        ("a / b", 7, 2, 3.5),
        ("a + b", MAX, -1, MAX - 1),
    ],
)
def test_integers_are_checked(text, a, b, expected):
    assert run(text, a=[a, a], b=[b, b]) == [expected, expected]


def test_truth_tables_of_three_values():
    values = [True, False, None]
    p, q = [one for one in values for _ in values], values * 3
    assert run("p and q", p=p, q=q) == [True, False, None, False, False, False, None, False, None]
    assert run("p or q", p=p, q=q) == [True, True, True, True, False, None, True, None, None]
    assert run("not p", p=values) == [False, True, None]
    assert run("a in (1, 2)", a=[1, 3, None]) == [True, False, None]
    assert run("a not in (1, 2)", a=[1, 3, None]) == [False, True, None]
    assert run("a in (b, 1)", a=[1, 2], b=[None, None]) == [True, None]
    assert run("a between 1 and b", a=[0, 1, 1], b=[None, None, 2]) == [False, None, True]


def test_integers_beside_numbers_lose_no_unit():
    assert run("a = x", a=[2**53 + 1, 2**53, MAX], x=[float(2**53)] * 2 + [float(2**63)]) == [False, True, False]
    assert run("a < x", a=[2**53, MAX, MAX - 1024], x=[float(2**53), float(2**63), float(2**63)]) == [False, True, True]


def test_decimals_beside_numbers_are_read_as_the_same_text_would_be():
    assert run("m = x", m=[Decimal("0.10"), Decimal("0.30")], x=[0.1, 0.1]) == [True, False]
    assert run("m <= x", m=[Decimal("0.30")], x=[0.3]) == [True]
    assert run("x = 0.1", x=[0.1]) == [True]


def test_decimals_that_cannot_be_aligned_are_compared_exactly():
    fields = {**FIELDS, "f": decimal(38, 38)}
    typed = check(parse("l < f"), fields)
    tiny = Decimal("0." + "0" * 37 + "1")
    frame = pl.DataFrame(
        {"l": [Decimal(0), Decimal(10**37), Decimal(-1)]}, schema={"l": pl.Decimal(38, 0)}
    ).with_columns(f=pl.lit(tiny, dtype=pl.Decimal(38, 38)))
    assert frame.select(typed.lower(pl.col, NOW)).to_series().to_list() == [True, False, True]


def test_decimals_overflow_into_unknown():
    top = Decimal("9" * 38)
    assert run("l + l", l=[top, Decimal(1)]) == [None, Decimal(2)]
    assert run("l * l", l=[top, Decimal(3)]) == [None, Decimal(9)]
    assert run("m * m", m=[Decimal("1.05")]) == [Decimal("1.1025")]


def test_rounding_takes_halves_away_from_zero():
    assert run("round(m)", m=[Decimal("2.50"), Decimal("-2.50"), Decimal("2.49")]) == [
        Decimal(3),
        Decimal(-3),
        Decimal(2),
    ]
    assert run("round(x, 1)", x=[0.25, -0.25, 1e300]) == [0.3, -0.3, 1e300]


def test_numbers_that_are_not_finite_are_unknown():
    assert run("x * x", x=[1e200, 2.0]) == [None, 4.0]
    assert run("x / 0", x=[1.0, 0.0]) == [None, None]


def test_a_quotient_does_not_depend_on_the_number_of_rows():
    assert run("x / 1e15", x=[93750000000000.0]) == [0.09375]
    assert run("x / 1e15", x=[93750000000000.0] * 2) == [0.09375] * 2


def test_now_is_the_argument():
    assert run("date_diff('second', now(), timestamp '2026-11-22T10:30:02Z')", a=[1]) == [1]


def test_a_text_is_never_a_pattern():
    assert run("contains(s, '.')", s=["a", "a.b", None]) == [False, True, None]


def test_long_chains_are_lowered():
    assert run(" or ".join(["a = 1"] * 400), a=[1, 2]) == [True, False]


@pytest.mark.parametrize("operator", ["=", "<>", "<", "<=", ">", ">="])
def test_every_comparison_of_decimals_that_cannot_be_aligned(operator):
    fields = {"wide": decimal(38, 1), "f": decimal(38, 37)}
    wides, fines = (
        [Decimal("0.5"), Decimal("-0.5"), Decimal("1.0"), Decimal("-3.0")],
        [Decimal("0.5"), Decimal("0.25"), Decimal("-0.5")],
    )
    pairs = [(wide, fine) for wide in wides for fine in fines]
    frame = pl.DataFrame(
        {"wide": [one for one, _ in pairs], "f": [one for _, one in pairs]},
        schema={name: kind.polars for name, kind in fields.items()},
    )
    typed = check(parse(f"wide {operator} f"), fields)
    expected = [evaluate(typed, {"wide": wide, "f": fine}, NOW) for wide, fine in pairs]
    assert frame.select(typed.lower(pl.col, NOW)).to_series().to_list() == expected
    assert set(expected) == {True, False}
