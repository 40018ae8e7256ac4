"""What a batch has in common with its training set, against sets of keys in plain Python."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from dataclasses import replace

import polars as pl
import pytest

import dq
from dq.api import make_settings
from dq.cli.main import run
from dq.engines.base import NoDoors
from dq.engines.batch import BatchRun
from dq.engines.training import open_training

SPEC = """dq: 1
event: e
version: 1.0.0
fields:
  a: {type: string}
  b: {type: integer}
  label: {type: string}
ml: {target: label, key: [a, b], min_rows: 0, overlap: {max: 10%, severity: error}}
output: {format: FORMAT}
"""
SCHEMA = {"a": pl.String, "b": pl.String, "label": pl.String}


def plan(folder, spec: str = SPEC, form: str = "parquet") -> dq.Plan:
    path = folder / "e.dq.yaml"
    path.write_text(spec.replace("FORMAT", form), encoding="utf-8")
    return dq.load(path)


def frame(count: int, seed: int) -> pl.DataFrame:
    """Return rows whose keys repeat, and some of which lack a part of it."""
    rng = random.Random(seed)
    cells = [
        (rng.choice(["x", "y", "ж", "", *"abcdefgh"]), rng.choice(["1", "2", "3", ""]), rng.choice("pq"))
        for _ in range(count)
    ]
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


def keys(rows: pl.DataFrame) -> list[tuple[str, str]]:
    return [(a, b) for a, b, _ in rows.iter_rows() if a and b]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_shared_rows_and_keys_are_counted_exactly(tmp_path, form):
    made, trained, batch = plan(tmp_path, form=form), frame(20, 1), frame(300, 2)
    made.run(trained, out=tmp_path / "train")
    found = made.check(batch, train=[tmp_path / "train"])["ml"]["trained_on"]
    met = Counter(key for key in keys(batch) if key in set(keys(trained)))
    assert 0 < len(met) < len(set(keys(batch)))
    assert found["shared_rows"] == met.total()
    assert found["shared_keys"] == len(met)
    assert found["keyed_rows"] == len(keys(batch))
    assert [(output["name"], output["rows"]) for output in found["outputs"]] == [(f"train/accepted.{form}", 20)]


@pytest.mark.parametrize("size", [1, 7, 100])
def test_chunks_do_not_matter_and_several_outputs_are_one_set(tmp_path, size):
    made, batch = plan(tmp_path), frame(200, 3)
    for number in (4, 5):
        made.run(frame(9, number), out=tmp_path / f"train{number}")
    found = []
    for records in (100_000, size):
        trained = open_training(made.compiled, [tmp_path / "train4", tmp_path / "train5"])
        settings = replace(make_settings(), chunk_records=records)
        tally = BatchRun(made.compiled, made.inputs(batch), settings, NoDoors(), trained=trained).run()
        found.append(tally.trained_on)
    assert found[0] == found[1]
    both = set(keys(frame(9, 4))) | set(keys(frame(9, 5)))
    assert found[0].shared_rows == sum(key in both for key in keys(batch))


def test_equal_hashes_are_not_equal_keys(tmp_path, monkeypatch):
    from dq.engines.training import TrainedOn

    made = plan(tmp_path)
    made.run(frame(20, 1), out=tmp_path / "train")
    true = made.check(frame(300, 2), train=[tmp_path / "train"])["ml"]["trained_on"]
    nothing = TrainedOn._hash
    monkeypatch.setattr(TrainedOn, "_hash", lambda self, rows: nothing(self, rows) * 0)
    assert made.check(frame(300, 2), train=[tmp_path / "train"])["ml"]["trained_on"] == true


def test_the_gate_fails_above_the_share_and_nothing_is_asked_without_a_training_set(tmp_path):
    made = plan(tmp_path)
    made.run(pl.DataFrame([("k", "1", "p")], schema=SCHEMA, orient="row"), out=tmp_path / "train")
    rows = [("k", "1", "p"), *(("z", str(n), "q") for n in range(9))]
    batch = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    assert made.check(batch, train=[tmp_path / "train"]).verdict != "fail"
    found = made.check(batch.head(9), train=[tmp_path / "train"])
    assert found.verdict == "fail"
    assert found["because"][0] == (
        "ml.overlap: expected at most 10% of the rows in the training set, by a, b, "
        "found 11.11% (1 row, different keys: 1)"
    )
    alone = made.check(batch)
    assert alone["because"] == []
    assert {c["kind"]: c["verdict"] for c in alone["ml"]["checks"]}["overlap"] == "not_evaluated"
    assert alone["ml"]["trained_on"] is None


def test_a_class_that_was_not_trained_on_is_named(tmp_path):
    made = plan(tmp_path)
    rows = [("k", str(n), "pq"[n % 2]) for n in range(10)]
    made.run(pl.DataFrame(rows, schema=SCHEMA, orient="row"), out=tmp_path / "train")
    batch = pl.DataFrame([("z", "1", "p"), ("z", "2", "new")], schema=SCHEMA, orient="row")
    found = made.check(batch, train=[tmp_path / "train"])
    assert found["because"] == [
        "ml.classes: expected 2 to 100 classes of label, found new, which is not in the training set"
    ]


def test_what_cannot_be_compared_is_refused(tmp_path):
    made = plan(tmp_path)
    made.run(frame(20, 1), out=tmp_path / "train")
    keyless = plan(
        tmp_path,
        SPEC.replace(", key: [a, b]", "").replace("overlap: {max: 10%, severity: error}", "").replace("label, ", "b, "),
    )
    with pytest.raises(dq.UsageError, match="neither a key nor"):
        keyless.check(frame(3, 1), train=[tmp_path / "train"])
    with pytest.raises(dq.UsageError, match="no output folder"):
        made.check(frame(3, 1), train=[tmp_path])
    other = plan(tmp_path, SPEC.replace("  b: {type: integer}", "  b: {type: string}"))
    with pytest.raises(dq.UsageError, match="not of the type"):
        other.check(frame(3, 1), train=[tmp_path / "train"])


def test_a_training_set_that_changes_meanwhile_is_an_error(tmp_path):
    made = plan(tmp_path)
    made.run(frame(20, 1), out=tmp_path / "train")
    trained = open_training(made.compiled, [tmp_path / "train"])
    shutil.rmtree(tmp_path / "train")
    made.run(frame(19, 1), out=tmp_path / "train")
    file = tmp_path / "train" / "accepted.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"?")
    with pytest.raises(dq.errors.SourceError):
        BatchRun(made.compiled, made.inputs(frame(3, 1)), make_settings(), NoDoors(), trained=trained).run()


def test_the_command_line_has_it(tmp_path, capsys):
    plan(tmp_path)
    (tmp_path / "a.csv").write_text("a,b,label\nk,1,p\nk,2,q\n")
    spec, source = str(tmp_path / "e.dq.yaml"), str(tmp_path / "a.csv")
    assert run(["run", spec, source, "--out", str(tmp_path / "train")]) == 0
    assert run(["check", spec, source, "--train", str(tmp_path / "train")]) == 1
    assert "found 100% (2 rows, different keys: 2)" in " ".join(capsys.readouterr().err.split())
