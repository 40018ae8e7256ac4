"""From the text of a pattern to its tree, or to words that say why not."""

from __future__ import annotations

import re

from dq.patterns.characters import (
    ALL,
    LAST,
    NEWLINE,
    SHORTHAND,
    SURROGATES,
    Ranges,
    category,
    complement,
    either_case,
    union,
)
from dq.patterns.tree import Assertion, Chars, Choice, Node, Repeat, Sequence

MAX_COUNT = 1000  # the largest count of `{n,m}`
MAX_DEPTH = 50
_CONTROL = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}


class PatternError(ValueError):
    """A pattern that is not of the dialect.

    `position` is the 0-based offset in the pattern; `linear` says that the cause is look-around or a
    back-reference, which no linear-time engine has.
    """

    def __init__(self, message: str, position: int, *, linear: bool = False) -> None:
        """Keep the words, the place and the cause."""
        self.message, self.position, self.linear = message, position, linear
        super().__init__(f"{message} (at character {position + 1})")


_NO_MEANING = {
    "A": "write ^ for the start of the text",
    "z": "write $ for the end of the text",
    "Z": "write $ for the end of the text",
    "h": "write [ \\t] for spaces and tabs",
    "R": "write \\r?\\n for a line end",
}


class Parser:
    """A recursive descent over the pattern, one character ahead."""

    def __init__(self, source: str) -> None:
        """Start before the first character, with letter case kept and `.` stopping at a newline."""
        self.source, self.at, self.depth = source, 0, 0
        self.any_case, self.any_char = False, False

    def error(self, message: str, at: int | None = None, *, linear: bool = False) -> PatternError:
        """Return the refusal of the pattern here, or at a place given."""
        return PatternError(message, self.at if at is None else at, linear=linear)

    def peek(self, length: int = 1) -> str:
        """Return the next characters without taking them; fewer at the end."""
        return self.source[self.at : self.at + length]

    def take(self, text: str) -> bool:
        """Take this text if it comes next."""
        found = self.source.startswith(text, self.at)
        self.at += len(text) * found
        return found

    def whole(self) -> Node:
        """Read the whole pattern."""
        node = self.choice()
        if self.peek():
            raise self.error("this parenthesis closes nothing; write \\) for the character")
        return node

    def choice(self) -> Node:
        """Read branches between bars; flags that begin here hold to the end of the group."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.error(f"groups are nested deeper than {MAX_DEPTH}")
        flags = self.any_case, self.any_char
        branches = [self.sequence()]
        while self.take("|"):
            branches.append(self.sequence())
        self.any_case, self.any_char = flags
        self.depth -= 1
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def sequence(self) -> Node:
        """Read one branch."""
        items: list[Node] = []
        while (char := self.peek()) and char not in "|)":
            items.append(self.repeat())
        return items[0] if len(items) == 1 else Sequence(tuple(items))

    def repeat(self) -> Node:
        """Read one item with what says how often."""
        start = self.at
        item = self.item()
        counts = self.counts()
        if counts is None:
            return item
        if isinstance(item, Assertion):
            raise self.error("a place in the text cannot be repeated", start)
        lazy = self.take("?")
        if self.peek() == "+":
            raise self.error("possessive repetition is not linear-time; leave out the second +")
        if self.peek() == "*" or self.counts() is not None:
            raise self.error("nothing to repeat; put the item in parentheses", start)
        return Repeat(item, *counts, lazy)

    def counts(self) -> tuple[int, int | None] | None:
        """Read `*`, `+`, `?` or `{n,m}`; None where none of them comes next."""
        for sign, counts in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return counts
        if self.peek() != "{":
            return None
        match = re.compile(r"\{([0-9]{1,6})(,([0-9]{1,6})?)?\}").match(self.source, self.at)
        if match is None:
            raise self.error("a count is {n}, {n,} or {n,m}; write \\{ for the character")
        low = int(match[1])
        high = low if match[2] is None else None if match[3] is None else int(match[3])
        if max(low, high or 0) > MAX_COUNT:
            raise self.error(f"a count is at most {MAX_COUNT}")
        if high is not None and high < low:
            raise self.error("the counts are in the wrong order")
        self.at = match.end()
        return low, high

    def item(self) -> Node:
        """Read one character, class, place or group."""
        char = self.peek()
        if char in "*+?{":
            raise self.error(f"nothing to repeat; write \\{char} for the character")
        if char in "]}":
            raise self.error(f"write \\{char} for the character")
        self.at += 1
        match char:
            case "^" | "$":
                return Assertion("^" if char == "^" else "$")
            case ".":
                return Chars(ALL if self.any_char else complement(NEWLINE))
            case "(":
                return self.group()
            case "[":
                return self.bracket()
            case "\\":
                return self.escape()
            case _:
                return self.chars(((ord(char), ord(char)),))

    def chars(self, ranges: Ranges) -> Chars:
        """Return a set of characters under the flags that hold here."""
        return Chars(either_case(ranges) if self.any_case else union(ranges))

    def group(self) -> Node:
        """Read what follows an opening parenthesis."""
        start = self.at - 1
        if not self.take("?"):
            return self.closed(start)
        for sign in ("=", "!", "<=", "<!"):
            if self.take(sign):
                raise self.error("look-around is not linear-time and is not in the dialect", start, linear=True)
        if self.take("P="):
            raise self.error("back-references are not linear-time and are not in the dialect", start, linear=True)
        if match := re.compile(r"([is]{0,2})([:)])").match(self.source, self.at):
            return self.flagged(match, start)
        reasons = {">": "an atomic group is not linear-time", "#": "comments are not in the dialect"}
        reasons |= {"P": "groups have no names; write ( or (?:", "<": "groups have no names; write ( or (?:"}
        raise self.error(
            reasons.get(self.peek(), "the only groups are (…), (?:…), (?i), (?s), (?i:…) and (?s:…)"), start
        )

    def flagged(self, match: re.Match[str], start: int) -> Node:
        """Read a group with flags, or flags that hold for the whole pattern."""
        self.at = match.end()
        flags = self.any_case, self.any_char
        self.any_case |= "i" in match[1]
        self.any_char |= "s" in match[1]
        if match[2] == ":":
            node = self.closed(start)
            self.any_case, self.any_char = flags
            return node
        if start or not match[1]:
            raise self.error("flags stand at the start of the pattern, or with a colon: (?i:…)", start)
        return Sequence(())

    def closed(self, start: int) -> Node:
        """Read to the closing parenthesis."""
        node = self.choice()
        if not self.take(")"):
            raise self.error("this parenthesis is not closed", start)
        return node

    def escape(self) -> Node:
        """Read what follows a backslash, outside a class."""
        char = self.peek()
        if char in {"b", "B"}:
            self.at += 1
            return Assertion("\\b" if char == "b" else "\\B")
        if char == "k" or (char.isascii() and char.isdigit() and char != "0"):
            raise self.error("back-references are not linear-time and are not in the dialect", self.at - 1, linear=True)
        return self.chars(self.escaped())

    def escaped(self) -> Ranges:
        """Read what follows a backslash, as a set of characters."""
        start, char = self.at - 1, self.peek()
        self.at += 1
        if char in {"x", "u"}:
            code = self.code(start)
            return ((code, code),)
        if char in _CONTROL:
            return ((_CONTROL[char], _CONTROL[char]),)
        if char and char.lower() in SHORTHAND:
            ranges = SHORTHAND[char.lower()]
            return ranges if char.islower() else complement(ranges)
        if char in {"p", "P"}:
            return self.unicode(start, negative=char == "P")
        if char and char.isascii() and (char == " " or (char.isprintable() and not char.isalnum())):
            return ((ord(char), ord(char)),)
        raise self.error(
            _NO_MEANING.get(char, "this escape is not in the dialect" if char else "a lone backslash"), start
        )

    def code(self, start: int) -> int:
        r"""Read `\xHH`, `\uHHHH` or `\u{H…}` from its second character on."""
        match = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}").match(self.source, start + 1)
        if match is None:
            raise self.error("write \\xHH, \\uHHHH or \\u{H…}", start)
        self.at = match.end()
        code = int(match[1] or match[2] or match[3], 16)
        if code > LAST or SURROGATES[0] <= code <= SURROGATES[1]:
            raise self.error("this is no character of Unicode", start)
        return code

    def unicode(self, start: int, *, negative: bool) -> Ranges:
        r"""Read `{Lu}` after `\p`."""
        match = re.compile(r"\{([A-Z][a-z]?)\}").match(self.source, self.at)
        ranges = category(match[1]) if match else ()
        if match is None or not ranges:
            raise self.error(
                "\\p takes a general category, such as \\p{L} or \\p{Lu}; write other classes as ranges", start
            )
        self.at = match.end()
        return complement(ranges) if negative else ranges

    def bracket(self) -> Chars:
        """Read what follows an opening bracket."""
        start = self.at - 1
        negative = self.take("^")
        ranges: list[tuple[int, int]] = []
        while not self.take("]"):
            if not self.peek():
                raise self.error("this bracket is not closed", start)
            ranges += self.member()
        if not ranges:
            raise self.error("an empty class; write \\] for the character", start)
        chars = self.chars(union(ranges))
        if negative:
            chars = Chars(complement(chars.ranges))
        if not chars.ranges:
            raise self.error("this class matches nothing", start)
        return chars

    def member(self) -> Ranges:
        """Read one character, range or shorthand of a class."""
        start = self.at
        low = self.endpoint()
        if self.peek() != "-" or self.peek(2) == "-]":
            return low
        self.at += 1
        high = self.endpoint()
        if any(len(ends) != 1 or ends[0][0] != ends[0][1] for ends in (low, high)):
            raise self.error("a range goes from one character to another; write \\- for the character", start)
        if high[0][0] < low[0][0]:
            raise self.error("the ends of this range are in the wrong order", start)
        return ((low[0][0], high[0][0]),)

    def endpoint(self) -> Ranges:
        """Read one character or shorthand of a class; refuse what other dialects take for operators."""
        for sign in ("[", "&&", "~~", "||"):
            if self.peek(len(sign)) == sign:
                raise self.error(
                    f"no set operators, POSIX classes or nested classes; write \\{sign[0]} for the character"
                )
        char = self.peek()
        first = self.source[self.at - 1] == "[" or self.source[self.at - 2 : self.at] == "[^"
        if char == "-" and self.peek(2) != "-]" and not first:
            raise self.error("no set operators; write \\- for the character")
        self.at += 1
        return self.escaped() if char == "\\" else ((ord(char), ord(char)),) if char else ()
