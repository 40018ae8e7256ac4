"""Values that a closed set refuses: spellings of its members, or new members."""

from __future__ import annotations

from collections.abc import Iterator

from dq.dtypes.types import Family
from dq.report.recommendations.base import RECOMMENDATIONS, Advice, Recommendation, Run, several, share_of
from dq.report.recommendations.nearness import Spellings, known_words
from dq.spec.edits import Edit

NAMED = 3
MAPPED = 40


@RECOMMENDATIONS.register
class UnmappedSpellings(Recommendation):
    """Gather refused values that are spelt like an accepted one, and map them to it."""

    kind = "spellings"
    title = "refused values are spellings of accepted ones"

    def find(self, run: Run) -> Iterator[Advice]:
        """Yield one for each closed set of texts that refused spellings of its members."""
        for check in run.failing("accepted_values"):
            sample, field = run.tally.wrong.get(check["id"]), run.field_of(check)
            if sample is None or field.type.family is not Family.TEXT or not field.is_read:
                continue
            accepted = Spellings(known_words(field, run.bound(check)))
            near = [(text, count, member) for text, count in sample.ranked() if (member := accepted.meant(text))]
            if not near:
                continue
            records = sum(count for _, count, _ in near)
            mapped = {text: member for text, _, member in near[:MAPPED]}
            text = (
                f"{several(records, 'refusal')} of {check['failed']:,} by {check['id']} "
                f"{'is' if records == 1 else 'are'} {_clusters(mapped)}: map them"
            )
            edit = Edit("append", ("fields", field.name, "clean"), {"map": mapped})
            evidence = {
                "share": share_of(records, check["failed"]),
                "values": list(mapped),
                "observed": {text: count for text, count, _ in near[:MAPPED]},
            }
            yield Advice(check["id"], text, records, (edit,), evidence)


def _clusters(mapped: dict[str, str]) -> str:
    """Return in words how many spellings of which members there are."""
    members = list(dict.fromkeys(mapped.values()))
    words = [_cluster(member, [text for text, of in mapped.items() if of == member]) for member in members[:NAMED]]
    more = f" and of {len(members) - NAMED} more" if len(members) > NAMED else ""
    return ", ".join(words) + more


def _cluster(member: str, texts: list[str]) -> str:
    """Return in words which spellings of one member there are."""
    noun = "a spelling" if len(texts) == 1 else f"{len(texts)} spellings"
    return f"{noun} of {member} ({', '.join(texts[:NAMED])})"
