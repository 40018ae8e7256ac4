"""The report as a value: what a run returns and what is read again from `report.json`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from dq.errors import SourceError, UsageError
from dq.report.build import dump
from dq.report.renderers import RENDERERS, render
from dq.report.schema import parse


@dataclass(frozen=True, slots=True)
class Report:
    """The quality report.  `data` holds the same JSON values as `report.json`."""

    data: Mapping[str, Any]

    @property
    def verdict(self) -> str:
        """`pass`, `warn` or `fail`."""
        return str(self.data["verdict"])

    @property
    def records(self) -> Mapping[str, int]:
        """Counts of records: read, and by door."""
        return dict(self.data["records"])

    def __getitem__(self, key: str) -> Any:
        """Return a part of the report by its name in `report.json`."""
        return self.data[key]

    def json(self) -> bytes:
        """Return the bytes of `report.json`."""
        return dump(dict(self.data))

    def render(self, form: str = "html", paths: Mapping[str, str] | None = None) -> bytes:
        """Return the report in another format, made from what `report.json` holds and nothing else.

        A report knows files by name only; `paths` says where a reader finds them, for formats that lead there.
        UsageError for a format that does not exist.
        """
        if form not in RENDERERS:
            raise UsageError(f"a report has no format {form!r}: there are {', '.join(RENDERERS)}")
        return render(orjson.loads(self.json()), form, paths)


def load_report(path: str | os.PathLike[str]) -> Report:
    """Read the `report.json` of a run, by its path or by the run's folder.

    SourceError if it cannot be read, UsageError if it is none.
    """
    file = Path(path)
    try:
        data = (file / "report.json" if file.is_dir() else file).read_bytes()
    except OSError as error:
        raise SourceError(f"{os.fspath(path)}: the report cannot be read: {error.strerror}") from error
    return Report(parse(data, os.fspath(path)))
