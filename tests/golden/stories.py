"""The small examples as whole runs: what is run, and how its output folder is read for comparison.

`python tests/golden/stories.py` writes the expected folders anew; read the diff before you commit it.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).parent
NOW = "2026-11-22T06:00:00Z"
APART = {
    "run.json",
    "manifest.json",
    "report.html",
}  # the first is not reproducible; the others have rules of their own


@dataclass(frozen=True)
class Story:
    """An example folder, its spec and inputs, and the exit code of its run."""

    name: str
    spec: str
    inputs: tuple[str, ...]
    code: int

    def run(self, out: Path) -> int:
        """Run the example as the command line does and return the exit code."""
        from dq.cli.main import run

        folder = ROOT / "examples" / self.name
        paths = [str(folder / name) for name in self.inputs]
        return run(["run", str(folder / self.spec), *paths, "--out", str(out), "--now", NOW, "--quiet"])


STORIES = (
    Story("newcomer", "orders.dq.yaml", ("orders.csv",), 1),
    Story("churn", "churn.dq.yaml", ("spring.csv",), 1),
    Story("russian_shop", "orders.dq.yaml", ("orders.csv",), 0),
    Story("two_sources", "purchase.dq.yaml", ("web.jsonl", "app.json"), 0),
)


def contents(out: Path) -> dict[str, bytes]:
    """Return the files of an output folder as they are compared: Parquet as its rows, the rest byte for byte."""
    found: dict[str, bytes] = {}
    for path in sorted(out.iterdir()):
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            schema = ", ".join(f"{name} {dtype}" for name, dtype in frame.schema.items())
            found[path.name + ".txt"] = (schema + "\n" + frame.write_ndjson()).encode()
        elif path.name not in APART:
            found[path.name] = path.read_bytes()
    return found


def renew(story: Story) -> None:
    """Write the expected folder of a story."""
    target = EXPECTED / story.name
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        code = story.run(out)
        if code != story.code:
            sys.exit(f"{story.name}: exit code {code}, expected {story.code}")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for name, data in contents(out).items():
            (target / name).write_bytes(data)
    print(target.relative_to(ROOT))


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    for each in STORIES:
        renew(each)
