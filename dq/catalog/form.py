"""The form of a catalogue entry: a reason in prose, then the wrong and the right way to write it."""

from __future__ import annotations

from textwrap import dedent, indent

from dq.diagnostics import Code, Severity


def entry(
    code: str, title: str, template: str, why: str, *, wrong: str, right: str, severity: Severity = Severity.ERROR
) -> Code:
    """Return a `Code` whose explanation is `why` followed by the two YAML examples, indented by four."""
    examples = "\n\n".join(
        f"{label}:\n\n{indent(dedent(yaml).strip(), '    ')}" for label, yaml in (("Wrong", wrong), ("Right", right))
    )
    return Code(code, title, template, f"{' '.join(why.split())}\n\n{examples}\n", severity)
