"""Stored records are counted by the doors that they change, by check, and by the fields whose values change."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import dq
from dq.cli.main import run
from dq.comparison.stored import compare_stored, in_words

NOW = datetime(2026, 11, 1, tzinfo=UTC)
OLD = """dq: 1
event: paid
version: 1.0.0
fields:
  id: {type: string, required: true}
  kind: {type: string, clean: [lower]}
  amount: {type: integer, impute: median, checks: [{maximum: 9}]}
filter: [{id: known, keep: kind is null or kind <> 'test'}]
dedupe: {key: [id]}
"""
NEW = """dq: 1
event: paid
version: 2.0.0
fields:
  id: {type: string, required: true, clean: [upper]}
  kind: {type: string, clean: [upper]}
  amount: {type: integer, impute: {constant: 0}, checks: [{maximum: 8}]}
filter: [{id: known, keep: kind is null or kind <> 'test'}]
dedupe: {key: [id]}
"""
RECORDS = """id,kind,amount
a,x,1
A,y,9
b,test,2
c,,
d,z,10
,z,1
e,z,3,4
"""


def test_doors_and_values_are_counted(tmp_path, capsys):
    paths = []
    for name, text in (("old.dq.yaml", OLD), ("new.dq.yaml", NEW), ("records.csv", RECORDS)):
        (tmp_path / name).write_text(text)
        paths.append(str(tmp_path / name))
    found = compare_stored(dq.load(paths[0]).compiled, dq.load(paths[1]).compiled, [paths[2]], None, NOW)
    # A loses to a by its new key before it is judged; b is no test any more, since TEST is not test; the median
    # of what was accepted before the checks is not the constant.
    assert found == {
        "read": 7,
        "changed_door": 2,
        "changed_values": 2,
        "doors": [
            {"old": "accepted", "new": "deduplicated", "because": "dedupe", "records": 1},
            {"old": "filtered", "new": "accepted", "because": "known", "records": 1},
        ],
        "values": {"id": 2, "kind": 1, "amount": 1},
    }
    assert in_words(found)[0] == "stored records: 7 read, 2 change their door, 2 their values"
    assert run(["diff", *paths[:2], "--data", paths[2], "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == found


def test_no_record_is_no_change(tmp_path):
    (tmp_path / "old.dq.yaml").write_text(OLD)
    (tmp_path / "records.csv").write_text("id,kind,amount\n")
    plan = dq.load(tmp_path / "old.dq.yaml").compiled
    assert compare_stored(plan, plan, [str(tmp_path / "records.csv")], None, NOW)["read"] == 0
