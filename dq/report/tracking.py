"""A report in an MLflow tracking store: verdict as tags, counts as metrics, the report and its page as artifacts.

MLflow is an extra.  Its own telemetry is switched off, and nothing is asked of any place but the store that was named.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dq.errors import SinkError, UsageError
from dq.report.model import Report
from dq.report.wording import plain

LOCAL = "mlruns"
"""The folder of a local store."""
_BATCH = 500
_NAME = 200


def log(report: Report, store: str) -> str:
    """Log a report as a finished run of an experiment named after the event, and return the run's id.

    `store` is a folder, or a URI that MLflow knows.  UsageError where MLflow is not installed; SinkError where the
    store cannot be written.
    """
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("MLFLOW_ALLOW_FILE_STORE", "true")  # MLflow asks whoever still keeps runs in a folder
    try:
        from mlflow.exceptions import MlflowException
        from mlflow.tracking import MlflowClient
    except ImportError as error:
        raise UsageError("logging to MLflow needs the package mlflow-skinny: install dq-gate[mlflow]") from error
    try:
        return _log(MlflowClient(tracking_uri=uri(store)), report)
    except (MlflowException, OSError) as error:
        raise SinkError(f"the report cannot be logged to {store}: {plain(error, 200)}") from error


def uri(store: str) -> str:
    """Return the URI of a store: of a folder by its path, or what is a URI already."""
    return store if re.match(r"[a-z][a-z0-9+.-]+:", store) else Path(store).absolute().as_uri()


def _log(client: Any, report: Report) -> str:
    from mlflow.entities import Metric

    event = plain(report["spec"]["event"], _NAME)
    known = client.get_experiment_by_name(event)
    experiment = known.experiment_id if known is not None else client.create_experiment(event)
    moment = int(datetime.fromisoformat(report["now"]).timestamp() * 1000)
    run = client.create_run(experiment, run_name=f"{event} {report['now']}", start_time=moment, tags=tags(report.data))
    name: str = run.info.run_id
    found = [Metric(key, float(value), moment, 0) for key, value in metrics(report.data).items()]
    for start in range(0, len(found), _BATCH):
        client.log_batch(name, metrics=found[start : start + _BATCH])
    client.log_text(name, report.json().decode(), "report.json")
    client.log_text(name, report.render("html").decode(), "report.html")
    client.set_terminated(name, end_time=moment)
    return name


def tags(report: Mapping[str, Any]) -> dict[str, str]:
    """Return what a run is found by: the verdict, the moment, the spec's version and fingerprint, dq's version."""
    spec = report["spec"]
    return {
        "dq.verdict": report["verdict"],
        "dq.now": report["now"],
        "dq.spec.version": plain(spec["version"], _NAME),
        "dq.spec.fingerprint": spec["fingerprint"],
        "dq.version": report["dq"],
    }


def metrics(report: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a report: records by door, failures by check, broken promises, measures of drift."""
    records, asked = report["records"], [*report["expectations"], *report["ml"].get("checks", [])]
    named: list[tuple[str, float]] = [(f"records.{door}", count) for door, count in records.items()]
    named.append(("refused_share", records["quarantined"] / records["read"] if records["read"] else 0.0))
    named += [(f"failed.{check['id']}", check["failed"]) for check in report["checks"]]
    named += [(f"broken.{item['id']}", float(item["verdict"] in {"fail", "warn"})) for item in asked]
    for entry in report["drift"]:
        measures = (entry.get("measures") or {}).items()
        named += [(f"drift.{entry['field']}.{name}", m["value"]) for name, m in measures if m["value"] is not None]
    found: dict[str, float] = {}
    for name, value in named:
        found[_unused(re.sub(r"[^\w.\- ]", "_", plain(name, _NAME)), found)] = value
    return found


def _unused(name: str, taken: Mapping[str, float]) -> str:
    """Return a name that no other metric has: two ids may differ only in marks that MLflow does not allow."""
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}_{number}"
    return free
