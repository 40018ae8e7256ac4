"""What the YAML parsers call their faults, said in the words of a diagnostic.

libyaml and the parser in Python word the same fault differently; here both become one sentence, which also
says what to do about it.
"""

from __future__ import annotations

import re

_WORDS: tuple[tuple[str, str], ...] = (
    (r"found character '\\t'", "a tab stands where only spaces may; indent with spaces"),
    (r"found character '(.+)' that", "a value cannot begin with {0}; put it in quotes"),
    (r"found character that cannot start", "a value cannot begin with this character; put it in quotes"),
    (r"mapping values are not allowed", "a colon is not allowed here; quote a value with ': ', or mind the indent"),
    (r"(sequence|block sequence) entries are not allowed", "a list entry is not allowed here; mind the indent"),
    (r"mapping keys are not allowed", "a key is not allowed here; mind the indent"),
    (r"expected ',' or ']'", "a list in brackets is not continued or closed with ',' or ']'"),
    (r"expected ',' or '}'", "a mapping in braces is not continued or closed with ',' or '}}'"),
    (r"could not find expected ':'", "a ':' and a space are missing behind the key, or a quote is not closed"),
    (r"unexpected end of stream", "a quote is not closed before the end of the file"),
    (r"unexpected document separator", "a quote is not closed before the document ends"),
    (r"unknown escape character", "the backslash begins an escape that does not exist; use single quotes"),
    (r"expected escape sequence|invalid Unicode character escape|hexdecimal|hexadecimal", "the escape is malformed"),
    (r"expected <block end>|expected key|expected '-' indicator", "the indent does not fit the lines before"),
    (r"expected the node content|expected node content", "a value is missing here"),
    (r"expected the document start|expected <document start>", "text stands behind the end of the document"),
    (r"indentation indicator|chomping", "only + - or one digit may stand behind | or >, and nothing else"),
    (r"alphabetic or numeric|anchor|alias", "a text that begins with & or * must be quoted"),
    (r"tag", "a text that begins with ! must be quoted"),
    (r"comment or a line break|leading empty line", "the block of text behind | or > is malformed"),
)


def explain_syntax(problem: str) -> str:
    """Return the parser's complaint in words that an author of specs understands."""
    for pattern, words in _WORDS:
        match = re.search(pattern, problem)
        if match:
            return words.format(*match.groups())
    return "the line cannot be understood"
