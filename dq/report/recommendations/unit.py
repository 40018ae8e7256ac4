"""Numbers with a unit behind them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.reading import readable_as, unreadable
from dq.spec.edits import Edit

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

NAMED = 5
_UNIT = re.compile(r"(-?[0-9.,]*[0-9])\s*([^\W\d_]{1,12}\.?|[%$€£₽])")


@RECOMMENDATIONS.register
class Unit(Recommendation):
    """Find the unit that stands behind numbers, and cut it off; several units, and per cent, a person must judge."""

    kind = "unit"
    title = "numbers have a unit behind them"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field with such numbers."""
        for check, field, texts in unreadable(run):
            if field.type.family is not Family.NUMBER:
                continue
            found = [(text, count, match) for text, count in texts if (match := _UNIT.fullmatch(text))]
            read = readable_as(field, [match[1] for _, _, match in found])
            found = [one for one, good in zip(found, read, strict=True) if good]
            if not found:
                continue
            units = sorted({match[2] for _, _, match in found})
            records, named = sum(count for _, count, _ in found), [text for text, _, _ in found][:3]
            lead = f"{several(records, 'number')} of {field.name} (for example {', '.join(named)})"
            evidence = {"share": share_of(records, check["failed"]), "values": named}
            advice, edits = _advice(field, units)
            have = "has" if records == 1 else "have"
            yield Advice(check["id"], f"{lead} {have} {advice}", records, edits, evidence)


def _advice(field: BoundField, units: list[str]) -> tuple[str, tuple[Edit, ...]]:
    """Return what to do about these units, and the step that does it where only one thing can be meant."""
    if len(units) > 1:
        return f"units ({', '.join(units[:NAMED])}): convert them to one with a `quantity` step", ()
    if units[0] == "%":
        return "a per cent sign, and nothing tells whether 5% is 5 or 0.05: `replace` the sign, or use `percent`", ()
    step = {"replace": {"pattern": rf"\s*{re.escape(units[0])}$", "with": ""}}
    edit = Edit("append", ("fields", field.name, "clean"), step)
    return f"the unit {units[0]} behind the number: cut it off", (edit,)
