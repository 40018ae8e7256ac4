"""The benchmark's job: its failure counts are those of the hand-written limit, and its runner runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import dq

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "benchmarks" / "l1.dq.yaml"
HEADER = "event_id,customer_id,email,country,currency,amount,quantity,ts,status,comment\n"
CHECKS = {  # the limit's name of each check: dq's
    "nn_event_id": "event_id.required",
    "nn_customer_id": "customer_id.required",
    "nn_ts": "ts.required",
    "uniq_event_id": "event_id.unique",
    "range_amount": "amount.between",
    "range_quantity": "quantity.between",
    "enum_status": "status.accepted_values",
    "regex_email": "email.pattern",
    "date_ts": "ts.type",
    "len_comment": "comment.max_length",
    "cross_paid": "cross_paid",
    "coerce_customer_id": "customer_id.type",
}


@pytest.fixture(scope="module")
def orders(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("orders")
    python = contenders_python()
    if subprocess.run(
        [python, "-c", "import numpy, polars, pyarrow.parquet"], check=False, capture_output=True
    ).returncode:
        pytest.skip(f"the generator needs numpy, polars and pyarrow, which {python} has not: set DQ_CONTENDERS_PYTHON")
    generator = shared / "bench" / "gen_orders.py"
    subprocess.run([python, generator, folder, "100000"], check=True, stdout=subprocess.DEVNULL)
    return folder / "orders_100k.csv"


def contenders_python() -> str:
    return os.environ.get("DQ_CONTENDERS_PYTHON", sys.executable)


def limit(shared: Path, level: str, orders: Path, out: Path) -> dict[str, Any]:
    """Run the hand-written limit and return what it printed."""
    done = subprocess.run(
        [contenders_python(), shared / "bench" / "c_polars.py", level, orders, out],
        check=True,
        capture_output=True,
        env=os.environ | {"PYTHONWARNINGS": "ignore", "CMAP": str(orders.with_name("country_map.json"))},
    )
    printed: dict[str, Any] = json.loads(done.stdout)
    return printed


@pytest.mark.shared
def test_what_is_cleaned_is_what_the_limit_cleans_cell_by_cell(shared: Path, orders: Path, tmp_path: Path) -> None:
    wanted = limit(shared, "l2", orders, tmp_path / "limit")
    result = dq.load(ROOT / "benchmarks" / "l2.dq.yaml").run(orders)
    failed = {check["id"]: check["failed"] for check in result.report["checks"]}
    assert {name: failed[ours] for name, ours in CHECKS.items()} == wanted["failures"]
    assert result.report.records["deduplicated"] == wanted["dropped"] > 0
    assert result.report.records["quarantined"] == wanted["failed_rows"]
    canonical = pl.read_parquet(tmp_path / "limit" / "canonical.parquet")
    ours = result.accepted.with_columns(pl.col("ts").dt.replace_time_zone(None))
    assert_frame_equal(ours, canonical, check_exact=True)


@pytest.mark.shared
def test_counts_are_those_of_the_limit(shared: Path, orders: Path, tmp_path: Path) -> None:
    wanted = limit(shared, "l1_np", orders, tmp_path / "limit")
    report = dq.load(SPEC).check(orders)
    failed = {check["id"]: check["failed"] for check in report["checks"]}
    assert {name: failed[ours] for name, ours in CHECKS.items()} == wanted["failures"]
    assert report.records["quarantined"] == wanted["failed_rows"]
    assert report.records["read"] == wanted["rows"]


def test_every_check_of_the_job_can_fail(tmp_path: Path) -> None:
    good = "{id},7,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid,ok\n"
    faults = {
        "event_id.required": ",7,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid,ok\n",
        "customer_id.required": "b,,a@b.co,DE,EUR,9.5,2,2026-01-31 10:00:00,paid,ok\n",
        "ts.required": "c,7,a@b.co,DE,EUR,9.5,2,,paid,ok\n",
        "event_id.unique": good.format(id="twice") * 2,
        "amount.between": "d,7,a@b.co,DE,EUR,100000.5,2,31/01/2026 10:00,paid,ok\n",
        "quantity.between": "e,7,a@b.co,DE,EUR,9.5,0,Jan 31 2026 10:00:00,paid,ok\n",
        "status.accepted_values": "f,7,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,Paid,ok\n",
        "email.pattern": "g,7,a at b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid,ok\n",
        "ts.type": "h,7,a@b.co,DE,EUR,9.5,2,31/02/2026 10:00,paid,ok\n",
        "comment.max_length": "i,7,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid," + "x" * 201 + "\n",
        "cross_paid": "j,7,a@b.co,DE,EUR,0,2,2026-01-31T10:00:00Z,paid,ok\n",
        "customer_id.type": "k,abc,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid,ok\n",
    }
    orders = tmp_path / "orders.csv"
    orders.write_text(HEADER + good.format(id="fine") + "".join(faults.values()))
    report = dq.load(SPEC).check(orders)
    failed = {check["id"]: check["failed"] for check in report["checks"] if check["failed"]}
    assert failed == {check: 2 if check == "event_id.unique" else 1 for check in CHECKS.values()}
    assert report.records["accepted"] == 1


def test_the_runner_prints_a_table(tmp_path: Path) -> None:
    orders = tmp_path / "orders.csv"
    orders.write_text(HEADER + "a,7,a@b.co,DE,EUR,9.5,2,2026-01-31T10:00:00Z,paid,ok\n")
    runner = [sys.executable, ROOT / "benchmarks" / "run.py", orders, "--repeat", "1", "--log", tmp_path / "log"]
    done = subprocess.run(runner, check=True, capture_output=True, text=True)
    assert [line.split("|")[1].strip() for line in done.stdout.splitlines()] == ["", "---", "dq run"]
    assert json.loads((tmp_path / "log").read_text())["name"] == "dq run"
