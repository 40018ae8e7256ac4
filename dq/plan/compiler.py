"""The compiler: a document becomes a plan, or every reason why it cannot.

It binds what the spec names, orders derived fields, cuts the steps at the barriers, and collects all
diagnostics before it refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

from dq import checks, steps
from dq.checks import ml
from dq.diagnostics import Diagnostic, Severity
from dq.errors import SpecError
from dq.plan.beside import bind_beside
from dq.plan.bind_checks import CheckBinder, Ids
from dq.plan.bind_dedupe import bind_dedupe, note_late
from dq.plan.bind_examples import bind_examples
from dq.plan.bind_expectations import ExpectationBinder
from dq.plan.bind_fields import FieldBinder, bind_types
from dq.plan.bind_impute import bind_indicators
from dq.plan.bind_match import bind_match
from dq.plan.bind_ml import bind_ml
from dq.plan.bind_sources import bind_sources
from dq.plan.bound import BoundCheck, BoundExpectation, BoundField, BoundFilter
from dq.plan.contradictions import note_contradictions, note_idle
from dq.plan.levels import cut_levels
from dq.plan.notes import Notes
from dq.plan.plan import CompiledPlan, Gate
from dq.plan.references import References
from dq.plan.timing import note_timing
from dq.plan.waivers import bind_waivers
from dq.spec.document import Document
from dq.spec.loader import read_draft, reads
from dq.spec.waivers import read_waivers
from dq.steps import fitted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.diagnostics import Span
    from dq.dtypes.types import Type
    from dq.spec.model import GateModel, Spec


def load(path: str | Path) -> CompiledPlan:
    """Return the plan of the spec in this file; SpecError with every diagnostic if it is refused."""
    return _accepted(*_judge(path))


def _accepted(plan: CompiledPlan | None, diagnostics: list[Diagnostic]) -> CompiledPlan:
    """Return the plan, or raise what speaks against it."""
    if plan is None or any(d.severity is Severity.ERROR for d in diagnostics):
        raise SpecError(diagnostics)
    return plan


def lint(path: str | Path, waivers: str | Path | None = None) -> list[Diagnostic]:
    """Return every diagnostic of the spec in this file, in order of place, then those of its waivers, if it has some.

    None means that both are sound.  Of waivers for a spec that is refused, only the structure is judged.
    """
    plan, diagnostics = _judge(path)
    if waivers is None:
        return diagnostics
    return [*diagnostics, *(read_waivers(waivers)[3] if plan is None else bind_waivers(waivers, plan)[1])]


def load_text(text: str, name: str, root: Path) -> CompiledPlan:
    """Return the plan of a spec's text, as `load` does; `root` is the folder that its paths start from."""
    return _accepted(*_judge_draft(*reads(text, name, root)))


def lint_text(text: str, name: str, root: Path) -> list[Diagnostic]:
    """Return every diagnostic of a spec's text, as `lint` does; `root` is the folder that its paths start from."""
    return _judge_draft(*reads(text, name, root))[1]


def _judge(path: str | Path) -> tuple[CompiledPlan | None, list[Diagnostic]]:
    """Return the plan, if there is one, and every diagnostic; what is refused early is judged on as a draft."""
    return _judge_draft(*read_draft(path))


def _judge_draft(
    document: Document | None, diagnostics: list[Diagnostic]
) -> tuple[CompiledPlan | None, list[Diagnostic]]:
    """Return the plan of what was read, if there is one, with the diagnostics of reading and of binding."""
    if document is None:
        return None, in_order(diagnostics)
    plan, more = compile_document(document)
    if document.draft:
        plan, more = None, _without_consequences(more, diagnostics)
    return plan, in_order([*diagnostics, *more])


_OF_DRAFTS = frozenset({"DQ316"})  # an imputation may have been given, but wrongly
_OF_DUPLICATES = frozenset({"DQ311", "DQ402"})  # a field may stand in the second of two equal keys


def _without_consequences(more: list[Diagnostic], first: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics of a draft that do not only follow from what was found before."""
    taken = {(d.span.file, d.span.line, d.span.column) for d in first}
    cut = {(d.span.file, d.span.line) for d in first if d.code == "DQ108"}
    doubtful = _OF_DRAFTS | (_OF_DUPLICATES if any(d.code == "DQ102" for d in first) else frozenset())
    return [
        d
        for d in more
        if (d.span.file, d.span.line, d.span.column) not in taken
        and (d.span.file, d.span.line) not in cut
        and d.code not in doubtful
    ]


def in_order(diagnostics: list[Diagnostic]) -> list[Diagnostic]:
    """Return the diagnostics by place, each once."""
    unique = {(d.span.file, d.span.line, d.span.column, d.code, d.message): d for d in diagnostics}
    return [unique[key] for key in sorted(unique)]


def compile_document(document: Document) -> tuple[CompiledPlan | None, list[Diagnostic]]:
    """Return the plan of a document, or None, and everything that is wrong with it."""
    checks.load()
    ml.load()
    steps.load()
    fitted.load()
    compiler = Compiler(document)
    plan = compiler.compile()
    return plan, in_order(compiler.notes.diagnostics)


@dataclass
class Compiler:
    """Compiles one document; used once."""

    document: Document

    def __post_init__(self) -> None:
        self.notes = Notes(self.document)
        self.spec: Spec = self.document.spec
        self.ids = Ids(self.notes)
        self.references = References(self.document.root)

    def compile(self) -> CompiledPlan | None:
        """Return the plan, or None if any error was noted."""
        spec = self.spec
        types = bind_types(self.notes, spec.fields)
        self.notes.lost.update(self.document.lost, spec.fields.keys() - types.keys())
        indicators = bind_indicators(self.notes, spec.fields)
        types |= {name: column.type for name, column in indicators.items()}
        binder = CheckBinder(self.notes, types, self.ids, self.references.values)
        fields = bind_beside(self.notes, _with_indicators(self._fields(types, binder), indicators))
        derived = self._order_derived(fields)
        fields = {name: next((d for d in derived if d.name == name), field) for name, field in fields.items()}
        filters = self._filters(fields)
        row_checks = binder.of_rows(spec.checks)
        dedupe = bind_dedupe(self.notes, spec.dedupe, fields)
        expectations = self._expectations(fields)
        note_contradictions(self.notes, row_checks)
        note_idle(self.notes, expectations)
        note_timing(self.notes, fields, derived, expectations)
        sources = bind_sources(self.notes, spec, fields)
        ml = bind_ml(self.notes, spec, fields)
        output, match = self._output(fields), bind_match(self.notes, spec.match)
        everything = self._all_checks(fields, filters, row_checks)
        if self._refused() or self.document.draft:  # A draft lacks what was refused before.
            return None
        examples = bind_examples(self.notes, spec, fields, [check.id for check in everything])
        if self._refused():
            return None
        plan = CompiledPlan(
            event=spec.event,
            version=spec.version,
            title=spec.description,
            owner=spec.owner,
            missing=tuple(spec.missing),
            unknown_fields=spec.unknown_fields,
            fields=tuple(fields.values()),
            derived=derived,
            checks=everything,
            filters=filters,
            dedupe=dedupe,
            expectations=expectations,
            sources=sources,
            gate=Gate(spec.gate.quarantined, spec.gate.fail_on),
            profiles=tuple(_profile(spec.gate, name) for name in spec.gate.profiles),
            output_format=spec.output.format,
            output_fields=output,
            levels=(),
            ml=ml,
            references=self.references.used(),
            match=match,
            examples=examples,
        )
        return replace(plan, levels=cut_levels(plan))

    def _refused(self) -> bool:
        return any(diagnostic.severity is Severity.ERROR for diagnostic in self.notes.diagnostics)

    def _fields(self, types: Mapping[str, Type], checks: CheckBinder) -> dict[str, BoundField]:
        """Return the bound fields whose types are known; of the others, what is wrong whatever their type is noted."""
        binder = FieldBinder(self.notes, types, self.ids, checks, self.references)
        bound: dict[str, BoundField] = {}
        for name, field in self.spec.fields.items():
            if name in types:
                bound[name] = binder.bind(name, field)
            else:
                binder.bind_untyped(name, field)
        return bound

    def _order_derived(self, fields: Mapping[str, BoundField]) -> tuple[BoundField, ...]:
        """Return the derived and looked-up fields so that each comes after what it reads.

        Those that read an imputed one are late, and those that read personal data are personal data.
        """
        graph = {n: set(f.operands) & set(fields) for n, f in fields.items() if f.is_computed}
        try:
            order = list(TopologicalSorter(graph).static_order())
        except CycleError as error:
            circle = error.args[1]
            way = "lookup" if fields[circle[0]].lookup is not None else "derive"
            self.notes.note("DQ501", self.notes.at("fields", circle[0], way), fields=" -> ".join(circle))
            return ()
        late: set[str] = {name for name, field in fields.items() if field.changed_late or field.indicates}
        personal: set[str] = {name for name, field in fields.items() if field.pii}
        derived: list[BoundField] = []
        for name in order:
            field = fields[name]
            if not field.is_computed:
                continue
            is_late = bool(field.operands & late)
            if is_late:
                late.add(name)
            is_personal = field.pii or bool(field.operands & personal)
            if is_personal:
                personal.add(name)
            derived.append(replace(field, late=is_late, pii=is_personal))
        return tuple(derived)

    def _filters(self, fields: Mapping[str, BoundField]) -> tuple[BoundFilter, ...]:
        self._fits_not_late(fields)
        bound: list[BoundFilter] = []
        types = {name: field.type for name, field in fields.items()}
        for index, model in enumerate(self.spec.filter):
            span = self.notes.at("filter", index, "keep")
            keep = self.notes.expression(model.keep, ("filter", index, "keep"), types, boolean=True)
            given = self.ids.give(model.id, "filter", self.notes.at("filter", index, "id"))
            if keep is not None:
                note_late(self.notes, fields, keep.fields, span, "a filter")
                bound.append(BoundFilter(given, keep, model.description, span))
        return tuple(bound)

    def _fits_not_late(self, fields: Mapping[str, BoundField]) -> None:
        for field in fields.values():
            for fit in field.fits:
                others = frozenset(fit.step.reads) - {field.name}
                note_late(self.notes, fields, others, fit.span, f"the {fit.stage} of {field.name}")

    def _expectations(self, fields: Mapping[str, BoundField]) -> tuple[BoundExpectation, ...]:
        """Return the expectations of the batch, then those of each field."""
        binder = ExpectationBinder(self.notes, fields, self.ids, self.references.values)
        bound = binder.bind(("expect",), None, self.spec.expect)
        for name in [name for name in self.spec.fields if name in fields]:
            bound += binder.bind(("fields", name, "expect"), name, self.spec.fields[name].expect)
        return tuple(bound)

    def _output(self, fields: Mapping[str, BoundField]) -> tuple[str, ...]:
        names = self.spec.output.fields
        if names is None:
            return tuple(fields)
        for index, name in enumerate(names):
            if name not in fields:
                self.notes.absent(name, self.notes.at("output", "fields", index), fields, "output.fields")
        self.notes.once(names, ("output", "fields"))
        return tuple(names)

    def _all_checks(
        self, fields: Mapping[str, BoundField], filters: tuple[BoundFilter, ...], row_checks: tuple[BoundCheck, ...]
    ) -> tuple[BoundCheck, ...]:
        """Return every check in the order in which reasons are given."""
        everything = [check for field in fields.values() for check in field.checks]
        for bound in filters:
            expected = f"to know whether {bound.keep.canonical}"
            everything.append(_row_check(bound.id, "filter", expected, bound.span, bound.keep.fields))
        everything.extend(row_checks)
        start = self.notes.key("event")
        if self.spec.unknown_fields == "quarantine":
            everything.append(
                _row_check("unknown_fields", "unknown_fields", "no field beside the declared ones", start)
            )
        return tuple(everything)


def _profile(gate: GateModel, name: str) -> Gate:
    """Return the gate under one of its profiles, which says only what is different there."""
    said = gate.profiles[name]
    quarantined = gate.quarantined if said.quarantined is None else said.quarantined
    return Gate(quarantined, said.fail_on or gate.fail_on, name)


def _with_indicators(fields: Mapping[str, BoundField], indicators: Mapping[str, BoundField]) -> dict[str, BoundField]:
    """Return the fields, each followed by the columns that say where it was filled."""
    placed: dict[str, BoundField] = {}
    for name, field in fields.items():
        placed[name] = field
        placed |= {column: bound for column, bound in indicators.items() if bound.indicates == name}
    return placed


def _row_check(given: str, kind: str, expected: str, span: Span, reads: frozenset[str] = frozenset()) -> BoundCheck:
    return BoundCheck(
        id=given,
        kind=kind,
        dimension="conformity",
        field=None,
        severity="error",
        on_fail="quarantine",
        mostly=None,
        where=None,
        expected=expected,
        reads=reads,
        span=span,
    )
