"""A run, what it recommends, and the same run after the spec took the advice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dq
from dq.drafting.amend import amend
from dq.plan.compiler import lint

from . import runs

NAME = "spec.dq.yaml"


@dataclass(frozen=True)
class Mended:
    """The reports of both runs, and the recommendation that lies between them."""

    before: dict[str, Any]
    item: dict[str, Any]
    after: dict[str, Any]
    text: str

    @property
    def freed(self) -> int:
        """How many more records were accepted."""
        return int(self.after["records"]["accepted"] - self.before["records"]["accepted"])


def advise(folder: Path, text: str, data: Any, **options: Any) -> dict[str, dict[str, Any]]:
    """Return the recommendations of a run by their id."""
    report = runs.plan(folder, text).check(data, now=runs.NOW, **options)
    return {item["id"]: item for item in report["recommendations"]}


def mended(folder: Path, text: str, data: Any, name: str, **options: Any) -> Mended:
    """Run, bring the recommendation of this id into the spec, lint that, and run again on the same data."""
    before = dict(runs.plan(folder, text).check(data, now=runs.NOW, **options).data)
    [item] = [one for one in before["recommendations"] if one["id"] == name]
    amended = amend(text, folder / NAME, [item])
    assert amended.applied == (name,), amended.refused
    path = folder / "mended.dq.yaml"
    path.write_text(amended.text, encoding="utf-8")
    assert lint(path) == []
    after = dict(dq.load(path).check(data, now=runs.NOW, **options).data)
    return Mended(before, item, after, amended.text)
