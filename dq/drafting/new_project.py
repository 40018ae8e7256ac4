"""A new project in a folder: a specification, tiny data that keeps it and that does not, a README, a file for CI."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from dq.errors import SinkError, UsageError
from dq.sinks.single import write_file

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

SPEC, GOOD, BROKEN = "orders.dq.yaml", "data/orders.csv", "data/orders-broken.csv"
FILES = {  # of the project: of the template
    SPEC: SPEC,
    GOOD: GOOD,
    BROKEN: BROKEN,
    "README.md": "README.md",
    ".github/workflows/data.yml": "github/workflows/data.yml",
}
COMMANDS = (
    (f"dq check {SPEC} {GOOD}", "passes"),
    (f"dq check {SPEC} {BROKEN}", "fails, and says why"),
    (f"dq test {SPEC}", "runs the examples in the specification"),
)


def create(folder: Path) -> list[str]:
    """Write the project into a folder, which is made if it is not there, and return the names of its files.

    UsageError where one of them is there already: nothing is overwritten, and then nothing is written.  SinkError where
    a file cannot be written.
    """
    there = [name for name in FILES if (folder / name).exists() or (folder / name).is_symlink()]
    if there:
        raise UsageError(f"{folder}: {', '.join(there)}: already there, and nothing is overwritten")
    template = files("dq.drafting") / "template"
    for name, source in FILES.items():
        _write(folder / name, template / source)
    return list(FILES)


def _write(path: Path, source: Traversable) -> None:
    """Write one file of the template."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(f"{path.parent}: the folder cannot be made: {error.strerror}") from error
    write_file(path, source.read_bytes(), mode=0o644)
