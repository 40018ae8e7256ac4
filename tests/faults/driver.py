"""Writes a small but realistic output folder with the sinks, for the crash harness to break.

`python driver.py TARGET [--replace] [--content N] [--defect NAME] [--hold]`.  The defects are planted on
purpose: a harness that does not find them proves nothing.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from types import ModuleType

import polars as pl

if __name__ == "__main__":  # The façade imports all of dq; here the sinks alone are run, a hundred times over.
    sys.modules["dq"] = ModuleType("dq")
    sys.modules["dq"].__path__ = [str(Path(__file__).parents[2] / "dq")]

from dq.dtypes.types import INTEGER, STRING
from dq.errors import DqError
from dq.sinks import folder as folder_module
from dq.sinks.file import OutputFile
from dq.sinks.folder import OutputFolder
from dq.sinks.jsonl import JsonLinesWriter
from dq.sinks.parquet import ParquetWriter
from dq.sinks.quarantine import LostTo, QuarantineWriter, RecordBatch, RemovedWriter, SourceLine

SPEC = {"event": "order_placed", "version": "1.0.0", "fingerprint": "f" * 64}
NOW = "2026-01-01T00:00:00Z"
DEFECTS = ("straight", "no-file-fsync", "no-folder-fsync", "no-parent-fsync")


def fill(folder: OutputFolder, content: int) -> None:
    """Write every kind of file; `content` makes two outputs differ."""
    frame = pl.DataFrame({"a": range(content, content + 300), "b": [f"v{i}" for i in range(300)]})
    accepted = ParquetWriter(folder.create("accepted.parquet"), frame.schema, 200)
    lines = JsonLinesWriter(folder.create("accepted.jsonl"), {"a": INTEGER, "b": STRING})
    quarantine = QuarantineWriter(folder.create("quarantine.jsonl"), SPEC, NOW)
    removed = RemovedWriter(folder.create("removed.jsonl"), SPEC, NOW)
    for offset in range(0, 300, 150):
        accepted.write(frame.slice(offset, 150))
        lines.write(frame.slice(offset, 150))
        batch = RecordBatch("web", record=[offset], raw=[b"x;y"], reasons=[[]])
        quarantine.write(batch)
        removed.write(batch, [LostTo("web", 1, 1)])
    quarantine.add_source(SourceLine("web", ["a", "b"], {"format": "csv"}, "0" * 64))
    accepted.close()
    lines.close()
    quarantine.close()
    removed.close(lambda ordinals: ["accepted"] * len(ordinals))
    folder.rename("accepted.jsonl", "held.jsonl")
    folder.write("report.json", b"{}\n")
    folder.write("run.json", b"{}\n")


def produce(target: Path, *, replace: bool = False, content: int = 0, hold: bool = False) -> None:
    """Write one output folder."""
    with OutputFolder(target, replace=replace) as folder:
        if hold:
            print("held", flush=True)
            sys.stdin.read()
        fill(folder, content)
        folder.commit()


def plant(defect: str | None, target: Path) -> None:
    """Break the sinks in the named way."""
    real = folder_module._synchronise
    if defect == "straight":  # The files grow under the published name.

        def init(self: OutputFolder, path: Path, *, replace: bool = False) -> None:
            original(self, path, replace=replace)
            self._temporary = self.path
            self._check_target = lambda: None
            self._publish = lambda: None

        original, OutputFolder.__init__ = OutputFolder.__init__, init
    elif defect == "no-file-fsync":
        OutputFile.close = lambda self: super(OutputFile, self).close()
    elif defect == "no-folder-fsync":
        folder_module._synchronise = lambda path: real(path) if path == target.parent else None
    elif defect == "no-parent-fsync":
        folder_module._synchronise = lambda path: None if path == target.parent else real(path)


def main() -> int:
    """Run the driver; the exit code is that of the error, as on dq's command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--replace", action="store_true")
    parser.add_argument("--hold", action="store_true")
    parser.add_argument("--content", type=int, default=0)
    parser.add_argument("--defect", choices=DEFECTS)
    options = parser.parse_args()
    plant(options.defect, options.target.absolute())
    print("ready", flush=True)
    try:
        produce(options.target, replace=options.replace, content=options.content, hold=options.hold)
    except DqError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
