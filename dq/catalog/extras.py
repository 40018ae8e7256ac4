"""What is refused because a package that a kind needs is not installed."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ325",
        "Needs an extra",
        "'{kind}' needs the package {package}: install dq-gate[{extra}]",
        """Some kinds read values by means of a library that is not installed with dq itself, to keep dq small. The
        extra of that name brings it, as does dq-gate[all]. A spec that names such a kind is refused rather than run
        without it.""",
        wrong="""
        # pip install dq-gate
        email:
          clean: [email]
        """,
        right="""
        # pip install dq-gate[clean]
        email:
          type: string
          clean: [email]
        """,
    ),
)
