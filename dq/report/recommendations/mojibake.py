"""Text that was written as UTF-8 and read as something else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several
from dq.report.recommendations.sources import source_edits
from dq.spec.edits import Edit
from dq.states.top import Top

if TYPE_CHECKING:
    from dq.plan.bound import BoundField

CODECS = ("cp1252", "latin-1", "cp1251")
NAMED = 3


@RECOMMENDATIONS.register
class Mojibake(Recommendation):
    """Find texts such as `cafÃ©`, which no decoder refuses: the declared encoding is wrong, or was wrong before.

    Where the input is declared to be in an encoding of one byte a character, UTF-8 is recommended for it, and else a
    step that mends the text.
    """

    kind = "mojibake"
    title = "text was written as UTF-8 and read in another encoding"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each field of text with such values."""
        for field in run.plan.fields:
            mended = _mended(run, field)
            if not mended:
                continue
            count, shown = sum(mended.values()), ", ".join(list(mended)[:NAMED])
            text = (
                f"{several(count, 'value')} of {field.name} ({shown}) {'is' if count == 1 else 'are'} UTF-8 that was "
                "read in another encoding: declare or mend it"
            )
            evidence = {"fields": [field.name], "observed": dict(mended.most_common(NAMED))}
            yield Advice(field.name, text, count, _edits(run, field), evidence)


def _mended(run: Run, field: BoundField) -> Counter[str]:
    """Return the texts of a field that become another when they are read as UTF-8, with their counts."""
    profile = run.tally.before.get(field.name)
    if field.pii or profile is None or field.type.family is not Family.TEXT:
        return Counter()
    if any(bound.step.kind == "fix_mojibake" for bound in field.steps):
        return Counter()
    ranked = profile.state(Top).ranked()
    return Counter({str(text): count for text, count in ranked if _is_misread(str(text))})


def _is_misread(text: str) -> bool:
    """Whether the bytes of a text in a usual encoding of one byte are UTF-8 beyond ASCII."""
    if text.isascii():
        return False
    for codec in CODECS:
        try:
            text.encode(codec).decode("utf-8")
        except UnicodeError:
            continue
        return True
    return False


def _edits(run: Run, field: BoundField) -> tuple[Edit, ...]:
    """Return the encoding of the only input, if it is declared otherwise; else the step that mends text."""
    [first, *others] = run.tally.sources
    if not others and first.dialect["encoding"] != "utf-8" and first.dialect["format"] in {"csv", "jsonl", "json"}:
        return source_edits(run, first, ("encoding",), "utf-8")
    return (Edit("append", ("fields", field.name, "clean"), "fix_mojibake"),)
