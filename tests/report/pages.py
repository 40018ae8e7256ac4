"""Pages taken apart: the elements, the text, and what is wrong with either."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "circle", "path", "rect"}
OPTIONAL = VOID - {"circle", "path", "rect"}


@dataclass
class Element:
    """One element: its tag, its attributes, the text directly and indirectly in it, and the element around it."""

    tag: str
    attributes: dict[str, str | None]
    parent: Element | None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def inside(self, *tags: str) -> bool:
        above = self.parent
        while above is not None:
            if above.tag in tags:
                return True
            above = above.parent
        return False


class Page(HTMLParser):
    """A page whose every element is closed where it should be; AssertionError otherwise."""

    def __init__(self, data: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[Element] = []
        self.open: list[Element] = []
        self.source = data.decode("utf-8")
        self.feed(self.source)
        self.close()
        assert self.open == [], [element.tag for element in self.open]

    def handle_starttag(self, tag, attrs):
        if (tag, attrs) == ("wbr", []):
            return  # a place in a name where a line may end, and nothing of the page's own
        assert len(dict(attrs)) == len(attrs), attrs
        element = Element(tag, dict(attrs), self.open[-1] if self.open else None)
        if element.parent is not None:
            element.parent.children.append(element)
        self.elements.append(element)
        if tag not in OPTIONAL:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        if tag not in OPTIONAL:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open[-1].tag == tag, (tag, [element.tag for element in self.open])
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data

    def handle_comment(self, data):
        raise AssertionError(f"a comment: {data[:40]}")

    def unknown_decl(self, data):
        raise AssertionError(f"a declaration: {data[:40]}")

    def handle_pi(self, data):
        raise AssertionError(f"a processing instruction: {data[:40]}")

    def all(self, tag: str) -> list[Element]:
        return [element for element in self.elements if element.tag == tag]

    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the tags with the names of their attributes, sorted: checks that are equally bad go by their ids.

        Words of the spec's language stand between back ticks in the text of an advice, and become `code`: left out.
        """
        return sorted((e.tag, tuple(e.attributes)) for e in self.elements if e.tag != "code" or not e.inside("li"))
