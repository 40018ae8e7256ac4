"""Fields that arrived and that the spec does not name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.report.recommendations.sources import other_names
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.tally import SourceTally

SHOWN = 8
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@RECOMMENDATIONS.register
class UnknownFields(Recommendation):
    """Name the fields that a source brings and the spec does not, and declare them as text."""

    kind = "unknown_fields"
    title = "fields arrived that the spec does not name"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each input that has such fields; `share` is of the field that most records have."""
        refused = sum(check["failed"] for check in run.failing("unknown_fields"))
        for source in run.tally.sources:
            names = sorted(set(source.account.unknown) - set(other_names(run, source).values()))
            if not names:
                continue
            shown = ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")
            noun = "a field" if len(names) == 1 else f"{len(names)} fields"
            text = f"{source.name} brings {noun} that the spec does not name: {shown}"
            edits = tuple(edit for name in names for edit in _edits(run, source, name))
            counts = {name: source.account.unknown[name] for name in names[:SHOWN]}
            yield Advice(source.name, text, refused, edits, {"fields": names, "observed": counts})


def _edits(run: Run, source: SourceTally, name: str) -> Iterator[Edit]:
    """Yield what declares a field; a name that no field can have is mapped to one, where the source is declared."""
    declared = str(source.dialect["name"])
    field = name if _NAME.fullmatch(name) else re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not _NAME.fullmatch(field) or field in run.plan.by_name:
        return
    if field != name and declared not in {source.name for source in run.plan.sources}:
        return
    yield Edit("set", ("fields", field), {"type": "string"})
    if field != name:
        path = name if source.dialect["format"] in {"csv", "parquet"} else re.sub(r"([\\.\[\]])", r"\\\1", name)
        yield Edit("set", ("sources", declared, "fields", field), path)
