"""`run.json`: the only output that is not reproducible: times, host, paths, command, versions."""

from __future__ import annotations

import platform
import sys
from datetime import UTC, datetime
from importlib import metadata
from typing import TYPE_CHECKING, Any

from dq.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.engines.earlier import EarlierOutput
    from dq.engines.inputs import Input
    from dq.plan.tally import Tally

PACKAGES = ("polars", "pandera", "pydantic", "jiter", "orjson", "numpy", "tzdata")


def run_record(
    tally: Tally,
    inputs: list[Input],
    command: list[str] | None,
    earlier: Sequence[EarlierOutput] = (),
    trained: Sequence[EarlierOutput] = (),
) -> dict[str, Any]:
    """Return what is worth knowing about this one execution."""
    return {
        "finished": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "host": platform.node(),
        "python": sys.version.split()[0],
        "dq": VERSION,
        "packages": {name: _version(name) for name in PACKAGES},
        "command": command,
        "inputs": [{"name": item.name, "path": str(item.path) if item.path else None} for item in inputs],
        **({"against": _places(earlier)} if earlier else {}),
        **({"train": _places(trained)} if trained else {}),
        "seconds": {stage: round(seconds, 6) for stage, seconds in tally.seconds.items()},
    }


def _places(outputs: Sequence[EarlierOutput]) -> list[dict[str, str]]:
    """Return where earlier outputs lie."""
    return [{"name": output.name, "path": str(output.path)} for output in outputs]


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
