r"""Patterns compared as automata: whether one text is matched by some and not by others, and the shortest such text.

A pattern becomes a nondeterministic automaton over classes of characters that no pattern at hand tells apart.  The
automata run side by side, breadth first, so the first text that is found is a shortest one.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from dq.patterns.characters import SHORTHAND, SURROGATES
from dq.patterns.tree import Assertion, Chars, Choice, Repeat, Sequence

if TYPE_CHECKING:
    from collections.abc import Sequence as Listed

    from dq.patterns.characters import Ranges
    from dq.patterns.tree import Node

Side: TypeAlias = Literal["end", "word", "other"]  # what stands beside a place in the text; `end` is nothing
_WORD = SHORTHAND["w"]
_MATCHED: Final = frozenset({-1})
_MOST_STATES = 4000
_MOST_NODES = 20_000
_PLAIN = ((48, 57), (97, 122), (65, 90), (33, 126))  # which character stands for a class, if it may choose


class TooLargeError(ValueError):
    """The patterns are too large to be compared so."""


@dataclass(slots=True)
class Automaton:
    """One pattern, searched for anywhere in a text.  State 0 begins, state 1 has matched."""

    steps: list[list[tuple[Ranges, int]]] = field(default_factory=lambda: [[], []])
    empty: list[list[tuple[str, int]]] = field(default_factory=lambda: [[], []])  # an assertion or "", and where to

    def state(self) -> int:
        """Add a state; TooLargeError if there are too many."""
        if len(self.steps) >= _MOST_STATES:
            raise TooLargeError("a pattern has too many states")
        self.steps.append([])
        self.empty.append([])
        return len(self.steps) - 1

    def add(self, node: Node, start: int, end: int) -> None:
        """Add what leads from one state to another over the texts of a node."""
        match node:
            case Chars(ranges):
                self.steps[start].append((ranges, end))
            case Assertion(name):
                self.empty[start].append((name, end))
            case Sequence(items):
                for item in items[:-1]:
                    middle = self.state()
                    self.add(item, start, middle)
                    start = middle
                self.add(items[-1], start, end) if items else self.empty[start].append(("", end))
            case Choice(branches):
                for branch in branches:
                    self.add(branch, start, end)
            case Repeat():
                self._repeat(node, start, end)

    def _repeat(self, node: Repeat, start: int, end: int) -> None:
        """Write counted repetitions out; one without an end leads back to itself."""
        for _ in range(node.low):
            start = self._once(node.item, start)
        if node.high is None:
            loop = self.state()
            self.empty[start].append(("", loop))
            self.empty[self._once(node.item, loop)].append(("", loop))
            self.empty[loop].append(("", end))
            return
        for _ in range(node.high - node.low):
            self.empty[start].append(("", end))
            start = self._once(node.item, start)
        self.empty[start].append(("", end))

    def _once(self, item: Node, start: int) -> int:
        after = self.state()
        self.add(item, start, after)
        return after

    def closure(self, states: frozenset[int], before: Side, behind: Side) -> frozenset[int]:
        """Return the states that are reached without a character, between what stands before and behind."""
        reached, left = set(states), list(states)
        while left:
            for name, target in self.empty[left.pop()]:
                if target not in reached and _holds(name, before, behind):
                    reached.add(target)
                    left.append(target)
        return frozenset(reached)


def _holds(name: str, before: Side, behind: Side) -> bool:
    """Whether an assertion holds between what stands before and behind."""
    if name in {"^", "$"}:
        return (before if name == "^" else behind) == "end"
    boundary = (before == "word") != (behind == "word")
    return {"": True, "\\b": boundary, "\\B": not boundary}[name]


@dataclass(frozen=True)
class Run:
    """An automaton on its way through a text: the states before the place, and what stands before it."""

    of: Automaton
    states: frozenset[int] = frozenset({0})
    before: Side = "end"

    def __eq__(self, other: object) -> bool:
        """Whether both go on alike."""
        return isinstance(other, Run) and (self.states, self.before) == (other.states, other.before)

    def __hash__(self) -> int:
        """Return a hash of what goes on."""
        return hash((self.states, self.before))

    def after(self, character: int) -> Run:
        """Return the run behind one more character."""
        if self.states is _MATCHED:
            return self
        side: Side = "word" if _within(_WORD, character) else "other"
        reached = self.of.closure(self.states, self.before, side)
        if 1 in reached:
            return Run(self.of, _MATCHED)
        moved = {to for state in reached for ranges, to in self.of.steps[state] if _within(ranges, character)}
        return Run(self.of, frozenset(moved | {0}), side)

    @cached_property
    def matches(self) -> bool:
        """Whether the pattern is found in the text so far, if it ends here."""
        return self.states is _MATCHED or 1 in self.of.closure(self.states, self.before, "end")


def _within(ranges: Ranges, character: int) -> bool:
    """Whether a character is one of a set; most sets have few ranges."""
    return any(low <= character <= high for low, high in ranges)


@dataclass(frozen=True, slots=True)
class Language:
    """The texts that all of some patterns match and whose length lies within the ends; None is an open end."""

    patterns: tuple[Node, ...] = ()
    least: int = 0
    most: int | None = None

    def holds_length(self, length: int) -> bool:
        """Whether a text may be so long."""
        return self.least <= length and (self.most is None or length <= self.most)


def difference(first: Language, second: Language) -> str | None:
    """Return a shortest text of the first language that is none of the second, or None where there is none.

    TooLargeError where that cannot be said within bounds.
    """
    patterns = (*first.patterns, *second.patterns)
    start = tuple(Run(_automaton(node)) for node in patterns)
    characters = representatives(patterns)
    cap = 1 + max(each or 0 for each in (first.least, first.most, second.least, second.most))
    seen, left = {(start, 0)}, deque([(start, "")])
    while left:
        runs, text = left.popleft()
        if _holds_all(first, runs[: len(first.patterns)], text) and not _holds_all(
            second, runs[len(first.patterns) :], text
        ):
            return text
        for character in characters:
            after = tuple(run.after(character) for run in runs)
            node = (after, min(len(text) + 1, cap))
            if node not in seen:
                if len(seen) >= _MOST_NODES:
                    raise TooLargeError("the patterns differ too late, or not at all")
                seen.add(node)
                left.append((after, text + chr(character)))
    return None


def _holds_all(language: Language, runs: Listed[Run], text: str) -> bool:
    return language.holds_length(len(text)) and all(run.matches for run in runs)


def _automaton(node: Node) -> Automaton:
    automaton = Automaton()
    automaton.add(node, 0, 1)
    return automaton


def representatives(patterns: Listed[Node]) -> list[int]:
    """Return one character for each class that the patterns tell apart, a plain one where the class has any."""
    sets = sorted({ranges for node in patterns for ranges in _sets(node)} | {_WORD})
    cuts = {0, SURROGATES[1] + 1, *(low for low, _ in _PLAIN), *(high + 1 for _, high in _PLAIN)}
    cuts |= {cut for ranges in sets for low, high in ranges for cut in (low, high + 1)}
    chosen: dict[tuple[bool, ...], int] = {}
    for character in sorted((cut for cut in cuts if _is_character(cut)), key=_plainness):
        chosen.setdefault(tuple(_within(ranges, character) for ranges in sets), character)
    return list(chosen.values())


def _is_character(code: int) -> bool:
    return code <= 0x10FFFF and not SURROGATES[0] <= code <= SURROGATES[1]  # noqa: PLR2004 - the last of Unicode


def _plainness(code: int) -> tuple[int, int]:
    """Return where a character stands among those that could stand for its class."""
    return next((rank for rank, (low, high) in enumerate(_PLAIN) if low <= code <= high), len(_PLAIN)), code


def _sets(node: Node) -> list[Ranges]:
    """Return the sets of characters of a pattern."""
    match node:
        case Chars(ranges):
            return [ranges]
        case Sequence(items) | Choice(items):
            return [ranges for item in items for ranges in _sets(item)]
        case Repeat(item):
            return _sets(item)
        case Assertion():
            return []
