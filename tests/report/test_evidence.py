"""Evidence in words."""

from __future__ import annotations

import pytest

from dq.report.evidence import facts


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({"records": 0}, ""),
        ({"records": 1, "code": "unreadable.ragged"}, "1 record, unreadable.ragged"),
        ({"records": 412, "share": 0.9581, "observed": {"rusia": 400, "rossia": 12}}, "412 records, 95.81%, rusia: 400, rossia: 12"),
        ({"records": 0, "observed": {"a\nb\x1b[2J": 0.25}}, "a\\nb\\x1b[2J: 0.25"),
        ({"records": 7, "observed": {f"v{n}": n for n in range(7)}}, "7 records, v0: 0, v1: 1, v2: 2, v3: 3, v4: 4, 2 more"),
    ],
)  # fmt: skip
def test_evidence_is_one_printable_line(evidence, words):
    assert facts(evidence) == words
