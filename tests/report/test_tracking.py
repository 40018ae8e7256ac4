"""A report in MLflow: what is logged, under which names, and what is said where MLflow is absent."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import pytest

from dq.cli.main import run
from dq.report.tracking import metrics, tags, uri
from tests.report import runs

HAS_MLFLOW = importlib.util.find_spec("mlflow") is not None
SPEC = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer, checks: [{maximum: 5}]}\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    return runs.reports(tmp_path_factory.mktemp("reports"))["every type"]


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    (tmp_path / "in.csv").write_text("a\n1\n9\nx\n")
    assert run(["run", "spec.dq.yaml", "in.csv", "--out", "out", "-q"]) == 1
    return tmp_path / "out"


def test_numbers_of_a_report_are_metrics(report):
    found = metrics(report)
    assert found["records.read"] == report["records"]["read"]
    assert found["refused_share"] == report["records"]["quarantined"] / report["records"]["read"]
    assert found["failed.rule"] == next(check["failed"] for check in report["checks"] if check["id"] == "rule")
    assert found["broken.expect.row_count"] == 1.0
    assert tags(report)["dq.verdict"] == report["verdict"]


def test_names_that_the_store_does_not_allow_are_changed_and_stay_apart(report):
    checks = [report["checks"][0] | {"id": name, "failed": n} for n, name in enumerate(("a/b", "a|b", "../c\n"))]
    found = metrics(report | {"checks": checks})
    assert {name: value for name, value in found.items() if name.startswith("failed.")} == {
        "failed.a_b": 0,
        "failed.a_b_2": 1,
        "failed..._c_n": 2,
    }


def test_a_store_is_a_folder_or_a_uri(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert uri("mlruns") == (tmp_path / "mlruns").as_uri()
    assert uri("sqlite:///runs.db") == "sqlite:///runs.db"


def test_without_mlflow_the_extra_is_named(out, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "mlflow.exceptions", None)
    assert run(["report", "out/report.json", "--mlflow"]) == 2
    assert "install dq-gate[mlflow]" in capsys.readouterr().err


@pytest.mark.skipif(not HAS_MLFLOW, reason="mlflow-skinny is not installed")
@pytest.mark.filterwarnings("ignore")
def test_a_report_is_logged_to_a_local_store(out, capsys):
    from mlflow.tracking import MlflowClient

    assert run(["report", "out/report.json", "--mlflow", "store"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    client = MlflowClient(tracking_uri=uri("store"))
    (logged,) = client.search_runs([client.get_experiment_by_name("e").experiment_id])
    assert f"logged as run {logged.info.run_id}" in said.err
    assert logged.info.status == "FINISHED"
    assert logged.data.tags["dq.verdict"] == "fail"
    assert logged.data.metrics["failed.a.maximum"] == 1.0
    assert logged.data.metrics["records.read"] == 3.0
    names = {item.path for item in client.list_artifacts(logged.info.run_id)}
    assert names == {"report.json", "report.html"}
    kept = client.download_artifacts(logged.info.run_id, "report.json")
    assert json.loads(Path(kept).read_bytes()) == json.loads((out / "report.json").read_bytes())
    assert run(["report", "out/report.json", "--mlflow", "store"]) == 0
    assert len(client.search_runs([client.get_experiment_by_name("e").experiment_id])) == 2
