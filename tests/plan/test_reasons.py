"""Reasons are put together as text: they must be the JSON that a careful writer would give, for any value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

import dq
from dq.outcome import json_texts

SPEC = """\
dq: 1
event: noted
version: 1.0.0
fields:
  word: {type: string, checks: [{accepted_values: [never]}]}
  tags: {type: list<integer>, checks: [{max_items: 1}]}
checks:
- id: rule
  assert: contains(word, 'never')
"""
HOSTILE = ["a\nb", '",\n  "', "\\", '"', "\u2028", "\x00", "\x1f", "{", "]", "%b", "я", "🎁", ""]


@settings(max_examples=100)
@given(
    st.lists(
        st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text() | st.text('a," \n\\')
    )
)
def test_scalars_by_one_call_are_scalars_one_by_one(values: list[str | float | bool | None]) -> None:
    assert json_texts(values) == [orjson.dumps(value) for value in values]


def test_any_text_is_shown_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "noted.dq.yaml").write_text(SPEC)
    plan = dq.load(tmp_path / "noted.dq.yaml")
    records = [{"word": text, "tags": [1, 2]} for text in HOSTILE]
    refused = plan.run(records, now=datetime(2026, 1, 1, tzinfo=UTC)).quarantined
    assert refused.height == len(HOSTILE)
    for text, row in zip(HOSTILE, refused["reasons"], strict=True):
        reasons = {reason["check"]: reason for reason in json.loads(row)}
        shown = {check: reason["value"] for check, reason in reasons.items()}
        # An empty text is a missing one: nothing to accept, and a rule that is unknown.
        assert shown["rule"] == {"word": text or None}
        assert reasons["rule"]["code"] == ("rule.false" if text else "rule.unknown")
        assert shown.get("word.accepted_values") == (text or None)
        assert shown["tags.max_items"] == [1, 2]
        assert all(
            list(reason) == ["check", "code", "field", "value", "message", "severity"] for reason in reasons.values()
        )
