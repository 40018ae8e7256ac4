"""Names and types: from the tree of what was written to the tree of what it means, or to all mistakes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dq.diagnostics import did_you_mean
from dq.dtypes.types import BOOLEAN, Family, Type
from dq.expressions import literals, unify
from dq.expressions.arithmetic import arithmetic, negated
from dq.expressions.canonical import quoted_name, quoted_text
from dq.expressions.errors import ExpressionError
from dq.expressions.functions import FUNCTIONS, ArgumentError, Function
from dq.expressions.term import Term
from dq.expressions.tree import Node, Tree
from dq.expressions.typed import Typed
from dq.expressions.words import described, named

_DIGITS = {"integer", "decimal", "number"}
_COMPARISONS = {"=", "<>", "<", "<=", ">", ">="}
_ARITHMETIC = {"+", "-", "*", "/", "%"}


class _ReportedError(Exception):
    """An operand has a mistake that is already in the list: what stands above it is not judged."""


def check(tree: Tree, fields: Mapping[str, Type], *, condition: bool = False) -> Typed:
    """Give the tree types over the fields.  Raises the first ExpressionError by place; `check_all` has them all."""
    typed, errors = check_all(tree, fields, condition=condition)
    if typed is None:
        raise errors[0]
    return typed


def check_all(
    tree: Tree, fields: Mapping[str, Type], *, condition: bool = False
) -> tuple[Typed | None, tuple[ExpressionError, ...]]:
    """Return the typed expression and no errors, or None and every error that is not the consequence of another.

    With `condition` the expression must be boolean (DQ406): `where`, `assert` and `keep` ask for it.
    """
    checker = _Checker(fields)
    root = checker.term(tree.root)
    if root is not None and unify.is_null(root) and not condition:
        checker.errors.append(unify.mismatch("null alone has no type", root))
    if root is not None and condition and root.type != BOOLEAN:
        checker.errors.append(ExpressionError("DQ406", {"type": described(root.type)}, root.start, root.end))
    if root is None or checker.errors:
        return None, tuple(sorted(checker.errors, key=lambda error: (error.start, error.end)))
    return Typed(root), ()


class _Checker:
    """One walk over one tree.  A mistake is noted and its neighbours are judged all the same."""

    def __init__(self, fields: Mapping[str, Type]) -> None:
        """Know the fields; no errors yet."""
        self.fields = fields
        self.errors: list[ExpressionError] = []

    def term(self, node: Node) -> Term | None:
        """Return the typed node, or None if there is a mistake in it, which is then in the list."""
        try:
            return self._typed(node)
        except ExpressionError as error:
            self.errors.append(error)
        except _ReportedError:
            pass
        return None

    def _typed(self, node: Node) -> Term:  # noqa: PLR0911 - one for each kind
        """Dispatch on the kind of the node."""
        constant = literals.literal(node)
        if constant is not None:
            return constant
        if node.kind == "null":
            return Term("constant", BOOLEAN, text="null", start=node.start, end=node.end)
        if node.kind == "typed":
            return self._typed_literal(node)
        if node.kind in {"field", "quoted"}:
            return self._field(node)
        if node.kind == "call":
            return self._call(node)
        if node.kind == "negate" and node.children[0].kind in _DIGITS:
            constant = literals.number(node.children[0], negative=True)
            return replace(constant, start=node.start, end=node.end)
        return self._operation(node, self._operands(node))

    def _operands(self, node: Node) -> tuple[Term, ...]:
        """Return the typed children.  All of them are judged before one with a mistake stops this node."""
        terms = [self.term(child) for child in node.children]
        good = tuple(term for term in terms if term is not None)
        if len(good) < len(terms):
            raise _ReportedError
        return good

    def _field(self, node: Node) -> Term:
        """Find a field."""
        kind = self.fields.get(node.text)
        if kind is not None:
            return Term("field", kind, value=node.text, start=node.start, end=node.end)
        near = did_you_mean(node.text, self.fields)
        suggestion = quoted_name(near) if near is not None else None
        if suggestion is None and node.kind == "quoted":
            suggestion = quoted_text(node.text)
        if suggestion is None and node.text.lower() in FUNCTIONS:
            suggestion = f"{node.text.lower()}()"
        raise ExpressionError("DQ402", {"field": node.text}, node.start, node.end, suggestion)

    def _typed_literal(self, node: Node) -> Term:
        """Read `date '…'` and its like."""
        kind = literals.TYPED.get(node.name.lower())
        if kind is not None:
            return literals.temporal(node, kind, node.text)
        near = did_you_mean(node.name, literals.TYPED)
        problem = f"no type of literal is called `{node.name}`: there are {', '.join(literals.TYPED)}"
        raise ExpressionError("DQ401", {"problem": problem}, node.start, node.end, near)

    def _operation(self, node: Node, operands: tuple[Term, ...]) -> Term:
        """Type an operator."""
        if node.kind in _ARITHMETIC:
            return arithmetic(node.kind, operands[0], operands[1], node.start, node.end)
        if node.kind == "negate":
            return negated(operands[0], node.start, node.end)
        if node.kind in {"and", "or", "not"}:
            operands = _conditions(node.kind, operands)
        elif node.kind in _COMPARISONS:
            operands = unify.compared(node.kind, operands[0], operands[1])
        elif node.kind in {"is null", "is not null"}:
            if unify.is_null(operands[0]):
                raise unify.mismatch("null is always null", operands[0])
        else:
            operands = _each_compared(node, operands)
        return Term(node.kind, BOOLEAN, operands, start=node.start, end=node.end)

    def _call(self, node: Node) -> Term:
        """Type a call."""
        name = node.text.lower()
        function = FUNCTIONS.get(name)
        if function is None:
            near = did_you_mean(name, FUNCTIONS)
            raise ExpressionError("DQ403", {"name": node.text}, node.start, node.start + len(node.text), near)
        if not function.accepts(len(node.children)):
            values: dict[str, object] = {"name": name, "expected": function.arity, "found": len(node.children)}
            raise ExpressionError("DQ405", values, node.start, node.end)
        terms = _arguments(function, self._operands(node))
        try:
            result = function.result(terms)
        except ArgumentError as error:
            wrong = terms[error.index]
            raise ExpressionError(
                error.code, {"problem": error.problem}, wrong.start, wrong.end, error.suggestion
            ) from None
        return Term(name, result, terms, start=node.start, end=node.end)


def _conditions(operator: str, operands: Sequence[Term]) -> tuple[Term, ...]:
    """Return the operands of `and`, `or` and `not`, which are boolean; a chain in a chain is one chain."""
    flat: list[Term] = []
    for operand in operands:
        if operand.type != BOOLEAN:
            raise unify.mismatch(f"`{operator}` takes conditions, not {named(operand)}", operand)
        flat.extend(operand.operands if operand.operator == operator != "not" else (operand,))
    return tuple(flat)


def _each_compared(node: Node, operands: Sequence[Term]) -> tuple[Term, ...]:
    """Return the operands of `in` and `between`, each comparable with the first."""
    if len(operands) == 1:
        raise ExpressionError("DQ401", {"problem": "the list of `in` is empty"}, node.start, node.end)
    return (operands[0], *(unify.compared(node.kind, operands[0], operand)[1] for operand in operands[1:]))


def _arguments(function: Function, terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Return the arguments in types that the parameters take; DQ404 for the first that does not fit."""
    if function.unified is not None:
        terms = (*terms[: function.unified], *unify.unified(terms[function.unified :]))
    for index, term in enumerate(terms):
        parameter = function.parameters[min(index, len(function.parameters) - 1)]
        if unify.is_null(term) and function.unified is None:
            raise unify.mismatch(f"{function.name} of null is always unknown", term)
        if term.type.family not in parameter.families:
            families = " or ".join(parameter.families)
            raise unify.mismatch(f"{function.name} takes {families} as {parameter.name}, not {named(term)}", term)
        if parameter.literal and not term.is_constant:
            raise unify.mismatch(f"{function.name} takes a literal as {parameter.name}, not {named(term)}", term)
    return terms


__all__ = ["Family", "check", "check_all"]
