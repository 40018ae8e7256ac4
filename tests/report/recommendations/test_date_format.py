"""Which formats are worth a cast: none that reads a text may be left out by the text's shape."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dq.dtypes.types import Family
from dq.report.recommendations.date_format import EPOCHS, _candidates, _may_read, _shape

MOMENTS = (
    datetime(2026, 1, 2, 3, 4, 5, 60_000, tzinfo=UTC),
    datetime(1999, 12, 31, 23, 59, 58, tzinfo=timezone(timedelta(hours=-3))),
)
FORMATS = [(family, name) for family in (Family.DATE, Family.TIME, Family.DATETIME) for name in _candidates(family)]


@pytest.mark.parametrize(("family", "name"), FORMATS)
def test_a_format_is_tried_on_the_texts_it_writes(family, name):
    for moment in MOMENTS:
        text = str(int(moment.timestamp())) if name in EPOCHS else moment.strftime(name)
        texts = {text, text.replace("-0300", "-03:00")}
        if not name.endswith("%p%z"):  # "AMZ" is one word
            texts.add(text.replace("+0000", "Z"))
        if "%Y%m%d" not in name:
            texts.add(text.replace("/0", "/").replace(" 0", " ").replace(":0", ":"))
        assert [one for one in texts if not _may_read(name, _shape(one))] == []


def test_few_formats_are_tried_on_one_text():
    names = [name for name in _candidates(Family.DATETIME) if _may_read(name, _shape("24/04/2026 21:11"))]
    assert names == ["%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"]
    assert [n for n in _candidates(Family.DATETIME) if _may_read(n, _shape("1764000000"))] == [*EPOCHS]
    assert [n for n in _candidates(Family.DATETIME) if _may_read(n, _shape("not a moment"))] == []
