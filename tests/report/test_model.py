"""Reports that were written, read again: by their file, by their folder, and what is none."""

from __future__ import annotations

from pathlib import Path

import pytest

import dq
from dq.errors import SourceError, UsageError
from dq.report.model import load_report


def test_a_report_is_read_by_its_file_or_by_its_folder(tmp_path: Path) -> None:
    spec = tmp_path / "e.dq.yaml"
    spec.write_text("dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  id: {type: integer}\n")
    result = dq.load(spec).run([{"id": 1}, {"id": "x"}], out=tmp_path / "out")
    for path in (tmp_path / "out", tmp_path / "out" / "report.json"):
        assert load_report(path).json() == result.report.json()


def test_what_is_no_report_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load_report(tmp_path)
    (tmp_path / "report.json").write_text("[1]")
    with pytest.raises(UsageError):
        load_report(tmp_path)
