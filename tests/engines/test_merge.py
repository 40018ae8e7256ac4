"""Merging: of each field the newest value that there is, and the record that stays says so."""

from __future__ import annotations

from pathlib import Path

import dq

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: string}
  at: {type: date}
  name: {type: string}
  town: {type: string}
dedupe: {key: [id], keep: merge, order_by: at}
"""


def test_each_field_has_its_newest_value(tmp_path: Path) -> None:
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    records = [
        {"id": "a", "at": "2026-01-02", "name": "middle", "town": "Riga"},
        {"id": "a", "at": "2026-01-03", "name": None, "town": "Tartu"},
        {"id": "a", "at": "2026-01-01", "name": "old", "town": None},
        {"id": "b", "at": "2026-01-01", "name": "alone", "town": None},
    ]
    for order in ([0, 1, 2, 3], [2, 3, 1, 0], [1, 0, 3, 2]):
        result = dq.load(tmp_path / "spec.dq.yaml").run([records[place] for place in order])
        rows = {row["id"]: row for row in result.accepted.to_dicts()}
        assert (rows["a"]["name"], rows["a"]["town"], str(rows["a"]["at"])) == ("middle", "Tartu", "2026-01-03")
        assert rows["b"]["name"] == "alone"
        assert result.report.records["deduplicated"] == 2
