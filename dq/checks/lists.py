"""Checks of lists: how many elements, and what each of them must be: `min_items`, `max_items`, `items`."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

import polars as pl
from pydantic import Field, ValidationError

from dq.checks.base import CHECKS, Check, ParamError, Target, suited
from dq.checks.text import spoken, within
from dq.diagnostics import did_you_mean
from dq.dtypes.types import Family
from dq.params import AnyRaw, Scalar, Whole, describe
from dq.params import Params as BaseParams

if TYPE_CHECKING:
    from datetime import datetime

LISTS = frozenset({Family.LIST})


class Count(BaseParams):
    """One number of elements."""

    shorthand: ClassVar[str | None] = "value"
    value: Whole = Field(description="The number of elements, null ones included.")


class Counted(Check):
    """What the checks of a list's length have in common."""

    dimension = "conformity"
    families = LISTS
    Params = Count

    def __init__(self, params: Any, target: Target) -> None:
        """Keep the number.  ParamError DQ308 if it is negative."""
        super().__init__(params, target)
        if params.value < 0:
            raise ParamError("DQ308", "value", kind=self.kind, problem=f"a list of {params.value} elements")

    @abstractmethod
    def ends(self) -> tuple[int | None, int | None]:
        """Return the smallest and the largest number that is allowed."""

    def expected(self) -> str:
        """Say the number."""
        noun = "element" if self.params.value == 1 else "elements"
        return f"a list of {spoken(*self.ends())} {noun}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where the number of elements lies within."""
        del now
        return within(value.list.len(), *self.ends())

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return a count of the elements one by one."""
        del now
        least, most = self.ends()

        def counted(data: Any) -> Any:
            """Count by summing a one for every element."""
            ones = pl.col(data.key).list.eval(pl.element().is_null().cast(pl.Int64) * 0 + 1).list.sum()
            return data.lazyframe.select(
                ones.is_between(least or 0, most) if most is not None else ones >= (least or 0)
            )

        return pa.Check(counted, name=self.kind, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `minItems` or `maxItems`."""
        least, most = self.ends()
        return {"maxItems": most} if least is None else {"minItems": least}


@CHECKS.register
class MinItems(Counted):
    """The list has at least so many elements."""

    kind = "min_items"
    title = "The list has at least so many elements."
    example = "min_items: 1"
    example_type = "list<integer>"
    example_pass = ("[1]", "[1, 2]")
    example_fail = ("[]",)

    def ends(self) -> tuple[int | None, int | None]:
        """Return the open upper half."""
        return self.params.value, None


@CHECKS.register
class MaxItems(Counted):
    """The list has at most so many elements."""

    kind = "max_items"
    title = "The list has at most so many elements."
    example = "max_items: 2"
    example_type = "list<string>"
    example_pass = ("[]", '["a", "b"]')
    example_fail = ('["a", "b", "c"]',)

    def ends(self) -> tuple[int | None, int | None]:
        """Return the open lower half."""
        return None, self.params.value


@CHECKS.register
class Items(Check):
    """Every element of the list passes the checks listed here.

    An empty list passes.  A null element is unknown to every check but `required`.  Checks that ask several rows
    at once do not fit, and the options of a check (severity, on_fail …) stand beside `items`, not inside.
    """

    kind = "items"
    dimension = "conformity"
    families = LISTS
    title = "Every element of the list passes the checks listed here."
    example = "items: [required, {min_length: 2}]"
    example_type = "list<string>"
    example_pass = ('["ab", "abc"]', "[]")
    example_fail = ('["ab", "a"]', '["ab", null]')

    class Params(BaseParams):
        """The checks of one element."""

        shorthand: ClassVar[str | None] = "checks"
        checks: list[AnyRaw] = Field(description="Checks as under a field, without options.")

    def __init__(self, params: Any, target: Target) -> None:
        """Bind the nested checks to the type of the elements; ParamError where one of them is wrong."""
        super().__init__(params, target)
        if target.type.element is None:
            fits = suited(self.families)
            raise ParamError("DQ304", None, check=self.kind, field=target.name, type=str(target.type), fits=fits)
        if not params.checks:
            raise ParamError("DQ308", "checks", kind=self.kind, problem="the list of checks is empty")
        element = Target(target.name, target.type.element, target.reference)
        self.checks = [self._bind(index, raw, element) for index, raw in enumerate(params.checks)]

    def _bind(self, index: int, raw: Any, element: Target) -> Check:
        """Bind one nested check; a mistake leads to its entry."""
        try:
            return bind(raw, element)
        except ParamError as error:
            error.values.setdefault("key", error.key)
            error.key, error.within = "checks", (index, *error.within)
            raise

    def expected(self) -> str:
        """Say what every element must be."""
        return f"a list in which every element is {' and '.join(check.expected() for check in self.checks)}"

    def expression(self, value: pl.Expr, now: datetime) -> pl.Expr:
        """Return where no element fails a nested check."""
        verdicts = [check.expression(pl.element(), now).fill_null(value=True) for check in self.checks]
        return value.list.eval(pl.all_horizontal(verdicts)).list.all()

    def pandera(self, pa: Any, now: datetime) -> Any:
        """Return the nested pandera checks over the exploded elements, gathered again by row."""
        nested = [check.pandera(pa, now) for check in self.checks]

        def gathered(data: Any) -> Any:
            """Return which rows have no element that a nested check refuses."""
            rows = data.lazyframe.select(value=pl.col(data.key)).with_row_index("row")
            elements = rows.filter(pl.col("value").list.len() > 0).explode("value").collect()
            refused: set[int] = set()
            for check in nested:
                passed = check(elements.lazy(), "value").check_output.collect().to_series()
                refused.update(elements["row"].filter(~passed))
            return rows.select(pl.col("row").is_in(sorted(refused)).not_())

        return pa.Check(gathered, name=self.kind, error=self.expected())

    def json_schema(self) -> dict[str, Any] | None:
        """Return `items`, in which null passes unless `required` is among the checks."""
        fragments = [check.json_schema() for check in self.checks if check.kind != "required"]
        if None in fragments:
            return None
        every: dict[str, Any] = {"allOf": fragments} if fragments else {}
        if len(fragments) < len(self.checks):
            return {"items": {"not": {"type": "null"}, **every}}
        return {"items": {"anyOf": [{"type": "null"}, every]}}

    def identity(self) -> dict[str, Any]:
        """Return the kind and the nested identities."""
        return {"kind": self.kind, "params": {"checks": [check.identity() for check in self.checks]}}


def bind(raw: Any, target: Target) -> Check:
    """Return the check that a raw entry of a list describes, bound to the target.

    ParamError with the code that the same mistake has under a field: DQ301 unknown name, DQ304 wrong family,
    DQ305 an option or unknown parameter, DQ306 a missing one, DQ307 a value of the wrong form.
    """
    name, value = _named(raw)
    within = (name,) if isinstance(raw, dict) else ()
    kind = CHECKS.find(name)
    if kind is None:
        near = did_you_mean(name, CHECKS.names())
        raise ParamError("DQ301", within=within, at_key=True, name=name, suggestion=near)
    if kind.set_level or (kind.families is not None and target.type.family not in kind.families):
        fits = "the checks of a field: it asks several rows at once" if kind.set_level else suited(kind.families)
        values = {"check": kind.kind, "field": target.name, "type": str(target.type), "fits": fits}
        raise ParamError("DQ304", within=within, at_key=True, **values)
    try:
        return kind(kind.Params.model_validate(_parameters(kind, value)), target)
    except ValidationError as errors:
        error = _translated(kind, errors)
    except ParamError as mistake:
        error = mistake
    named = (error.key,) if isinstance(value, dict) and error.key in value else ()
    error.within = (*within, *named, *error.within)
    raise error


def _named(raw: Any) -> tuple[str, Any]:
    """Split an entry into a name and its raw parameters (None for a bare name)."""
    if isinstance(raw, (str, Scalar)):
        return str(raw), None
    if not isinstance(raw, dict) or not raw:
        raise ParamError("DQ307", "checks", kind="items", expected="a check", found=describe(raw))
    known = [key for key in raw if CHECKS.find(key)]
    name = (known or list(raw))[0]
    for key in raw:
        if key != name:
            raise ParamError("DQ305", within=(key,), at_key=True, kind=name, key=key)
    return str(name), raw[name]


def _parameters(kind: type[Check], value: Any) -> dict[str, Any]:
    """Return raw parameters by name: nothing, a mapping, or what the shorthand takes."""
    if value is None or (isinstance(value, Scalar) and value.is_null):
        return {}
    if isinstance(value, dict):
        return value
    if kind.Params.shorthand is None:
        raise ParamError("DQ307", "checks", kind=kind.kind, expected="its parameters in braces", found=describe(value))
    return {kind.Params.shorthand: value}


def _translated(kind: type[Check], error: ValidationError) -> ParamError:
    """Return the first mistake that pydantic found, under its code."""
    found = error.errors(include_url=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    key = str(first["loc"][0]) if first["loc"] else "checks"
    if first["type"] == "extra_forbidden":
        near = did_you_mean(key, kind.Params.model_fields)
        return ParamError("DQ305", key, at_key=True, kind=kind.kind, suggestion=near)
    if first["type"] == "missing":
        return ParamError("DQ306", key, kind=kind.kind)
    context = first.get("ctx", {})
    return ParamError(
        "DQ307",
        key,
        kind=kind.kind,
        expected=context.get("expected", first["msg"]),
        found=context.get("found", describe(first["input"])),
    )
