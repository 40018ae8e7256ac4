"""Formats: what is refused when they are compiled, and that the quick reading is the exact one."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dq.dtypes.formats import Format, FormatError, Guard, compile_format
from dq.dtypes.temporal import Clock, read_text
from dq.dtypes.types import Family

DATE, TIME, DATETIME = Family.DATE, Family.TIME, Family.DATETIME


def read(source, texts, family=DATETIME, **clock):
    """The values of texts by one format."""
    return read_text(pl.Series(texts, dtype=pl.String), (compile_format(source, family),), Clock(**clock)).to_list()


@pytest.mark.parametrize(
    ("source", "family", "words"),
    [
        ("%d.%m.%y", DATE, "century"),
        ("%x", DATE, "locale"),
        ("%c", DATETIME, "locale"),
        ("%Y-%m-%d %H:%M %Z", DATETIME, "ambiguous"),
        ("%F", DATE, "%Y-%m-%d"),
        ("%T", TIME, "%H:%M:%S"),
        ("%-d.%m.%Y", DATE, "no directive %-"),
        ("%Q", DATE, "no directive"),
        ("%Y-%m-%d%", DATE, "lone %"),
        ("", DATE, "empty"),
        ("iso8601", DATETIME, "rfc3339"),
        ("rfc3339", DATE, "of datetimes"),
        ("epoch_ms", TIME, "of datetimes"),
        ("%Y-%m", DATE, "%d"),
        ("%m-%d", DATE, "%Y"),
        ("%Y %d", DATE, "month"),
        ("%Y-%m-%d %b", DATE, "twice"),
        ("%Y-%m-%d %d", DATE, "twice"),
        ("%Y-%j-%d", DATE, "whole date"),
        ("%Y-%m-%d", DATETIME, "hour"),
        ("%Y-%m-%d %M", DATETIME, "hour"),
        ("%H:%S", TIME, "%M"),
        ("%H.%f", TIME, "%S"),
        ("%I:%M", TIME, "%p"),
        ("%H:%M %p", TIME, "alone"),
        ("%Y-%m-%d %H:%M", DATE, "no %H"),
        ("%d %H:%M", TIME, "no %d"),
        ("%H:%M%z", TIME, "no %z"),
        ("%H%M%S%f", TIME, "fixed length"),
        ("%Y-%U-%d", DATE, "weeks"),
    ],
)  # fmt: skip
def test_formats_that_are_refused(source, family, words):
    with pytest.raises(FormatError, match=re.escape(words)):
        compile_format(source, family)


def test_offsets():
    texts = [
        "2026-11-01 10:00Z",
        "2026-11-01 10:00+0300",
        "2026-11-01 10:00-03:30",
        "2026-11-01 10:00 +03:00",
        "2026-11-01 10:00\u22120300",
        "2026-11-01 10:00+2400",
        "2026-11-01 10:00",
    ]
    hours = [None if each is None else (each.hour, each.minute) for each in read("%Y-%m-%d %H:%M%z", texts)]
    assert hours == [(10, 0), (7, 0), (13, 30), None, None, None, None]


def test_a_literal_z_after_the_time_is_utc():
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert read("%Y-%m-%dT%H:%M:%SZ", ["2026-07-01T12:00:00Z", "2026-07-01T12:00:00"], timezone="Europe/Moscow") == [
        noon,
        None,
    ]
    assert read("%d %b %Y %H:%MZ", ["01 Jul 2026 12:00Z"], timezone="Europe/Moscow") == [noon]
    assert read("%H:%M %d.%m.%YZ", ["15:00 01.07.2026Z"], timezone="Europe/Moscow") == [noon]


def test_english_names_in_any_ascii_case():
    texts = ["1 jan 2026", "01 FEB 2026", "1 January 2026", "1 \u017fep 2026", "1 янв 2026"]
    assert [each and each.month for each in read("%d %b %Y", texts, DATE)] == [1, 2, None, None, None]
    assert [each and each.month for each in read("%d %B %Y", ["1 September 2026", "1 sep 2026"], DATE)] == [9, None]


def test_a_weekday_that_is_wrong_refuses_the_date():
    assert [
        each is not None for each in read("%A, %d %B %Y", ["Sunday, 1 November 2026", "Monday, 1 November 2026"], DATE)
    ] == [True, False]
    assert [each is not None for each in read("%a %Y-%m-%d", ["sun 2026-11-01", "Mon 2026-11-01"], DATE)] == [
        True,
        False,
    ]


def test_days_of_the_year():
    texts = ["2026-001", "2026-365", "2026-366", "2024-366", "2026-000", "2026-1"]
    assert [each and each.isoformat() for each in read("%Y-%j", texts, DATE)] == [
        "2026-01-01",
        "2026-12-31",
        None,
        "2024-12-31",
        None,
        None,
    ]


def test_literals_mean_themselves():
    assert [str(each) for each in read("%Y(%m).%d+г. 100%%", ["2026(11).01+г. 100%", "2026(11)x01+г. 100%"], DATE)] == [
        "2026-11-01",
        "None",
    ]
    assert [str(each) for each in read("%d/%m/%Y%%", ["01/11/2026%"], DATE)] == ["2026-11-01"]


SEPARATORS = st.sampled_from(["-", "/", ".", " ", "T", ", ", "%%", ":", "_"])
MOMENTS = st.datetimes()
PLAIN = st.builds(
    lambda order, one, two, seconds: one.join(order) + two + "%H:%M" + seconds,
    st.permutations(["%Y", "%m", "%d"]),
    SEPARATORS,
    SEPARATORS,
    st.sampled_from(["", ":%S", ":%S.%f", ".%S", ":%SZ", ":%S%z", " %S.%f%z", ":%S.%f %z"]),
)


def slow(form):
    """The same format, read by its groups alone."""
    assert form.guards[0].directives is not None
    only = [guard for guard in form.guards if guard.directives is None]
    groups = only or [Guard(re.sub(r"Z\$$", "(?P<z>Z)$", guard.pattern), None, guard.utc) for guard in form.guards]
    return Format(form.source, form.family, tuple(groups))


@settings(max_examples=60)
@given(PLAIN, st.lists(MOMENTS, min_size=1, max_size=8), st.booleans(), st.sampled_from(["Z", "+0300", "-11:45"]))
def test_the_quick_reading_is_the_exact_one(source, moments, padded, offset):
    form = compile_format(source, DATETIME)
    texts = []
    for moment in moments:
        fields = {
            "%Y": f"{moment.year:04d}",
            "%f": f"{moment.microsecond:06d}"[: 1 + moment.second % 6],
            "%z": offset,
            "%%": "%",
        }
        fields |= {
            f"%{name}": f"{value:02d}" if padded else str(value)
            for name, value in zip(
                "mdHMS", (moment.month, moment.day, moment.hour, moment.minute, moment.second), strict=True
            )
        }
        texts.append(re.sub("%.", lambda found, fields=fields: fields[found[0]], source))
    texts += [texts[0].replace("0", "9"), texts[0] + "0", texts[0].replace("1", "3")]
    series = pl.Series(texts)
    quick, exact = (read_text(series, (each,), Clock("Europe/Moscow", "earliest")) for each in (form, slow(form)))
    assert quick.to_list() == exact.to_list()


@given(
    st.lists(MOMENTS, min_size=1, max_size=8),
    st.sampled_from(["Z", "z", "+00:00", "-11:45", "+23:59"]),
    st.sampled_from("Tt "),
    st.integers(0, 6),
)
def test_rfc3339_is_read_as_python_reads_it(moments, offset, letter, digits):
    texts, expected = [], []
    for moment in moments:
        fraction = f".{moment.microsecond:06d}"[: 1 + digits] if digits else ""
        texts.append(f"{moment.isoformat(timespec='seconds').replace('T', letter)}{fraction}{offset}")
        try:
            expected.append(datetime.fromisoformat(texts[-1].replace("t", "T").replace("z", "Z")).astimezone(UTC))
        except OverflowError:
            expected.append(None)
    assert read("rfc3339", texts) == expected
