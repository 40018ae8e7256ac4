"""Binding of fields: type, words for no value, cleaning, cast, derived expressions, imputation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

import polars as pl

from dq.checks import CHECKS
from dq.checks.base import Target
from dq.diagnostics import did_you_mean
from dq.dtypes.cast import CastOptions, cast
from dq.dtypes.formats import FormatError, compile_format
from dq.dtypes.types import TYPE_NAMES, Family, Type, holds, parse_type
from dq.plan.bind_checks import bind_steps
from dq.plan.bind_fitted import bind_fits
from dq.plan.bind_impute import bind_constant
from dq.plan.bind_lookup import bind_lookup, unknown_key
from dq.plan.bound import BoundCheck, BoundField, BoundFit, BoundStep
from dq.plan.contradictions import note_contradictions
from dq.spec.structure import UNTYPED
from dq.steps.base import NoParams

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dq.diagnostics import Span
    from dq.expressions import Typed
    from dq.plan.bind_checks import CheckBinder, Ids
    from dq.plan.notes import Notes
    from dq.plan.references import References
    from dq.spec.model import FieldModel, WordsModel

TEMPORAL = {Family.DATE, Family.TIME, Family.DATETIME}
ABBREVIATIONS = {"MSK": "Europe/Moscow", "CET": "Europe/Berlin", "EST": "America/New_York"}
ELSEWHERE = {  # what other languages call the types
    "str": "string",
    "text": "string",
    "varchar": "string",
    "uuid": "string",
    "int": "integer",
    "int64": "integer",
    "bigint": "integer",
    "float": "number",
    "float64": "number",
    "double": "number",
    "real": "number",
    "numeric": "decimal(p,s)",
    "decimal": "decimal(p,s)",
    "bool": "boolean",
    "timestamp": "datetime",
    "timedelta": "duration",
    "interval": "duration",
    "array": "list<T>",
    "list": "list<T>",
    "dict": "object",
    "json": "object",
    "struct": "object",
}


def bind_types(notes: Notes, fields: Mapping[str, FieldModel]) -> dict[str, Type]:
    """Return the type of every field whose type can be read; the others are noted."""
    types: dict[str, Type] = {}
    for name, field in fields.items():
        if field.type == UNTYPED:
            continue
        try:
            types[name] = parse_type(field.type)
        except ValueError as error:
            near = did_you_mean(field.type, (*TYPE_NAMES, *ELSEWHERE)) if "no type" in str(error) else None
            span = notes.at("fields", name, "type")
            notes.note("DQ313", span, ELSEWHERE.get(near or "", near), type=field.type, problem=error)
    return types


@cache
def _zones() -> frozenset[str]:
    """Return the time zones that a field may name; finding them reads a thousand files, so it is done once."""
    return frozenset(zone for zone in available_timezones() if "/" in zone or zone in {"UTC", "GMT"})


@dataclass(frozen=True)
class FieldBinder:
    """Binds one field after another; `types` are those of all fields."""

    notes: Notes
    types: Mapping[str, Type]
    ids: Ids
    checks: CheckBinder
    references: References

    def bind(self, name: str, field: FieldModel) -> BoundField:
        """Return the bound field; whatever is wrong with it is noted."""
        kind = self.types[name]
        options = self._options(name, field, kind)
        steps = bind_steps(self.notes, name, field.clean, self.types, self.references.texts) if field.clean else ()
        span = self.notes.key("fields", name)
        implied = self._implied(name, field, kind, options, steps, span)
        fits = bind_fits(self.notes, name, field, self.types, self.checks.reference)
        constant = bind_constant(self.notes, name, field.impute, kind)
        lookup = bind_lookup(self.notes, name, field, self.types, self.references)
        if lookup is not None and lookup.otherwise == "refuse":
            implied.append(unknown_key(name, lookup, span))
        implied += [_outlier_check(name, fit) for fit in fits if _quarantines(fit)]
        bound = BoundField(
            name=name,
            type=kind,
            required=field.required,
            pii=field.pii or field.mask is not None,
            mask=field.mask,
            description=field.description,
            missing=tuple(field.missing) if field.missing is not None else None,
            steps=steps,
            options=options,
            derive=self._derive(name, field, kind),
            lookup=lookup,
            impute=constant.value,
            impute_indicator=constant.indicator,
            fits=fits,
            checks=self.checks.of_field(name, field.checks, implied),
            span=span,
        )
        self._contradictions(bound, field)
        note_contradictions(self.notes, bound.checks)
        return bound

    def bind_untyped(self, name: str, field: FieldModel) -> None:
        """Note what is wrong with a field whose type is not known: names and parameters that no type would mend."""
        bind_steps(self.notes, name, field.clean, self.types, self.references.texts)
        self.checks.of_untyped_field(name, field.checks)

    def _options(self, name: str, field: FieldModel, kind: Type) -> CastOptions:
        """Return what the field says about the form of its values; an option that its type does not have is noted."""
        scalar = kind.element or kind
        self._listed_twice(name, field)
        fits = {
            "formats": scalar.family in TEMPORAL,
            "timezone": scalar.family is Family.DATETIME,
            "ambiguous": scalar.family is Family.DATETIME,
            "precision": scalar.family in {Family.DATETIME, Family.TIME},
            "words": scalar.family is Family.BOOLEAN,
            "separator": kind.family is Family.LIST,
        }
        for option, fitting in fits.items():
            if option in field.model_fields_set and not fitting:
                self.notes.note(
                    "DQ321", self.notes.key("fields", name, option), option=option, problem=f"a {kind} has no {option}"
                )
        zone = "UTC" if field.timezone is None else field.timezone
        if zone not in _zones():
            near = did_you_mean(zone, sorted(_zones())) if "/" in zone else ABBREVIATIONS.get(zone)
            self.notes.note("DQ315", self.notes.at("fields", name, "timezone"), near, timezone=zone)
            zone = "UTC"
        if field.separator == "":
            span = self.notes.at("fields", name, "separator")
            self.notes.note("DQ321", span, option="separator", problem="it is empty")
        words = field.words if field.words and not _ambiguous(field.words) else None
        return CastOptions(
            formats=self._formats(name, field, scalar),
            timezone=zone,
            ambiguous=field.ambiguous,
            precision=field.precision,
            true_words=tuple(words.true) if words else None,
            false_words=tuple(words.false) if words else None,
            separator=field.separator or None,
        )

    def _listed_twice(self, name: str, field: FieldModel) -> None:
        """Note words and formats that are given twice."""
        place = ("fields", name)
        self.notes.once(field.missing, (*place, "missing"))
        self.notes.once(field.formats, (*place, "formats"))
        if field.words is None:
            return
        self.notes.once(field.words.true, (*place, "words", "true"))
        self.notes.once(field.words.false, (*place, "words", "false"))
        both = _ambiguous(field.words)
        for index, word in enumerate(field.words.false):
            if word.lower() in both:
                span = self.notes.at(*place, "words", "false", index)
                self.notes.note("DQ324", span, name=word, where="'words', as true and as false")

    def _formats(self, name: str, field: FieldModel, scalar: Type) -> tuple[str, ...]:
        formats: list[str] = []
        for index, text in enumerate(field.formats or ()):
            if scalar.family not in TEMPORAL:
                break
            try:
                compile_format(text, scalar.family)
                formats.append(text)
            except FormatError as error:
                self.notes.note(
                    "DQ314", self.notes.at("fields", name, "formats", index), format=text, problem=str(error)
                )
        return tuple(formats)

    def _implied(
        self, name: str, field: FieldModel, kind: Type, options: CastOptions, steps: tuple[BoundStep, ...], span: Span
    ) -> list[BoundCheck]:
        """Return the checks that every field has: that cleaning accepted it, its type, and `required`."""
        implied = [
            _implied_check(bound.id, "clean", "conformity", name, bound.step.expected(), bound.span, step=index)
            for index, bound in enumerate(steps)
            if _may_refuse(bound)
        ]
        expected = cast(kind, options).expected
        implied.append(
            _implied_check(self.ids.give(None, f"{name}.type", span), "type", "conformity", name, expected, span)
        )
        if field.required:
            required = CHECKS.find("required")
            if required is not None:
                check = required(NoParams(), Target(name, kind))
                given = self.ids.give(None, f"{name}.required", span)
                implied.append(
                    _implied_check(given, "required", "completeness", name, check.expected(), span, check=check)
                )
        return implied

    def _derive(self, name: str, field: FieldModel, kind: Type) -> Typed | None:
        if field.derive is None:
            return None
        span = self.notes.at("fields", name, "derive")
        for key in ("clean", "missing", "formats", "repair", "outliers", "impute"):
            if key in field.model_fields_set:
                self.notes.note(
                    "DQ321",
                    self.notes.key("fields", name, key),
                    option=key,
                    problem="a derived field is computed, not read",
                )
        others = {other: t for other, t in self.types.items() if other != name}
        typed = self.notes.expression(field.derive, ("fields", name, "derive"), others, boolean=False)
        if typed is not None and not holds(kind, typed.type):
            self.notes.note("DQ404", span, problem=f"the expression gives {typed.type}, the field is {kind}")
            return None
        return typed

    def _contradictions(self, bound: BoundField, field: FieldModel) -> None:
        """Note what cannot be meant: a value set to null on a required field that nothing fills again."""
        for check in bound.checks:
            if check.on_fail == "set_null" and bound.required and not bound.filled and field.impute is None:
                self.notes.note("DQ316", check.span, field=bound.name)
            if check.on_fail == "set_null" and check.kind == "required":
                self.notes.note(
                    "DQ321", check.span, option="on_fail: set_null", problem="a missing value is null already"
                )
            if check.kind in {"type", "clean"} and check.where is not None:
                self.notes.note("DQ321", check.span, option="where", problem="a cast is asked of every value")


def _ambiguous(words: WordsModel) -> set[str]:
    """Return the words, in lower case, that would mean both true and false."""
    return {word.lower() for word in words.true} & {word.lower() for word in words.false}


def _may_refuse(bound: BoundStep) -> bool:
    return bound.step.refused(pl.col("text")) is not None


def _quarantines(fit: BoundFit) -> bool:
    return fit.stage == "outliers" and getattr(fit.step.params, "action", None) == "quarantine"


def _outlier_check(name: str, fit: BoundFit) -> BoundCheck:
    """Return the check that refuses outliers; its answer comes from the fitted step."""
    return _implied_check(fit.id, "outliers", "accuracy", name, fit.step.expected(), fit.span)


def _implied_check(
    given: str,
    kind: str,
    dimension: str,
    field: str,
    expected: str,
    span: Span,
    *,
    check: Any = None,
    step: int | None = None,
) -> BoundCheck:
    return BoundCheck(
        id=given,
        kind=kind,
        dimension=dimension,
        field=field,
        severity="error",
        on_fail="quarantine",
        mostly=None,
        where=None,
        expected=expected,
        reads=frozenset({field}),
        span=span,
        check=check,
        step=step,
    )
