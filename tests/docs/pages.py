"""The pages, and what stands in them: blocks with the comments before them, links, and outputs that are compared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = tuple(
    sorted(
        path.relative_to(ROOT).as_posix()
        for pattern in ("*.md", "docs/*.md", "examples/*/README.md")
        for path in ROOT.glob(pattern)
    )
)

_FENCE = re.compile(r"^```(?P<tag>\w*)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--\s*((?:(?!-->).)*?)\s*-->\s*\Z", re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^# exit code (\d+)$", re.MULTILINE)
ELLIPSIS = "…"


@dataclass
class Block:
    """One fenced block: its page and line, its tag, its text, the comment before it, and what it should print."""

    page: str
    line: int
    tag: str
    text: str
    comment: str = ""
    output: str | None = None
    code: int = field(default=0)

    @property
    def name(self) -> str:
        return f"{self.page}:{self.line}"

    @property
    def runs(self) -> bool:
        return not self.comment.startswith("not run:")


def blocks(page: str, text: str) -> list[Block]:
    """Return the blocks of a page; a `text` block behind the comment `output` belongs to the block before it."""
    found: list[Block] = []
    for match in _FENCE.finditer(text):
        comment = _COMMENT.search(text[: match.start()])
        block = Block(
            page,
            text[: match.start()].count("\n") + 1,
            match["tag"],
            match["text"],
            comment[1] if comment else "",
        )
        if block.tag == "text" and block.comment == "output":
            assert found, f"{block.name}: there is no block that prints this"
            found[-1].output = block.text
            continue
        code = _CODE.search(block.text)
        block.code = int(code[1]) if code else 0
        found.append(block)
    return found


def of_pages(*tags: str) -> list[Block]:
    """Return every block with one of these tags, on every page."""
    return [b for page in PAGES for b in blocks(page, (ROOT / page).read_text(encoding="utf-8")) if b.tag in tags]


def links(text: str) -> Iterator[str]:
    """Yield where the links and pictures of a page lead, code aside."""
    prose = re.sub(r"`[^`]*`", "", _FENCE.sub("", text))
    for match in _LINK.finditer(prose):
        yield match[1]


def anchors(text: str) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def missing_line(stated: str, printed: str) -> str | None:
    """Return the first stated line that was not printed, or None.

    The stated lines stand in this order in what was printed, each at the start of a line, however wide its blanks; a
    line `…` allows any lines between, and without one they follow each other.
    """
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    at, gap = 0, True
    for line in stated.splitlines():
        if line.strip() == ELLIPSIS:
            gap = True
            continue
        wanted = " ".join(line.split())
        places = range(at, len(lines)) if gap else range(at, min(at + 1, len(lines)))
        found = next(
            (place for place in places if lines[place].startswith(wanted) and (wanted or not lines[place])), None
        )
        if found is None:
            return line
        at, gap = found + 1, False
    return None
