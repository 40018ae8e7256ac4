"""Whole runs of the command line over real files, and what they wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

NOW = "2026-11-22T06:00:00Z"
SPECS = Path(__file__).parent / "specs"


class Run:
    """One `dq run`: its exit code, report, refused and removed records."""

    def __init__(self, spec: Path, inputs: list[str], out: Path) -> None:
        from dq.cli.main import run

        self.out = out
        self.code = run(["run", str(spec), *inputs, "--out", str(out), "--now", NOW, "--quiet"])
        self.report: dict[str, Any] = json.loads((out / "report.json").read_bytes())
        self.quarantine = _records(out / "quarantine.jsonl")
        self.removed = _records(out / "removed.jsonl")

    def accepted(self) -> list[dict[str, Any]]:
        """Return the accepted or held rows of an output in JSON Lines."""
        name = "held.jsonl" if self.report["verdict"] == "fail" else "accepted.jsonl"
        return [json.loads(line) for line in (self.out / name).read_text(encoding="utf-8").splitlines()]

    def failed(self) -> dict[str, int]:
        """Return how many rows each check that failed any has refused or warned about."""
        return {check["id"]: check["failed"] for check in self.report["checks"] if check["failed"]}

    def refused_by(self, check: str) -> list[int]:
        """Return the record numbers that a check gave a reason for."""
        return [r["record"] for r in self.quarantine if any(reason["check"] == check for reason in r["reasons"])]

    def assert_conserved(self, read: int) -> None:
        """Hold what was read to what left: in the report, and in the files."""
        records = self.report["records"]
        assert records["read"] == read
        assert read == sum(records[door] for door in ("accepted", "quarantined", "deduplicated", "filtered"))
        assert records["quarantined"] == len(self.quarantine)
        assert records["deduplicated"] + records["filtered"] == len(self.removed)
        manifest = json.loads((self.out / "manifest.json").read_bytes())
        name = next(name for name in manifest if name.startswith(("accepted.", "held.")))
        assert name.startswith("held.") == (self.report["verdict"] == "fail") == (self.code == 1)
        assert manifest[name]["rows"] == records["accepted"]


def _records(path: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "record" in line]
