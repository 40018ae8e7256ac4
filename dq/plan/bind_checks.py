"""Binding of checks and cleaning steps: a name, raw parameters and a place become a kind."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dq.checks import CHECKS
from dq.checks.base import Target, suited
from dq.params import ParamError, Scalar, describe
from dq.plan.beside import names_read_fields
from dq.plan.bound import BoundCheck, BoundStep
from dq.plan.unknown import ROW_KINDS, note_unknown
from dq.spec.kinds import kind_nodes
from dq.steps.base import TEXT_STEPS, Tables

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.diagnostics import Span
    from dq.dtypes.types import Type
    from dq.plan.notes import Notes
    from dq.spec.model import CheckOptions, KindNode


class Ids:
    """Gives every check its id, and notes one that is given twice."""

    def __init__(self, notes: Notes) -> None:
        """Begin with no id taken."""
        self._notes = notes
        self._taken: set[str] = set()
        self._counts: Counter[str] = Counter()

    def give(self, given: str | None, default: str, span: Span) -> str:
        """Return the given id, or `default`, with `#2` for a second."""
        if given is not None:
            if given in self._taken:
                self._notes.note("DQ312", span, id=given)
            self._taken.add(given)
            return given
        self._counts[default] += 1
        count = self._counts[default]
        chosen = default if count == 1 else f"{default}#{count}"
        while chosen in self._taken:
            count += 1
            chosen = f"{default}#{count}"
        self._taken.add(chosen)
        return chosen


def bind_steps(
    notes: Notes, field: str, raw: list[Any], types: Mapping[str, Type], tables: Tables
) -> tuple[BoundStep, ...]:
    """Return the bound steps of a `clean` list; mistakes are noted and left out.  `types` are those of all fields."""
    steps: list[BoundStep] = []
    seen: Counter[str] = Counter()
    path = ("fields", field, "clean")
    known = TEXT_STEPS.names()
    for node in kind_nodes(notes.document, path, raw, notes.diagnostics, known):
        kind = TEXT_STEPS.find(node.name)
        if kind is None:
            note_unknown(notes, "DQ302", node, known)
            continue
        params = notes.params(kind.Params, node)
        if params is None:
            continue
        try:
            step = kind.bind(params, tables)
        except ParamError as error:
            notes.param_error(error, node)
            continue
        if not names_read_fields(notes, step, node, types):
            continue
        seen[kind.kind] += 1
        number = f"#{seen[kind.kind]}" if seen[kind.kind] > 1 else ""
        steps.append(BoundStep(f"{field}.{kind.kind}{number}", step, node.span))
    return tuple(steps)


class CheckBinder:
    """Binds the checks of one spec."""

    def __init__(self, notes: Notes, types: Mapping[str, Type], ids: Ids, reference: Any) -> None:
        """Keep what checks may need to know: the types of all fields, and where references are read."""
        self.notes = notes
        self.types = types
        self.ids = ids
        self.reference = reference

    def of_field(self, field: str, raw: list[Any], implied: list[BoundCheck]) -> tuple[BoundCheck, ...]:
        """Return the implied checks of a field and the ones of its list, in order."""
        checks = {check.kind if check.kind != "clean" else check.id: check for check in implied}
        bound: list[BoundCheck] = []
        path = ("fields", field, "checks")
        for node in kind_nodes(self.notes.document, path, raw, self.notes.diagnostics, CHECKS.names()):
            kind = CHECKS.find(node.name)
            if kind is None:
                note_unknown(self.notes, "DQ301", node, CHECKS.names())
            elif kind.kind in checks:
                self._override(checks, kind.kind, node)
            elif (check := self._field_check(field, kind, node)) is not None:
                bound.append(check)
        return (*checks.values(), *bound)

    def of_untyped_field(self, field: str, raw: list[Any]) -> None:
        """Note unknown checks and parameters of a field whose type is not known."""
        path = ("fields", field, "checks")
        for node in kind_nodes(self.notes.document, path, raw, self.notes.diagnostics, CHECKS.names()):
            kind = CHECKS.find(node.name)
            if kind is None:
                note_unknown(self.notes, "DQ301", node, CHECKS.names())
            else:
                self.notes.params(kind.Params, node)

    def _override(self, checks: dict[str, BoundCheck], kind: str, node: KindNode) -> None:
        """Give an implied check (`type`, `required`) the options that the list states for it."""
        if node.params:
            self.notes.params(CHECKS.find(kind).Params, node)  # type: ignore[union-attr]
        implied = checks[kind]
        if kind == "required":
            where = f"field '{implied.field}', which says 'required: true'"
            self.notes.note("DQ324", node.span, name=node.name, where=where)
            return
        if implied.span != self.notes.key("fields", implied.field or ""):
            self.notes.note("DQ324", node.span, name=node.name, where=f"the checks of '{implied.field}'")
            return
        checks[kind] = self._with_options(replace(implied, span=node.span), node.options, node)

    def _field_check(self, field: str, kind: Any, node: KindNode) -> BoundCheck | None:
        target = Target(field, self.types[field], self.reference)
        if kind.families is not None and target.type.family not in kind.families:
            fits = suited(kind.families)
            self.notes.note("DQ304", node.span, check=kind.kind, field=field, type=str(target.type), fits=fits)
            return None
        params = self.notes.params(kind.Params, node)
        if params is None:
            return None
        try:
            check = kind(params, target)
        except ParamError as error:
            self.notes.param_error(error, node)
            return None
        bound = BoundCheck(
            id=self._id(node, f"{field}.{kind.kind}"),
            kind=kind.kind,
            dimension=kind.dimension,
            field=field,
            severity="error",
            on_fail="quarantine",
            mostly=None,
            where=None,
            expected=check.expected(),
            reads=frozenset({field}),
            span=node.span,
            check=check,
            keys=check.fields if kind.set_level else (),
        )
        return self._with_options(bound, node.options, node)

    def _id(self, node: KindNode, default: str) -> str:
        return self.ids.give(node.options.id, default, self.notes.at(*node.option_path("id")))

    def _with_options(self, check: BoundCheck, options: CheckOptions, node: KindNode) -> BoundCheck:
        where = None
        if options.where is not None:
            where = self.notes.expression(options.where, dict(node.written)["where"], self.types, boolean=True)
        on_fail = options.on_fail or ("quarantine" if options.severity == "error" else "keep")
        if on_fail == "set_null" and check.field is None:
            self.notes.note(
                "DQ321", node.span, option="on_fail: set_null", problem="a check of a whole row has no value to set"
            )
        if on_fail == "abort" and options.mostly is not None:
            problem = "with on_fail: abort the first row that fails ends the run"
            self.notes.note("DQ321", self.notes.at(*node.option_path("mostly")), option="mostly", problem=problem)
        if on_fail == "set_null" and check.keys:
            self.notes.note("DQ321", node.span, option="on_fail: set_null", problem="uniqueness is known too late")
        return replace(
            check,
            severity=options.severity,
            on_fail=on_fail,
            mostly=options.mostly,
            where=where,
            id=options.id or check.id,
        )

    def of_rows(self, raw: list[Any]) -> tuple[BoundCheck, ...]:
        """Return the top-level checks: assertions about a row, and uniqueness of several fields."""
        bound: list[BoundCheck] = []
        for node in kind_nodes(self.notes.document, ("checks",), raw, self.notes.diagnostics, ROW_KINDS):
            if node.name == "assert":
                check = self._assertion(node)
            elif node.name == "unique":
                check = self._unique(node)
            else:
                note_unknown(self.notes, "DQ301", node, ROW_KINDS)
                continue
            if check is not None:
                bound.append(self._with_options(check, node.options, node))
        return tuple(bound)

    def _assertion(self, node: KindNode) -> BoundCheck | None:
        if not isinstance(node.params, Scalar):
            found = describe(node.params) if node.params is not None else "nothing"
            span = self.notes.at(*node.value_path)
            self.notes.note("DQ307", span, what="'assert'", expected="an expression", found=found)
            return None
        typed = self.notes.expression(node.params.text, node.value_path, self.types, boolean=True)
        if typed is None:
            return None
        return BoundCheck(
            id=self._id(node, "assert"),
            kind="assert",
            dimension="consistency",
            field=None,
            severity="error",
            on_fail="quarantine",
            mostly=None,
            where=None,
            expected=f"a row for which {typed.canonical} is true",
            reads=typed.fields,
            span=node.span,
            assertion=typed,
        )

    def _unique(self, node: KindNode) -> BoundCheck | None:
        raw = node.params if isinstance(node.params, list) else [node.params]
        names = [item for item in raw if isinstance(item, Scalar)]
        if not names or len(names) != len(raw):
            found = describe(node.params) if node.params is not None else "nothing"
            span = self.notes.at(*node.value_path)
            self.notes.note("DQ307", span, what="'unique'", expected="a list of fields", found=found)
            return None
        self.notes.once([item.text for item in names], node.value_path)
        for item in names:
            if item.text not in self.types:
                self.notes.absent(item.text, item.span or node.span, self.types, "unique")
                return None
        keys = tuple(item.text for item in names)
        return BoundCheck(
            id=self._id(node, ".".join((*keys, "unique"))),
            kind="unique",
            dimension="uniqueness",
            field=keys[0] if len(keys) == 1 else None,
            severity="error",
            on_fail="quarantine",
            mostly=None,
            where=None,
            expected=f"{', '.join(keys)} that no other row has",
            reads=frozenset(keys),
            span=node.span,
            keys=keys,
        )
