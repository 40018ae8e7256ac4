"""Mistakes in a file of waivers."""

from __future__ import annotations

from dq.catalog.form import entry

CODES = (
    entry(
        "DQ330",
        "Waiver of nothing",
        "there is no check '{id}' that could be waived",
        """A waiver names what it puts up with by its id, as the report spells it: a check, an expectation, a question
        of 'ml', or 'readable' for records that cannot be read. A waiver of something else would waive nothing, or the
        wrong thing once an id changes.""",
        wrong="""
        waivers:
          - {check: amount.betwen, reason: the old till, owner: sales, expires: 2026-12-31}
        """,
        right="""
        waivers:
          - {check: amount.between, reason: the old till, owner: sales, expires: 2026-12-31}
        """,
    ),
    entry(
        "DQ331",
        "Waived twice",
        "'{id}' is waived by another entry already",
        """One check has one waiver: with two, it would not be clear whose reason and whose day count. Renew the entry
        that is there.""",
        wrong="""
        waivers:
          - {check: amount.between, reason: the old till, owner: sales, expires: 2026-06-30}
          - {check: amount.between, reason: still there, owner: sales, expires: 2026-12-31}
        """,
        right="""
        waivers:
          - {check: amount.between, reason: the old till is still there, owner: sales, expires: 2026-12-31}
        """,
    ),
    entry(
        "DQ332",
        "Waiver of a check that aborts",
        "'{id}' aborts the run, which a waiver cannot undo",
        """A check with on_fail: abort ends the run at the first row that fails it, so there is no batch left whose
        verdict could be waived. Let the check refuse rows instead, or leave the waiver out.""",
        wrong="""
        waivers:
          - {check: amount.minimum, reason: refunds, owner: sales, expires: 2026-12-31}
        """,
        right="""
        # In the spec: a check that refuses its rows can be waived.
        checks: [{minimum: 0, on_fail: quarantine}]
        """,
    ),
)
