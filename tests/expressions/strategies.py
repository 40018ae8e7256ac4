"""Random rows and random well-typed expressions over them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import strategies as st

from dq.dtypes.types import BOOLEAN, DATE, DATETIME, DURATION, INTEGER, NUMBER, STRING, Type, decimal

MONEY, LONG, FINE = decimal(12, 2), decimal(38, 0), decimal(38, 20)
FIELDS: dict[str, Type] = {
    "i": INTEGER,
    "j": INTEGER,
    "x": NUMBER,
    "y": NUMBER,
    "m": MONEY,
    "l": LONG,
    "f": FINE,
    "s": STRING,
    "t": STRING,
    "b": BOOLEAN,
    "d": DATE,
    "e": DATE,
    "at": DATETIME,
    "to": DATETIME,
    "w": DURATION,
    "поле один": INTEGER,
}
NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)

_edges = [0, 1, -1, 2, 7, -3, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63), 2**63 - 1024, 10**18, 3_037_000_500]
integers = st.one_of(st.sampled_from(_edges), st.integers(-(2**63), 2**63 - 1), st.integers(-20, 20))
numbers = st.one_of(
    st.sampled_from(
        [
            0.0,
            -0.0,
            0.1,
            0.5,
            -2.5,
            2.675,
            1e308,
            -1e308,
            5e-324,
            float(2**53),
            float(2**63),
            -float(2**63),
            1e22,
            1e38,
            4503599627370497.5,
        ]
    ),
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-20, 20).map(float),
    st.integers(-1000, 1000).map(lambda n: n / 100),
)


def decimals(type_: Type) -> st.SearchStrategy[Decimal]:
    limit, scale = 10**type_.precision - 1, type_.scale
    digits = st.one_of(
        st.sampled_from([0, 1, -1, limit, -limit, 10**scale, 5 * 10**scale // 10]),
        st.integers(-limit, limit),
        st.integers(-2000, 2000),
        st.integers(-20, 20).map(lambda n: n * 10**scale if abs(n * 10**scale) <= limit else n),
        st.sampled_from([2**53, 2**53 + 1, 2**63]).map(lambda n: n if n <= limit else 0),
    )
    return digits.map(lambda n: Decimal((int(n < 0), tuple(map(int, str(abs(n)))), -scale)))


texts = st.text(alphabet="abAB 'ß\u0130жЖЯ%_^$\\.\n\u0301🦊", max_size=5)
dates = st.one_of(
    st.sampled_from([date(1, 1, 1), date(9999, 12, 31), date(2024, 2, 29), date(1969, 12, 31)]), st.dates()
)
datetimes = st.one_of(
    st.sampled_from([datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC), NOW]),
    st.datetimes(),
).map(lambda value: value.replace(tzinfo=UTC))
durations = st.one_of(
    st.sampled_from(
        [
            timedelta(0),
            timedelta(days=1),
            timedelta(hours=36),
            timedelta(microseconds=-(2**63)),
            timedelta(microseconds=2**63 - 1),
        ]
    ),
    st.timedeltas(min_value=timedelta(days=-400), max_value=timedelta(days=400)),
)
VALUES = {
    "i": integers, "j": integers, "x": numbers, "y": numbers, "m": decimals(MONEY), "l": decimals(LONG), "f": decimals(FINE),
    "s": texts, "t": texts, "b": st.booleans(), "d": dates, "e": dates, "at": datetimes, "to": datetimes, "w": durations,
    "поле один": integers,
}  # fmt: skip
rows = st.fixed_dictionaries({name: st.one_of(st.none(), values) for name, values in VALUES.items()})

# ---- expressions, as text.  Not each is well-typed (a product may want 39 places): the tests ask the type check. ----

int_literals = st.one_of(st.integers(0, 30), st.sampled_from([2**53 + 1, 2**63 - 1, 10**20])).map(str)
dec_literals = st.one_of(
    st.sampled_from(["0.1", "0.5", "2.50", "1234567890.25", ".001"]),
    st.integers(0, 10**6).map(lambda n: f"{n / 1000:.3f}"),
)
exp_literals = st.sampled_from(["1e0", "25e-1", "1e300", "9007199254740993e0"])
text_literals = texts.map(lambda text: "'" + text.replace("'", "''") + "'")
patterns = st.sampled_from(["'^[a-z]+$'", "'ж|Ж'", "'.'", "'^$'", "'\\s'"])
places = st.sampled_from(["", ", 0", ", 1", ", 2", ", 15"])
units = st.sampled_from(["second", "minute", "hour", "day", "week"])


def _two(template: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda chosen: template.format(*chosen))


def exacts(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(st.sampled_from(["i", "j", "m", "l", "f", '"поле один"']), int_literals, dec_literals)
    if not depth:
        return leaf
    inner = exacts(depth - 1)
    return st.one_of(
        leaf,
        _two("({} {} {})", inner, st.sampled_from("+-*%"), inner),
        _two(
            "({} {} {})", st.sampled_from(["i", "j"]), st.sampled_from("+-*%"), st.sampled_from(["i", "j", "3", "-1"])
        ),
        _two("-({})", inner),
        _two("-{}", int_literals),
        _two("abs({})", inner),
        _two("round({}{})", inner, places),
        _two("coalesce({}, {})", inner, inner),
        _two("length({})", words(depth - 1)),
        _two(
            "date_diff('{}', {}, {})",
            units,
            st.sampled_from(["at", "now()", "'2026-01-01T00:00:00Z'"]),
            moments(depth - 1),
        ),
        _two("date_diff('{}', {}, {})", units, days(depth - 1), days(depth - 1)),
        _two("{}({})", st.sampled_from(["year", "month", "day"]), st.one_of(days(depth - 1), moments(depth - 1))),
    )


def floats(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(st.sampled_from(["x", "y"]), exp_literals)
    if not depth:
        return leaf
    inner = floats(depth - 1)
    mixed = st.one_of(inner, exacts(depth - 1))
    return st.one_of(
        leaf,
        _two("({} {} {})", inner, st.sampled_from("+-*/"), mixed),
        _two("({} / {})", mixed, mixed),
        _two("-{}", inner),
        _two("abs({})", inner),
        _two("round({}{})", inner, places),
        _two("coalesce({}, {})", mixed, inner),
    )


def words(depth: int) -> st.SearchStrategy[str]:
    leaf = st.one_of(st.sampled_from(["s", "t"]), text_literals)
    if not depth:
        return leaf
    inner = words(depth - 1)
    return st.one_of(
        leaf, _two("{}({})", st.sampled_from(["lower", "UPPER"]), inner), _two("coalesce({}, {})", inner, inner)
    )


def days(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["d", "e", "date '2024-02-29'", "coalesce(d, e)"])
    if not depth:
        return leaf
    return st.one_of(
        leaf,
        _two("({} {} duration '{}')", days(depth - 1), st.sampled_from("+-"), st.sampled_from(["7d", "-1d", "48h"])),
    )


def moments(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["at", "to", "now()", "timestamp '2026-01-01T03:00:00+03:00'"])
    if not depth:
        return leaf
    return st.one_of(leaf, _two("({} {} {})", moments(depth - 1), st.sampled_from("+-"), spans(depth - 1)))


def spans(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["w", "duration '36h'", "interval '-15m'", "duration '106000000d'"])
    if not depth:
        return leaf
    return st.one_of(
        leaf,
        _two("({} {} {})", spans(depth - 1), st.sampled_from("+-"), spans(depth - 1)),
        _two("({} - {})", moments(depth - 1), moments(depth - 1)),
        _two("({} - {})", days(depth - 1), days(depth - 1)),
        _two("-({})", spans(depth - 1)),
    )


_orders = st.sampled_from(["=", "<>", "!=", "<", "<=", ">", ">="])


def conditions(depth: int) -> st.SearchStrategy[str]:
    values = [st.one_of(exacts(depth), floats(depth)), words(depth), days(depth), moments(depth), spans(depth)]
    simple = [_two("{} {} {}", value, _orders, value) for value in values]
    simple += [_two("{} {}in ({}, {})", value, st.sampled_from(["", "not "]), value, value) for value in values]
    simple += [_two("{} {}between {} and {}", value, st.sampled_from(["", "NOT "]), value, value) for value in values]
    simple += [_two("{} is {}null", value, st.sampled_from(["", "not "])) for value in values]
    simple += [
        _two("i in ({}, {})", int_literals, int_literals),
        _two("m not in ({}, {})", dec_literals, int_literals),
        _two("x in (0.1, 2.5, {})", int_literals),
        _two("{}({}, {})", st.sampled_from(["starts_with", "ends_with", "contains"]), words(depth), words(depth)),
        _two("matches({}, {})", words(depth), patterns),
        st.sampled_from(
            ["b", "true", "not b", "null and b", "at > '2026-01-01'", "d <= '2024-02-29'", "w > '24h'", "b = true"]
        ),
    ]
    leaf = st.one_of(*simple)
    if not depth:
        return leaf
    inner = conditions(depth - 1)
    return st.one_of(
        leaf,
        _two("({} and {})", inner, inner),
        _two("{} OR {} or {}", inner, inner, inner),
        _two("not ({})", inner),
    )


def expressions(depth: int = 2) -> st.SearchStrategy[str]:
    return st.one_of(
        conditions(depth), exacts(depth), floats(depth), words(depth), days(depth), moments(depth), spans(depth)
    )
