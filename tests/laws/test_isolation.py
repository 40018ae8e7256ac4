"""Isolation: what is wrong with one record is no other record's fate; a stray quote never costs one silently."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whole_runs import Kept, load, run

import dq

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  a: {type: integer, checks: [{maximum: 6}]}
  b: {type: string, clean: [strip, {map: {y: z}, otherwise: keep}], impute: {constant: q}}
  c: {type: string, checks: [{max_length: 3, on_fail: set_null}]}
filter:
  - {keep: "c is null or c <> 'no'"}
checks:
  - {assert: "a > 0", where: "b = 'z'"}
"""
GOOD = [
    b"1,q,no\n",
    b"2,y,z\r\n",
    b'5,"r s","a""b"\n',
    b" 6 ,,1\n",
    b"x,q,\n",
    b"-1,y,tttt\n",
    b'3,"w\nw",\n',
    b"9,,\n",
]
BAD = [
    b"1,2\n", b"1,2,3,4\n", b'1,a"b,2\n', b'1,"a"b",2\n', b"\xff,1,2\n", b'"1","2"\n', b'1,"two\nlines"\n', b"zz,,\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("isolation")


@pytest.fixture(scope="module")
def plan(folder: Path) -> dq.Plan:
    return load(folder, SPEC)


def fates(plan: dq.Plan, path: Path, lines: list[bytes]) -> dict[int, Any]:
    """Return what became of each record: its values, or its door and reasons."""
    path.write_bytes(b"a,b,c\n" + b"".join(lines))
    doors, tally, _ = run(plan, [path])
    gone: list[Kept] = [*doors.refused, *doors.gone]
    found: dict[int, Any] = {kept.record: (kept.door, kept.raw, kept.reasons) for kept in gone}
    left = [number for number in range(1, tally.read + 1) if number not in found]
    found.update(zip(left, doors.rows(), strict=True))
    return found


@given(lines=st.lists(st.sampled_from(GOOD), min_size=1, max_size=8), bad=st.sampled_from(BAD), data=st.data())
def test_a_bad_record_changes_no_other(
    folder: Path, plan: dq.Plan, lines: list[bytes], bad: bytes, data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(lines)))
    path = folder / "input.csv"
    before = fates(plan, path, lines)
    after = fates(plan, path, [*lines[:place], bad, *lines[place:]])
    assert len(before) == len(lines)
    own = len(after) - len(before)  # the bad one may itself be several records
    assert own >= 1
    assert {n: after[n] for n in range(1, place + 1)} == {n: before[n] for n in range(1, place + 1)}
    assert {n - own: after[n] for n in range(place + 1 + own, len(after) + 1)} == {
        n: before[n] for n in range(place + 1, len(before) + 1)
    }


TEN = [b"%d,q%d,c\n" % (n % 7, n) for n in range(10)]


@pytest.mark.parametrize("stray", [b'%d,"q%d,c\n', b'"%d,q%d,c\n', b'%d,q%d,"c\n'])
@pytest.mark.parametrize("rows", [(5, 7), (5, 6), (5,), (1, 10)])
def test_stray_quotes_are_caught(folder: Path, plan: dq.Plan, rows: tuple[int, ...], stray: bytes) -> None:
    lines = [stray % (n % 7, n) if n + 1 in rows else line for n, line in enumerate(TEN)]
    path = folder / "input.csv"
    path.write_bytes(b"a,b,c\n" + b"".join(lines))
    doors, _, report = run(plan, [path])
    unreadable = [kept for kept in doors.refused if kept.reasons[0]["code"].startswith("unreadable.")]
    assert unreadable
    hidden = b"".join(kept.raw for kept in unreadable)
    shown = {row["b"].encode() for row in doors.rows()} | {b"q%d" % (row - 1) for row in rows}
    for n in range(10):  # every record is accepted as it is, or its text stands in what was refused
        assert b"q%d" % n in shown or b"q%d" % n in hidden, n
    assert all(b"q%d" % (row - 1) in hidden for row in rows)
    assert not any(b"\n" in row["b"].encode() or b"," in row["b"].encode() for row in doors.rows())
    assert report["verdict"] == "fail"
