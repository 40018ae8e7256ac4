"""Whatever stands in a file, it is drafted, or refused in words; a draft lints, and its run adds up."""

from __future__ import annotations

import csv
import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from dq.drafting.draft import infer
from dq.drafting.judge import compiled
from dq.errors import SourceError, UsageError

NAUGHTY = st.sampled_from(
    ["", " ", "NULL", "N/A", "-", "0", "007", "1,5", "1.5", "-1", "1e400", "yes", "No", "true", "null", "~", "#", "# x",
     "a: b", "- a", "[a", "{b: c}", "'", '"', '""', "a\nb", "a\tb", "\ufeff", "\u2028", "\x00", "\x85", "名前", "Ünï",
     "2026-01-01", "01/02/2026", "2026-01-01 10:00:00", "10:00", "a@b.org", "https://a.b/c", "5%", "$5", "12 kg", "1'000",
     "550e8400-e29b-41d4-a716-446655440000", "99999999999999999999", "NaN", "inf", "\\N", "%Y", "${x}", "=1+1", "*", "&a"]
)  # fmt: skip
TEXT = NAUGHTY | st.text(max_size=8)


@st.composite
def tables(draw):
    """Return the rows of a table: the same few texts many times, as in data, and now and then any text."""
    width = draw(st.integers(1, 4))
    pools = [draw(st.lists(TEXT, min_size=1, max_size=4)) for _ in range(width)]
    height = draw(st.sampled_from([1, 3, 30, 130]))
    header = draw(st.lists(TEXT, min_size=width, max_size=width))
    return [header, *([pool[(row * (at + 1)) % len(pool)] for at, pool in enumerate(pools)] for row in range(height))]


def drafted(path):
    """Draft from a file; a refusal in words is an answer, too."""
    try:
        draft = infer(path)
    except (UsageError, SourceError):
        return
    plan, errors = compiled(draft.text)
    assert plan is not None, errors
    records = draft.judgement.records
    assert records["read"] == sum(records[door] for door in ("accepted", "quarantined", "deduplicated", "filtered"))


@settings(max_examples=40)
@given(tables(), st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16"]))
def test_any_table(tmp_path_factory, rows, delimiter, encoding):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    path = tmp_path_factory.mktemp("table") / "some.csv"
    path.write_bytes(text.getvalue().encode(encoding, "surrogatepass" if encoding == "utf-16" else "replace"))
    drafted(path)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=40)
@given(st.lists(st.dictionaries(TEXT, VALUES, max_size=4), min_size=1, max_size=4), st.sampled_from([1, 30]))
def test_any_records_of_json(tmp_path_factory, records, times):
    path = tmp_path_factory.mktemp("records") / "some.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in records * times), encoding="utf-8")
    drafted(path)
