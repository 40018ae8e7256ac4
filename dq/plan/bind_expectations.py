"""Binding of expectations: of the whole batch, of one field under it, or of a field that is named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dq.checks.base import suited
from dq.checks.expectations import EXPECTATIONS, Expectation, Subject
from dq.params import ParamError
from dq.plan.bound import BoundExpectation, BoundField
from dq.plan.unknown import note_unknown
from dq.spec.kinds import kind_nodes

if TYPE_CHECKING:
    from dq.dtypes.types import Type
    from dq.plan.bind_checks import Ids
    from dq.plan.notes import Notes
    from dq.spec.model import KindNode


@dataclass(frozen=True, slots=True)
class ExpectationBinder:
    """Binds the expectations of one spec; `reference` reads the reference files beside it."""

    notes: Notes
    fields: Mapping[str, BoundField]
    ids: Ids
    reference: Callable[[str, str], tuple[str, ...]]

    @property
    def types(self) -> dict[str, Type]:
        """The types of all fields."""
        return {name: field.type for name, field in self.fields.items()}

    def bind(self, path: tuple[str, ...], field: str | None, raw: list[Any]) -> list[BoundExpectation]:
        """Return the expectations of the list at a path: of the spec (`field` is None), or of one field."""
        nodes = kind_nodes(self.notes.document, path, raw, self.notes.diagnostics, EXPECTATIONS.names())
        bound = (self._bind(node, field) for node in nodes)
        return [expectation for expectation in bound if expectation is not None]

    def _bind(self, node: KindNode, field: str | None) -> BoundExpectation | None:
        """Return one expectation, or None after noting what is wrong with it."""
        kind = EXPECTATIONS.find(node.name)
        if kind is None or (field is not None and kind.scope == "batch"):
            known = [k.kind for k in EXPECTATIONS if field is None or k.scope == "field"]
            note_unknown(self.notes, "DQ303", node, known)
            return None
        for option in ("on_fail", "mostly", "where"):
            if option in dict(node.written):
                problem = "an expectation asks one question of the whole batch"
                self.notes.note("DQ321", self.notes.key(*node.option_path(option)), option=option, problem=problem)
        params = self.notes.params(kind.Params, node)
        if params is None:
            return None
        about = self._about(kind, params, node, field)
        if kind.scope == "field" and about is None:
            return None
        return self._made(kind, params, node, about)

    def _about(self, kind: type[Expectation], params: Any, node: KindNode, field: str | None) -> str | None:
        """Return the field that is asked about; None for the whole batch, or after noting why there is none."""
        named = kind.names(params)
        absent = [(path, name) for path, name in named.items() if name not in self.types]
        for path, name in absent:
            place = self.notes.at(*node.param_path(str(path[0])), *path[1:])
            self.notes.absent(name, place, self.types, node.name)
        if absent or kind.scope == "batch":
            return None
        given = next(iter(named.values()), None)
        if field is not None and given is not None:
            problem = f"the expectation stands under {field}, and is about it"
            self.notes.note("DQ321", self.notes.key(*node.param_path("field")), option="field", problem=problem)
            return None
        if field is None and given is None:
            self.notes.note("DQ306", node.span, kind=node.name, key="field")
        return field or given

    def _made(self, kind: type[Expectation], params: Any, node: KindNode, field: str | None) -> BoundExpectation | None:
        """Return the expectation with its id, if its parameters fit what it is about."""
        asked = [field] if field is not None else list(dict.fromkeys(kind.names(params).values()))
        for name in asked:
            if name not in self.types:
                return None
            if kind.families is not None and self.types[name].family not in kind.families:
                fits = suited(kind.families)
                self.notes.note("DQ304", node.span, check=node.name, field=name, type=str(self.types[name]), fits=fits)
                return None
        personal = any(self.fields[name].pii for name in asked)
        try:
            expectation = kind(params, Subject(field, self.types, self.reference, personal))
        except ParamError as error:
            self.notes.param_error(error, node)
            return None
        default = f"{field}.{kind.kind}" if field is not None else kind.kind
        given = self.ids.give(node.options.id, f"expect.{default}", self.notes.at(*node.option_path("id")))
        hides = kind.reveals and personal
        return BoundExpectation(given, field, node.options.severity, expectation, node.span, hides)
