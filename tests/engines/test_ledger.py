"""The files of the index and the ledger, and what they hide.  That they tell the truth is `laws/test_ledger.py`."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import dq
from dq.sinks.manifest import verify

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  k: {type: string, clean: [strip, upper]}
  who: {type: string, pii: true, clean: [lower], impute: {constant: nobody}}
  n: {type: integer, checks: [{maximum: 5}, {type: {on_fail: set_null}}]}
gate: {quarantined: SHARE}
"""
DATA = "k,who,n\n a ,ANN,1\nb,,9\nc,Ann,x\n"
KEY = b"a key of sixteen bytes or more"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "spec.dq.yaml").write_text(SPEC.replace("SHARE", "50%"))
    (tmp_path / "in.csv").write_text(DATA)
    return tmp_path


def test_in_memory(folder: Path) -> None:
    plan = dq.load(folder / "spec.dq.yaml")
    plain = plan.run(folder / "in.csv", now=NOW)
    assert plain.index is plain.ledger is None
    result = plan.run(folder / "in.csv", now=NOW, index=True)
    assert result.ledger is None
    assert result.index is not None
    assert result.index.rows() == [(0, "in.csv", 1, 2, 8, 10), (1, "in.csv", 3, 4, 23, 8)]
    result = plan.run(folder / "in.csv", now=NOW, ledger=True)
    assert result.index is not None
    assert result.ledger is not None
    assert result.ledger.rows() == [
        (0, "in.csv", 1, "k", "k.strip", "text", " a ", "a", False),
        (0, "in.csv", 1, "k", "k.upper", "text", "a", "A", False),
        (0, "in.csv", 1, "who", "who.lower", "text", None, None, True),
        (1, "in.csv", 3, "k", "k.upper", "text", "c", "C", False),
        (1, "in.csv", 3, "who", "who.lower", "text", None, None, True),
        (1, "in.csv", 3, "n", "n.type", "text", "x", None, False),
    ]
    counts = {one["step"]: (one["changed"], one["accepted"]) for one in result.report["cleaning"]}
    assert counts["k.upper"] == (3, 2)
    assert counts["n.type"] == (1, 1)
    assert counts["who.impute"] == (1, 0)


def test_hashes_under_a_key(folder: Path) -> None:
    """Equal values have equal hashes, under one key only; the values themselves are in no file but the accepted one."""
    plan = dq.load(folder / "spec.dq.yaml")
    first, again, other = (
        plan.run(folder / "in.csv", now=NOW, ledger=True, ledger_key=key).ledger for key in (KEY, KEY, KEY + b"!")
    )
    assert first is not None
    assert again is not None
    assert other is not None
    assert first.equals(again)
    hidden = first.filter("hidden")
    assert hidden["before"].n_unique() == 2
    assert hidden["after"].n_unique() == 1
    assert hidden["after"].str.contains("^[0-9a-f]{32}$").all()
    assert not set(hidden["after"]) & set(other["after"])
    with pytest.raises(dq.UsageError, match="at least 16"):
        plan.run(folder / "in.csv", ledger=True, ledger_key=b"short")
    with pytest.raises(dq.UsageError, match="no ledger is asked for"):
        plan.run(folder / "in.csv", ledger_key=KEY)


@pytest.mark.parametrize(("share", "name"), [("50%", "accepted"), ("1%", "held")])
def test_in_a_folder(folder: Path, share: str, name: str) -> None:
    (folder / "spec.dq.yaml").write_text(SPEC.replace("SHARE", share))
    plan = dq.load(folder / "spec.dq.yaml")
    memory = plan.run(folder / "in.csv", now=NOW, ledger=True)
    plan.run(folder / "in.csv", now=NOW, ledger=True, out=folder / "out")
    assert verify(folder / "out") == []
    for file, frame in ((f"{name}.index.parquet", memory.index), ("ledger.parquet", memory.ledger)):
        assert frame is not None
        assert pl.read_parquet(folder / "out" / file).equals(frame)
        assert stat.S_IMODE((folder / "out" / file).stat().st_mode) == 0o600
    assert len(list((folder / "out").glob("*.index.parquet"))) == 1


def test_an_aborted_run_gives_out_nothing(folder: Path) -> None:
    text = SPEC.replace("SHARE", "50%").replace("{maximum: 5}", "{maximum: 5, on_fail: abort}")
    (folder / "spec.dq.yaml").write_text(text)
    result = dq.load(folder / "spec.dq.yaml").run(folder / "in.csv", ledger=True)
    assert result.ledger is not None
    assert result.index is not None
    assert (result.ledger.height, result.index.height) == (0, 0)
