"""A field whose values are distributed otherwise than in the state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run
from dq.report.recommendations.nearness import Spellings
from dq.spec.edits import Edit
from dq.states.top import Top

if TYPE_CHECKING:
    from dq.plan.bound import BoundField


@RECOMMENDATIONS.register
class DriftedField(Recommendation):
    """Name the fields that drifted and by which measure; new spellings of known values are mapped to those."""

    kind = "drifted_field"
    title = "the values of a field are distributed otherwise than in the state"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each comparison that failed."""
        for item in run.report["drift"]:
            if item["verdict"] not in {"fail", "warn"}:
                continue
            field = run.plan.by_name[item["field"]]
            measured = {
                name: measure["value"]
                for name, measure in item["measures"].items()
                if measure["passed"] is False and measure["value"] is not None
            }
            mapped = _mapped(run, field, item)
            said = ", ".join(f"{name} {value:.3g}" for name, value in measured.items())
            text = f"{field.name} drifted from the state ({said}): " + (
                f"{len(mapped)} new values are spellings of known ones: map them"
                if mapped
                else "look at the histograms; if the change is meant, learn a new state with `dq fit`"
            )
            edits = (Edit("append", ("fields", field.name, "clean"), {"map": mapped}),) if mapped else ()
            evidence = {"fields": [field.name], "observed": measured}
            yield Advice(item["id"], text, item["batch"]["rows"], edits, evidence)


def _mapped(run: Run, field: BoundField, item: dict[str, Any]) -> dict[str, str]:
    """Return the new values that are spelt like one that the reference has, with that."""
    reference = (run.tally.references or {}).get(field.name)
    if field.pii or field.type.family is not Family.TEXT or reference is None or not reference.has(Top):
        return {}
    known = Spellings({str(value): str(value) for value in reference.state(Top).counts})
    near = {str(new["value"]): known.meant(str(new["value"])) for new in item["new_values"]}
    return {text: meant for text, meant in near.items() if meant is not None}
