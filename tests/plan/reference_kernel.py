"""What a specification means for a batch of records, row by row in plain Python: a second opinion for the kernel.

It is literal and slow.  It reads the specification as the mapping that was written, follows the life of a
record step by step, and shares with the program the types of the language and the evaluation of expressions.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from dq.dtypes.types import parse_type
from dq.expressions import Typed, check, parse
from dq.expressions.evaluate import evaluate

from .reference_cells import answer, literal, may_refuse, read_cell, shown, step_ids
from .reference_verdict import judge

OPTIONS = ("id", "severity", "on_fail", "mostly", "where")


@dataclass
class Check:
    """One check with its options; `keys` are the fields of a check of uniqueness."""

    id: str
    kind: str
    field: str | None
    parameter: Any = None
    severity: str = "error"
    on_fail: str = "quarantine"
    mostly: Fraction | None = None
    where: Typed | None = None
    expression: Typed | None = None
    keys: list[str] = field(default_factory=list)

    @property
    def refuses(self) -> bool:
        return self.on_fail in ("quarantine", "abort")


@dataclass
class Row:
    """One record on its way: `answers` says pass, fail, skip or block per check, `values_shown` what a reason shows."""

    number: int
    values: dict[str, Any] = field(default_factory=dict)
    blocked: set[str] = field(default_factory=set)
    answers: dict[str, str] = field(default_factory=dict)
    values_shown: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)
    before_repair: dict[str, Any] = field(default_factory=dict)
    repaired: list[str] = field(default_factory=list)
    door: str = ""
    by: str | None = None
    lost_to: int | None = None


@dataclass
class Outcome:
    """What became of a batch."""

    rows: list[Row]
    changed: Counter[str]
    counts: dict[str, Counter[str]]
    verdicts: dict[str, str]
    verdict: str
    aborted: bool

    def through(self, door: str) -> list[Row]:
        return [row for row in self.rows if row.door == door]


class Reference:
    """One specification, as the mapping that was written."""

    def __init__(self, spec: dict[str, Any], now: datetime) -> None:
        self.spec, self.now = spec, now
        self.fields: dict[str, dict[str, Any]] = spec["fields"]
        self.types = {name: parse_type(one["type"]) for name, one in self.fields.items()}
        self.taken: Counter[str] = Counter()
        self.derived = {n: self.typed(f["derive"]) for n, f in self.fields.items() if "derive" in f}
        self.late = self._late()
        self.filters = [(self._id(one, "filter"), self.typed(one["keep"])) for one in spec.get("filter", [])]
        self.field_checks = {name: self._field_checks(name, one) for name, one in self.fields.items()}
        self.row_checks = [self._row_check(one) for one in spec.get("checks", [])]
        self.checks = [one for listed in self.field_checks.values() for one in listed]
        self.checks += [Check(given, "filter", None, expression=keep) for given, keep in self.filters]
        self.checks += self.row_checks
        if spec.get("unknown_fields") == "quarantine":
            self.checks.append(Check("unknown_fields", "unknown_fields", None))

    def typed(self, text: str) -> Typed:
        return check(parse(text), self.types)

    def _id(self, options: dict[str, Any], default: str) -> str:
        if "id" in options:
            return str(options["id"])
        self.taken[default] += 1
        return default if self.taken[default] == 1 else f"{default}#{self.taken[default]}"

    def _late(self) -> set[str]:
        """Return the derived fields that read a value which is imputed, by whatever way."""
        late = {name for name, one in self.fields.items() if "impute" in one}
        for _ in self.derived:
            late |= {name for name, typed in self.derived.items() if typed.fields & late}
        return late & set(self.derived)

    def _field_checks(self, name: str, one: dict[str, Any]) -> list[Check]:
        steps = one.get("clean", [])
        checks = [
            Check(i, "clean", name) for i, step in zip(step_ids(name, steps), steps, strict=True) if may_refuse(step)
        ]
        checks.append(Check(self._id({}, f"{name}.type"), "type", name))
        if one.get("required"):
            checks.append(Check(self._id({}, f"{name}.required"), "required", name))
        for entry in one.get("checks", []):
            kind = next(key for key in entry if key not in OPTIONS)
            if kind == "type":
                own = next(check for check in checks if check.kind == "type")
                checks[checks.index(own)] = self._options(own, entry)
                continue
            made = Check(self._id(entry, f"{name}.{kind}"), kind, name, entry[kind])
            made.keys = [name] if kind == "unique" else []
            checks.append(self._options(made, entry))
        return checks

    def _row_check(self, entry: dict[str, Any]) -> Check:
        if "assert" in entry:
            made = Check(self._id(entry, "assert"), "assert", None, expression=self.typed(entry["assert"]))
        else:
            keys = entry["unique"]
            made = Check(self._id(entry, ".".join([*keys, "unique"])), "unique", None, keys=keys)
            made.field = keys[0] if len(keys) == 1 else None
        return self._options(made, entry)

    def _options(self, made: Check, entry: dict[str, Any]) -> Check:
        made.severity = entry.get("severity", "error")
        made.on_fail = entry.get("on_fail", "quarantine" if made.severity == "error" else "keep")
        made.mostly = Fraction(str(entry["mostly"])) if "mostly" in entry else None
        made.where = self.typed(entry["where"]) if "where" in entry else None
        return made

    # ---- the life of a record

    def run(self, records: list[dict[str, Any]], fail_on: str | None = None) -> Outcome:
        changed: Counter[str] = Counter()
        rows = [self.enter(Row(number), record, changed) for number, record in enumerate(records, 1)]
        for row in rows:
            self.filter(row)
        left = [row for row in rows if not row.door]
        missing = {name: sum(name in row.missing for row in left) for name in self.fields}
        present = len(left)
        for row in left:
            self.repair(row)
            for one in self.checks:
                if one.id not in row.answers and one.kind != "unique":
                    self.ask(row, one)
        left = self.dedupe(left)
        for one in self.checks:
            if one.kind == "unique":
                self.unique(left, one)
        for row in left:
            changed.update(row.repaired)
            self.settle_assertions(row)
            refused = any(row.answers[one.id] == "fail" and one.refuses for one in self.checks)
            row.door = "quarantined" if refused else "accepted"
        counts = {one.id: Counter(row.answers[one.id] for row in left) for one in self.checks}
        aborted = any(counts[one.id]["fail"] and one.on_fail == "abort" for one in self.checks)
        doors = Counter(row.door for row in rows)
        verdicts, verdict = judge(
            self.spec, self.checks, counts, doors, missing, present, strict=fail_on == "warning", aborted=aborted
        )
        for one in self.checks:  # a step that is a check too is counted as the check
            changed.pop(one.id, None)
        return Outcome(rows, changed, counts, verdicts, verdict, aborted)

    def enter(self, row: Row, record: dict[str, Any], changed: Counter[str]) -> Row:
        """Clean and cast every cell, set values to null that their checks say so of, and derive what can be."""
        for name, one in self.fields.items():
            if name in self.derived:
                continue
            words = one.get("missing", self.spec.get("missing", [""]))
            cell = read_cell(name, one, self.types[name], words, record.get(name))
            changed.update(cell.changed)
            row.values[name] = cell.value
            if cell.missing:
                row.missing.add(name)
            of_type = next(c for c in self.field_checks[name] if c.kind == "type")
            for given in [c.id for c in self.field_checks[name] if c.kind == "clean"]:
                refused = "fail" if given == cell.refused_by else "block" if cell.refused_by else "skip"
                row.answers[given] = "pass" if given in cell.passed else refused
                row.values_shown[given] = cell.shown
            row.answers[of_type.id] = "skip" if cell.missing else "fail" if cell.failed_cast else "pass"
            if cell.refused_by:
                row.answers[of_type.id] = "block"
            row.values_shown[of_type.id] = cell.shown
            if cell.refused_by or (cell.failed_cast and of_type.refuses):
                row.blocked.add(name)
        if "unknown_fields" in [one.id for one in self.checks]:
            unknown = {name: value for name, value in record.items() if name not in self.fields}
            row.answers["unknown_fields"] = "fail" if unknown else "pass"
            row.values_shown["unknown_fields"] = json.dumps(unknown, separators=(",", ":"))
        self.set_null(row, [name for name in self.fields if name not in self.derived])
        for name in self.ordered(late=False):
            self.derive(row, name)
            self.set_null(row, [name])
        return row

    def ordered(self, *, late: bool) -> list[str]:
        """Return derived fields so that each stands after what it reads."""
        wanted = [name for name in self.derived if (name in self.late) == late]
        done: list[str] = []
        while len(done) < len(wanted):
            done += [n for n in wanted if n not in done and not (self.derived[n].fields & set(wanted)) - set(done)]
        return done

    def derive(self, row: Row, name: str) -> None:
        typed = self.derived[name]
        of_type = next(c.id for c in self.field_checks[name] if c.kind == "type")
        if typed.fields & row.blocked:
            row.blocked.add(name)
            row.values[name] = None
            row.answers[of_type] = "block"
            return
        row.values[name] = evaluate(typed, row.values, self.now)
        row.answers[of_type] = "skip" if row.values[name] is None else "pass"
        if row.values[name] is None:
            row.missing.add(name)

    def set_null(self, row: Row, names: list[str]) -> None:
        """Ask the checks that set to null, all of the values as they are, and then set."""
        before = dict(row.values)
        for name in names:
            for one in self.field_checks[name]:
                if one.on_fail == "set_null" and one.kind not in ("type", "clean"):
                    self.ask(row, one, before)
                    if row.answers[one.id] == "fail":
                        row.values[name] = None

    def filter(self, row: Row) -> None:
        """False is filtered; unknown is a reason, unless a cell that it reads has one."""
        for given, keep in self.filters:
            blocked = bool(keep.fields & row.blocked)
            kept = None if blocked else evaluate(keep, row.values, self.now)
            if kept is False:
                row.door, row.by = "filtered", given
                return
            row.answers[given] = "block" if blocked else "pass" if kept else "fail"
            row.values_shown[given] = self.show(row.values, keep.fields)
            row.codes[given] = "filter.unknown"

    def show(self, values: dict[str, Any], names: frozenset[str]) -> dict[str, Any] | None:
        return {name: shown(values[name]) for name in sorted(names)} or None

    def repair(self, row: Row) -> None:
        """Fill what is missing with constants, and derive what reads them."""
        row.before_repair = dict(row.values)
        for name, one in self.fields.items():
            if "impute" in one and row.values[name] is None and name not in row.blocked:
                row.values[name] = literal(self.types[name], one["impute"]["constant"])
                row.repaired.append(f"{name}.impute")
        for name in self.ordered(late=True):
            self.derive(row, name)

    def ask(self, row: Row, one: Check, values: dict[str, Any] | None = None) -> None:
        """Ask one check of one row."""
        values = row.values if values is None else values
        reads = one.expression.fields if one.expression else frozenset({one.field})
        row.codes[one.id] = one.kind
        if one.where is not None and (
            one.where.fields & row.blocked or evaluate(one.where, values, self.now) is not True
        ):
            row.answers[one.id] = "skip"
        elif reads & row.blocked:
            row.answers[one.id] = "block"
        elif one.expression is not None:
            true = evaluate(one.expression, values, self.now)
            row.answers[one.id] = "pass" if true else "unknown" if true is None else "fail"
            row.codes[one.id] = "rule.unknown" if true is None else "rule.false"
            row.values_shown[one.id] = self.show(values, reads)
        else:
            assert one.field is not None
            true = answer(one.kind, one.parameter, self.types[one.field], values[one.field])
            row.answers[one.id] = "skip" if true is None else "pass" if true else "fail"
            row.values_shown[one.id] = shown(values[one.field])

    def settle_assertions(self, row: Row) -> None:
        """An assertion must be true: unknown fails it, unless one of its operands already has a reason."""
        for one in self.row_checks:
            if row.answers[one.id] == "unknown":
                assert one.expression is not None
                others = [c for name in one.expression.fields for c in self.checks if c.field == name and c.refuses]
                row.answers[one.id] = "skip" if any(row.answers[c.id] == "fail" for c in others) else "fail"

    def reasons(self, row: Row) -> list[tuple[str, str, str | None, Any, str]]:
        """Return check, code, field, value and severity of every failure, in the order of the checks."""
        return [
            (one.id, row.codes.get(one.id, one.kind), one.field, row.values_shown.get(one.id), one.severity)
            for one in self.checks
            if row.answers[one.id] == "fail"
        ]

    # ---- sets of records

    def dedupe(self, rows: list[Row]) -> list[Row]:
        rule = self.spec.get("dedupe")
        if not rule:
            return rows
        groups: dict[tuple[Any, ...], list[Row]] = {}
        for row in rows:
            key = tuple(row.before_repair[name] for name in rule["key"])
            if None not in key:
                groups.setdefault(key, []).append(row)
        for group in groups.values():
            best = group[0]
            for row in group[1:]:
                if self.beats(row, best, rule):
                    best = row
            for row in group:
                if row is not best:
                    row.door, row.lost_to = "deduplicated", best.number
        return [row for row in rows if not row.door]

    def beats(self, row: Row, best: Row, rule: dict[str, Any]) -> bool:
        """Whether a later record takes the place of an earlier one."""
        if rule.get("prefer") == "valid" and self.valid(row) != self.valid(best):
            return self.valid(row)
        if "order_by" not in rule:
            return rule.get("keep", "first") == "last"
        mine, theirs = row.before_repair[rule["order_by"]], best.before_repair[rule["order_by"]]
        if mine is None or theirs is None:
            return theirs is None and mine is not None
        return mine > theirs if rule.get("keep", "first") == "last" else mine < theirs

    def valid(self, row: Row) -> bool:
        """Whether a record has no reason of its own: from its cast, its filters or its row checks."""
        asked = Row(row.number, answers=dict(row.answers))
        for one in self.checks:
            if one.kind == "unique":
                asked.answers[one.id] = "skip"
        self.settle_assertions(asked)
        return not any(asked.answers[one.id] == "fail" and one.refuses for one in self.checks)

    def unique(self, rows: list[Row], one: Check) -> None:
        """Fail every copy of a repeated key among the rows that are asked; a key with a null is none."""
        asked = []
        for row in rows:
            row.codes[one.id] = "unique"
            where = one.where is None or (
                not one.where.fields & row.blocked and evaluate(one.where, row.values, self.now) is True
            )
            if not where:
                row.answers[one.id] = "skip"
            elif set(one.keys) & row.blocked:
                row.answers[one.id] = "block"
            elif any(row.values[key] is None for key in one.keys):
                row.answers[one.id] = "skip"
            else:
                asked.append(row)
        copies = Counter(tuple(row.values[key] for key in one.keys) for row in asked)
        for row in asked:
            row.answers[one.id] = "fail" if copies[tuple(row.values[key] for key in one.keys)] > 1 else "pass"
            everything = self.show(row.values, frozenset(one.keys))
            row.values_shown[one.id] = everything[one.keys[0]] if one.field and everything else everything
