"""`dq docs`: a folder that is complete or absent."""

from __future__ import annotations

from dq.cli.main import run
from dq.sinks.manifest import verify

SPEC = "dq: 1\nevent: e\nversion: 1.0.0\nfields:\n  a: {type: integer, checks: [{maximum: 5}]}\n"


def test_a_site_is_written_whole_and_replaced_on_request(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    assert run(["docs", ".", "--out", "site"]) == 0
    assert "1 spec, 0 reports; written to site" in capsys.readouterr().err
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == [
        "index.html",
        "manifest.json",
        "spec-spec.html",
    ]
    assert verify(tmp_path / "site") == []
    assert run(["docs", ".", "--out", "site"]) == 3
    assert run(["docs", ".", "--out", "site", "--replace"]) == 0


def test_a_report_that_is_none_is_refused_and_nothing_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec.dq.yaml").write_text(SPEC)
    (tmp_path / "report.json").write_text("{}")
    assert run(["docs", ".", "--out", "site"]) == 2
    assert not (tmp_path / "site").exists()
