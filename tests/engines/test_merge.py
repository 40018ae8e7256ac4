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


def test_a_field_that_is_read_and_looked_up_by_a_filled_one_is_merged(tmp_path: Path) -> None:
    (tmp_path / "towns.csv").write_text("town,country\nRiga,LV\nTartu,EE\n")
    (tmp_path / "spec.dq.yaml").write_text(
        SPEC.replace(
            "  town: {type: string}\n",
            "  town: {type: string, impute: {constant: Riga}}\n"
            "  country: {type: string, lookup: {file: towns.csv, by: {town: town}, fill: true}}\n",
        )
    )
    records = [
        {"id": "a", "at": "2026-01-01", "name": "old", "town": "Oslo", "country": "NO"},
        {"id": "a", "at": "2026-01-02", "name": "new", "town": "Narva", "country": None},
        {"id": "b", "at": "2026-01-02", "name": "alone", "town": None, "country": None},
    ]
    rows = dq.load(tmp_path / "spec.dq.yaml").run(records).accepted.to_dicts()
    assert {row["id"]: (row["town"], row["country"]) for row in rows} == {"a": ("Narva", "NO"), "b": ("Riga", "LV")}
