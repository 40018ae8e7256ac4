"""Records that violate uniqueness: two and two of them with one key, and nothing else wrong with either."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dq.expressions.evaluate import evaluate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dq.plan.bound import BoundCheck
    from dq.plan.plan import CompiledPlan
    from dq.sampling.judge import Answer
    from dq.sampling.maker import Maker, Record

DEDUPE = "dedupe"


class Keys:
    """The keys of a plan, by the ids of its checks of uniqueness and that of deduplication, and those taken."""

    def __init__(self, plan: CompiledPlan) -> None:
        """Begin with nothing taken."""
        fields = {check.id: check.keys for check in plan.checks if check.keys}
        if plan.dedupe is not None and plan.dedupe.key:
            fields[DEDUPE] = plan.dedupe.key
        columns = plan.canonical_columns
        self._places = {name: [columns.index(each) for each in key] for name, key in fields.items()}
        self._taken: dict[str, set[tuple[Any, ...]]] = {name: set() for name in fields}

    def of(self, name: str, row: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """Return a key of a canonical row; None where a part of it is null, which is no key."""
        key = tuple(row[place] for place in self._places[name])
        return None if None in key else key

    def met(self, row: tuple[Any, ...]) -> list[str]:
        """Return which keys of a row were taken."""
        return [name for name in self._places if self.of(name, row) in self._taken[name]]

    def take(self, row: tuple[Any, ...]) -> None:
        """Take the keys of a row."""
        for name in self._places:
            key = self.of(name, row)
            if key is not None:
                self._taken[name].add(key)


def repeated(
    maker: Maker, check: BoundCheck, valid: Sequence[tuple[Record, Answer]], keys: Keys
) -> tuple[list[Record], str | None]:
    """Return valid records of which every second one was given the key of the one before, and what is in the way.

    Each is accepted by itself, and of their keys only the one of the check is shared.  `valid` are records that the
    check is asked of, with keys of their own, which `keys` holds.
    """
    rows = [(record, answer.row or ()) for record, answer in valid]
    names = maker.fields_of_key(check)
    pairs = list(zip(rows[::2], rows[1::2], strict=False))
    others = [other | {name: first[name] for name in names} for (first, _), (other, _) in pairs]
    found: list[Record] = []
    ways: set[str] = set()
    for ((first, _), (_, before)), other, answer in zip(pairs, others, maker.ask(others), strict=True):
        trouble = _trouble(answer, before, check, keys)
        ways |= trouble
        if not trouble and is_asked(maker, check, answer):
            found += [first, other]
    if len(found) == len(valid):
        return found, None
    also = f"; what violates it also {' or '.join(sorted(ways))}" if ways else ", for they come two and two"
    return found, f"{len(found)} of {len(valid)} records that violate {check.id} and nothing else were found{also}"


def is_asked(maker: Maker, check: BoundCheck, answer: Answer) -> bool:
    """Whether a check of uniqueness is asked of an accepted record: it has a key, and the condition holds."""
    if answer.row is None:
        return False
    values = dict(zip(maker.plan.canonical_columns, answer.row, strict=True))
    if any(values[name] is None for name in check.keys):
        return False
    return check.where is None or evaluate(check.where, values, maker.now) is True


def _trouble(answer: Answer, before: tuple[Any, ...], check: BoundCheck, keys: Keys) -> set[str]:
    """Return in words what a record does, beside failing the check, that was given a key; `before` is its own row."""
    row = answer.row
    if row is None or not answer.is_clean:
        return {f"violates {fault}" for fault in answer.faults}
    met = [name for name in keys.met(row) if name != check.id and keys.of(name, row) != keys.of(name, before)]
    return {"is a duplicate, and removed" if name == DEDUPE else f"violates {name}" for name in met}
