"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from dq.cli.main import cli, run
from dq.cli.options import Size
from dq.engines.spill import Spill

SPEC = """\
dq: 1
event: e
version: 1.0.0
fields:
  id: {type: integer}
  size: {type: number, impute: median}
dedupe: {key: [id], keep: first}
"""


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("12", 12), ("3 kB", 3000), ("512MB", 512_000_000), ("1GiB", 1 << 30), ("2mib", 2 << 20)],
)
def test_sizes(text: str, size: int) -> None:
    assert Size().convert(text, None, None) == size


@pytest.mark.parametrize("text", ["", "MB", "-1", "1.5GB", "1XB", "1e9", "٣MB"])
def test_what_is_no_size(text: str) -> None:
    with pytest.raises(click.BadParameter, match="512MB"):
        Size().convert(text, None, None)


def test_memory_says_when_keys_and_counts_go_to_disk_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "e.dq.yaml").write_text(SPEC)
    (tmp_path / "in.csv").write_text("id,size\n" + "".join(f"{n % 50},{n if n % 3 else ''}\n" for n in range(200)))
    monkeypatch.chdir(tmp_path)
    opened: list[int] = []

    class Watched(Spill):
        def __init__(self, memory: int, workdir: Path | None) -> None:
            opened.append(memory)
            super().__init__(memory, workdir)

    monkeypatch.setattr("dq.engines.narrow.Spill", Watched)
    for memory in ("0", "1GiB"):
        argv = ["run", "e.dq.yaml", "in.csv", "--out", f"o{memory}", "--now", "2026-11-01T00:00:00Z", "-q"]
        assert CliRunner().invoke(cli, [*argv, "--memory", memory], standalone_mode=False).return_value == 0
    assert opened == [0, 1 << 30]
    for name in ("accepted.parquet", "removed.jsonl", "state.json", "report.json"):
        assert (tmp_path / "o0" / name).read_bytes() == (tmp_path / "o1GiB" / name).read_bytes()


def test_where_a_text_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    (tmp_path / "e.dq.yaml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    argv = ["export", "e.dq.yaml", "--to", "jsonschema"]
    assert run([*argv, "-o", "-"]) == 0
    printed = capfdbinary.readouterr().out
    assert not Path("-").exists()
    assert run([*argv, "-o", "e.json"]) == 0
    assert Path("e.json").read_bytes() == printed
    assert run([*argv, "-o", "e.json"]) == 3
    assert b"exists already" in capfdbinary.readouterr().err
    assert run([*argv, "-o", "e.json", "--replace"]) == 0
