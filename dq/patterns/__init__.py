r"""dq's dialect of regular expressions, and how each target says the same.

The dialect is searched for anywhere in the text unless `^` and `$` stand in the pattern, which are the ends of
the text.  It is linear in the length of the text, and means the same to Polars (Rust's regex), to Python's `re`
and to JSON Schema (ECMA-262 with the `u` flag), whose own dialects disagree on `\d \w \s \b`, on `$` and
on letter case.  To that end a pattern is parsed into a small tree, in which every class is a set of code
points, and printed anew for each target with nothing left to its taste.

    literals, `\` before punctuation, `\t \n \r \f \v \xHH \uHHHH \u{H…}`
    `.` (any character but a newline), `[a-z]`, `[^a-z]`, `\d \D \w \W \s \S` (ASCII), `\p{Lu}`, `\P{L}`
    `^ $ \b \B`, `|`, `(…)`, `(?:…)`, `* + ? {n} {n,} {n,m}` and their lazy forms
    `(?i)` and `(?s)` at the start, or as `(?i:…)`: letter case does not matter; `.` matches a newline too

Under `(?i)` a letter matches itself and its own lower and upper case form, where that is one character.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from dq.patterns.characters import SURROGATES
from dq.patterns.parser import Parser, PatternError
from dq.patterns.tree import Node, has_boundary, print_node, weight

__all__ = ["Node", "Pattern", "PatternError", "compile_pattern", "escape_replacement", "parse_pattern"]
MAX_LENGTH = 10_000
MAX_WEIGHT = 20_000  # ranges of characters after every counted repetition is written out


@dataclass(frozen=True, slots=True)
class Pattern:
    r"""One pattern: as written, and as each target says it.

    `polars` is for `str.contains` and `str.replace_all`, `python` for `re.search`.  `ecma` is for JSON Schema's
    `pattern`, read by ECMA-262 with `u` or by jsonschema-rs with its linear engine; it is None where the pattern
    has `\b` or `\B`, which those two read differently outside ASCII.  (Python's jsonschema takes a final
    newline for the end: there `^a$` accepts `a\n`.)
    """

    source: str
    polars: str
    python: str
    ecma: str | None


def parse_pattern(source: str) -> Node:
    """Return the tree of a pattern of the dialect; PatternError says in words what is not of it, and where."""
    if len(source) > MAX_LENGTH:
        raise PatternError(f"a pattern has at most {MAX_LENGTH} characters", MAX_LENGTH)
    for at, char in enumerate(source):
        if SURROGATES[0] <= ord(char) <= SURROGATES[1]:
            raise PatternError("this is no character of Unicode", at)
    node = Parser(source).whole()
    if weight(node) > MAX_WEIGHT:
        raise PatternError("the counts multiply to a pattern that is too large", 0)
    return node


def compile_pattern(source: str) -> Pattern:
    """Read a pattern of the dialect and say it for each target; PatternError as `parse_pattern`."""
    node = parse_pattern(source)
    pattern = Pattern(
        source,
        print_node(node, "rust"),
        print_node(node, "python"),
        None if has_boundary(node) else print_node(node, "ecma"),
    )
    try:
        pl.Series([""]).str.contains(pattern.polars)
    except pl.exceptions.ComputeError:
        raise PatternError("the pattern is too large to compile", 0) from None
    return pattern


def escape_replacement(text: str) -> str:
    """Return the text so that `str.replace` and `str.replace_all` of Polars put it in as it is."""
    return text.replace("$", "$$")
