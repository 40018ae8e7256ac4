"""Drift between real months: learnt from January, found in February and March, held to numpy and scipy."""

from __future__ import annotations

import csv
import json
from collections import Counter
from contextlib import redirect_stderr
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dq.cli.main import run

from .runs import NOW, SPECS

SPEC = SPECS / "taxi_months.dq.yaml"
pytestmark = pytest.mark.shared


def command(*words: str) -> tuple[int, str]:
    """Return the exit code of a command, and what it told people."""
    with redirect_stderr(StringIO()) as told:
        code = run(list(words))
    return code, told.getvalue()


@pytest.fixture(scope="module")
def months(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the state of January, and the reports of February and March, which were judged by it."""
    data, folder = shared / "data" / "taxi", tmp_path_factory.mktemp("months")
    state = folder / "january.json"
    code, told = command("fit", str(SPEC), str(data / "yellow_2019-01.csv"), "--out", str(state))
    assert (code, "12 reference profiles from 10,000 records" in told) == (0, True)
    found: dict[str, Any] = {"state": state, "folder": folder, "data": data}
    for month in ("02", "03"):
        out = folder / month
        words = ("run", str(SPEC), str(data / f"yellow_2019-{month}.csv"), "--state", str(state), "--out", str(out))
        assert command(*words, "--now", NOW)[0] == 1
        found[month] = json.loads((out / "report.json").read_bytes())
    return found


def column(data: Path, month: str, name: str) -> list[Decimal]:
    """Return the numbers of a column, read by Python alone."""
    with (data / f"yellow_2019-{month}.csv").open(encoding="utf-8", newline="") as file:
        return [Decimal(row[name]) for row in csv.DictReader(file) if row[name]]


def test_the_state_is_applied_unchanged(months: dict[str, Any]) -> None:
    for month in ("02", "03"):
        assert (months["folder"] / month / "state.json").read_bytes() == months["state"].read_bytes()
        assert months[month]["state"]["from"] == "given"
        assert months[month]["records"]["accepted"] == 10_000


def test_what_drifts_in_new_york(months: dict[str, Any]) -> None:
    """The surcharge of February 2019 moves what riders pay; how far they ride does not move."""
    for month in ("02", "03"):
        verdicts = {entry["field"]: entry["verdict"] for entry in months[month]["drift"]}
        moved = {name for name, verdict in verdicts.items() if verdict == "fail"}
        assert {"congestion_surcharge", "total_amount", "extra", "passenger_count", "tip_amount"} <= moved
        assert {
            "trip_distance",
            "fare_amount",
            "minutes",
            "pickup_location_id",
            "rate_code_id",
        } <= verdicts.keys() - moved
    (passengers,) = [entry for entry in months["02"]["drift"] if entry["field"] == "passenger_count"]
    assert passengers["new_values"] == [{"value": 0, "count": column(months["data"], "02", "passenger_count").count(0)}]


NUMBERS = ["passenger_count", "fare_amount", "extra", "tip_amount", "total_amount", "pickup_location_id"]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("month", ["02", "03"])
def test_every_measure_is_that_of_others(months: dict[str, Any], month: str, name: str) -> None:
    stats, spatial = pytest.importorskip("scipy.stats"), pytest.importorskip("scipy.spatial.distance")
    before, after = column(months["data"], "01", name), column(months["data"], month, name)
    (entry,) = [entry for entry in months[month]["drift"] if entry["field"] == name]
    measures, bins = entry["measures"], entry["histogram"]
    if "value" in bins[0]:
        known = [Decimal(str(b["value"])) for b in bins[:-1]]
        counts = [[Counter(side)[v] for v in known] for side in (before, after)]
        table = np.array([[*row, len(side) - sum(row)] for row, side in zip(counts, (before, after), strict=True)])
    else:
        edges = [-np.inf, *(b["from"] for b in bins[1:]), np.inf]
        table = np.array([np.histogram(np.array(side, float), edges)[0] for side in (before, after)])
        assert max(table[0][1:-1]) < 2 * len(before) / 10 + max(Counter(before).values())
    assert table.tolist() == [[b["reference"] for b in bins], [b["batch"] for b in bins]]
    r, b = (np.maximum(row / row.sum(), 0.0001) for row in table)
    assert measures["psi"]["value"] == pytest.approx(((b - r) * np.log(b / r)).sum(), rel=1e-6)
    assert measures["js"]["value"] == pytest.approx(spatial.jensenshannon(*table, base=2), rel=1e-6)
    used = table[:, table.sum(axis=0) > 0]
    assert measures["chi_square"]["value"] == pytest.approx(
        stats.chi2_contingency(used, correction=False).pvalue, rel=1e-6, abs=1e-12
    )
    truth = stats.ks_2samp(np.array(before, float), np.array(after, float)).statistic
    assert measures["ks"]["value"] - 1e-9 <= truth <= measures["ks"]["at_most"] + 1e-9
    one, two = np.array(before, float), np.array(after, float)
    moved = abs(two.mean() - one.mean()) / one.std(ddof=1)
    assert measures["mean"]["value"] == pytest.approx(moved, rel=1e-6)


def test_a_state_of_another_spec_is_refused_with_the_difference(months: dict[str, Any], tmp_path: Path) -> None:
    text = SPEC.read_text(encoding="utf-8")
    march = str(months["data"] / "yellow_2019-03.csv")

    def told(old: str, new: str) -> tuple[int, str]:
        assert old in text
        other = tmp_path / "other.dq.yaml"
        other.write_text(text.replace(old, new), encoding="utf-8")
        return command("check", str(other), march, "--state", str(months["state"]), "--now", NOW)

    code, words = told("outliers: {iqr: 3, action: clip}", "outliers: {iqr: 1.5, action: clip}")
    assert (code, "trip_distance.outliers" in words) == (2, True)
    code, words = told('fare_amount: {type: "decimal(8,2)",', 'fare_amount: {type: "decimal(9,2)",')
    assert (code, "of fare_amount" in words, "the field fare_amount" in words) == (2, True, True)
    code, words = told("fields:\n", "filter: [{keep: vendor_id = 1}]\nfields:\n")
    assert (code, "filters" in words or "trip_distance.outliers" in words) == (2, True)
    assert told("psi: 0.25, js: 0.5", "psi: 100")[0] == 1
    assert told("vendor_id: {type: integer, required: true}", "vendor_id: {type: integer}")[0] == 1
