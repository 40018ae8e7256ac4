"""What is wrong with a text that does not parse, in words.

The parser only says where it stopped.  Here the text is read once more, token by token, for the mistakes that people
make: operators of other languages, quotes and parentheses that are not closed, a missing operator.
"""

# ruff: noqa: RUF001 - ambiguous characters are what this file is about
from __future__ import annotations

import re
from typing import NamedTuple

from dq.expressions.errors import ExpressionError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:[^']|'')*')
      | (?P<quoted>"(?:[^"]|"")*")
      | (?P<foreign>!==|===?|=~|!~|=<|=>|&&?|\|\|?|!(?!=)|<=>|\*\*|//|;|::|:=|\^|~|[‘’‚`´]|[“”„«»]|[≤≥≠×÷−–—])
      | (?P<open>\()
      | (?P<close>\))
      | (?P<number>(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?(?![\w.]))
      | (?P<name>[^\W\d]\w*)
      | (?P<operator><=|>=|<>|!=|[=<>+\-*/%,])
      | (?P<unclosed>['"])
      | (?P<malformed>[\w.]+)
      | (?P<strange>.)""",
    re.VERBOSE | re.DOTALL,
)

_FOREIGN = {
    "==": "=",
    "===": "=",
    "!==": "<>",
    "&&": "and",
    "&": "and",
    "||": "or",
    "|": "or",
    "!": "not",
    "=<": "<=",
    "=>": ">=",
    "<=>": "=",
    "≤": "<=",
    "≥": ">=",
    "≠": "<>",
    "×": "*",
    "÷": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "//": "/",
    "=~": "matches(field, 'pattern')",
    "~": "matches(field, 'pattern')",
    "!~": "not matches(field, 'pattern')",
}
_RESERVED = {"and", "or", "not", "in", "between", "is", "null", "true", "false"}
_CONSTANTS = {"null", "true", "false"}
_COMPARISONS = {"=", "<>", "!=", "<", "<=", ">", ">="}
_LIKE = {"like", "ilike", "rlike", "regexp", "similar", "glob"}


class _Token(NamedTuple):
    """One token: its group of `_TOKEN`, its text and its place."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def begins_value(self) -> bool:
        """Whether a value may begin here."""
        if self.kind == "name":
            return self.text.lower() not in _RESERVED - _CONSTANTS
        return self.kind in {"text", "quoted", "number", "open"}

    @property
    def ends_value(self) -> bool:
        """Whether a value may end here."""
        return self.kind == "close" or (self.kind != "open" and self.begins_value)


def _error(problem: str, start: int, end: int, suggestion: str | None = None) -> ExpressionError:
    """Return the syntax error."""
    return ExpressionError("DQ401", {"problem": problem}, start, end, suggestion)


def _tokens(text: str) -> list[_Token]:
    """Cut the text into tokens; white space is dropped."""
    found = [_Token(match.lastgroup or "", match[0], *match.span()) for match in _TOKEN.finditer(text)]
    return [token for token in found if token.kind != "space"]


def explain(text: str, start: int, end: int) -> ExpressionError:
    """Return the error of a text at which the parser stopped at `start` (the text's length: at its end)."""
    tokens = _tokens(text)
    if not tokens:
        return _error("the expression is empty", 0, len(text))
    for token in tokens:
        if token.start > start:
            break
        if found := _unknown_token(token):
            return found
    return _parentheses(tokens, start) or _order(tokens, start, end)


def _unknown_token(token: _Token) -> ExpressionError | None:
    """Return the error of a token that the language does not have."""
    place = (token.start, token.end)
    if token.kind == "unclosed":
        return _error(f"the quote {token.text} is never closed", *place)
    if token.kind == "malformed":
        return _error(f"`{token.text}` is neither a number nor a name", *place)
    if token.kind == "strange":
        return _error(f"the character {token.text!r} has no meaning here", *place)
    if token.kind != "foreign":
        return None
    if token.text in "‘’‚`´“”„«»":
        return _error("texts stand in straight single quotes, such as 'paid'", *place)
    suggestion = _FOREIGN.get(token.text)
    return _error(f"`{token.text}` is not an operator of this language", *place, suggestion)


def _parentheses(tokens: list[_Token], start: int) -> ExpressionError | None:
    """Return the error of a parenthesis without its partner, if that is where the parser stopped."""
    opened: list[_Token] = []
    for token in tokens:
        if token.kind == "open":
            opened.append(token)
        elif token.kind == "close":
            if not opened:
                problem = "this closing parenthesis has no opening one"
                return _error(problem, token.start, token.end) if token.start <= start else None
            opened.pop()
    if opened and start > tokens[-1].start and tokens[-1].ends_value:
        return _error("this parenthesis is never closed", opened[-1].start, opened[-1].end)
    return None


def _order(tokens: list[_Token], start: int, end: int) -> ExpressionError:  # noqa: PLR0911 - one for each mistake
    """Return the error of known tokens in an impossible order."""
    before = [token for token in tokens if token.end <= start]
    last = before[-1] if before else None
    here = next((token for token in tokens if token.start >= start), None)
    if last is not None and last.kind == "name" and last.text.lower() == "in" and (here is None or here.kind != "open"):
        return _error("`in` wants a list in parentheses, such as in ('a', 'b')", last.start, last.end)
    if here is None:
        return _error("the expression ends where a value is expected", *((last.start, last.end) if last else (0, end)))
    place = (here.start, here.end)
    if here.kind == "name" and here.text.lower() in _LIKE:
        return _error(f"there is no `{here.text}`: use contains, starts_with, ends_with or matches", *place)
    if here.text in _COMPARISONS and last is not None and last.ends_value:
        return _error("comparisons do not chain: write a < b and b < c", *place, "and")
    if last is not None and last.kind == "name" and last.text.lower() == "is":
        return _error("`is` asks only `is null` and `is not null`", last.start, last.end, "=")
    if here.begins_value and last is not None and last.ends_value:
        return _error(f"an operator is missing before `{here.text}`", *place)
    if last is None or not last.ends_value:
        return _error(f"a value is expected before `{here.text}`", *place)
    return _error(f"`{here.text}` cannot stand here", *place)
