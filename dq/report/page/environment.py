"""What every page of dq is made with: the templates' environment, its parts, and its content-security policy."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dq.report import wording
from dq.report.evidence import facts
from dq.report.page import drawing, overview

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATES = Path(__file__).with_name("templates")
STYLE, SCRIPT = "style.css", "script.js"
FILTERS = ("plain", "lines", "percent", "limit_percent", "count", "several", "shown", "measure", "size", "place")


def render(template: str, view: dict[str, Any], script: str | None = None) -> bytes:
    """Return a page that loads nothing: its style and the script of that name, if any, stand in it.

    The policy names the two by their sums and forbids everything else, so that nothing that data brings could run or
    be fetched.
    """
    style, code = _part(STYLE), _part(script) if script else ""
    policy = (
        f"default-src 'none'; img-src data:; style-src '{_sum(style)}'; "
        f"script-src '{_sum(code) if script else 'none'}'; base-uri 'none'; form-action 'none'"
    )
    page = _environment().get_template(template)
    return page.render(policy=policy, style=style, script=code, **view).encode()


@cache
def _environment() -> Environment:
    """Return the templates' environment: everything is escaped, and a name that is not there is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from dq.report.page.bytecode import CompiledTemplates

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=CompiledTemplates(TEMPLATES),
        optimized=False,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for name in FILTERS:
        environment.filters[name] = getattr(wording, name)
    environment.filters |= {"facts": facts, "breakable": _breakable}
    environment.globals |= {"bar": drawing.bar, "tones": overview.TONES, "verdicts": overview.WORDS}
    return environment


def _breakable(name: str) -> Any:
    """Return a name, escaped, that a narrow column breaks behind a point or an underscore and not within a word."""
    from markupsafe import Markup

    return Markup("<wbr>").join(re.split(r"(?<=[._])", name))


def _part(name: str) -> Any:
    """Return a file of the page as text that is not to be escaped: it is ours."""
    from markupsafe import Markup

    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))  # noqa: S704


def _sum(text: str) -> str:
    """Return the source expression by which a policy allows exactly this text."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
