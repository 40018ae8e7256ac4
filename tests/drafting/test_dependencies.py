"""Fields that determine one another: mended where the others look like mistakes, a doubt where they do not."""

from __future__ import annotations

import polars as pl

from dq.drafting import dependencies, fields
from dq.drafting.column import columns
from dq.dtypes.cast import CastOptions


def repairs(table):
    """Return the repairs that are proposed, by field; doubtful ones begin with a question mark."""
    cells = pl.DataFrame({name: pl.Series(texts, dtype=pl.String) for name, texts in table.items()})
    drafts = [fields.draft(column, CastOptions()) for column in columns(cells, {name: name for name in table})]
    dependencies.add_repairs(drafts, cells)
    found = ((made.name, finding) for made in drafts for finding in made.findings if finding.section == "repair")
    return {name: ("" if finding.sure else "? ") + finding.text for name, finding in found}


CLINICS = [f"c{number % 30}" for number in range(900)]
CITIES = [f"city of {chr(97 + number % 30 % 13) * 4}" for number in range(900)]


def test_misspellings_are_set_to_what_the_others_of_the_key_say():
    cities = list(CITIES)
    for at in (3, 77, 500):
        cities[at] = cities[at].replace("city", "cxty")
    assert repairs({"clinic": CLINICS, "city": cities}) == {"city": "{agree: {by: [clinic]}}"}


def test_other_words_are_a_doubt():
    cities = list(CITIES)
    for at in (3, 77, 500):
        cities[at] = "quite another place"
    assert repairs({"clinic": CLINICS, "city": cities}) == {"city": "? {agree: {by: [clinic]}}"}


def test_few_gaps_are_filled_and_many_are_not():
    few = [None if at % 40 == 0 else city for at, city in enumerate(CITIES)]
    assert repairs({"clinic": CLINICS, "city": few}) == {"city": "{agree: {by: [clinic], fill: true}}"}
    many = [None if at % 2 == 0 else city for at, city in enumerate(CITIES)]
    assert repairs({"clinic": CLINICS, "city": many}) == {}


def test_nothing_is_proposed_where_all_agree_or_nothing_depends():
    assert repairs({"clinic": CLINICS, "city": CITIES}) == {}
    assert repairs({"clinic": CLINICS, "mark": [f"m{at * at % 7}" for at in range(900)]}) == {}


def test_what_is_nearly_always_the_same_depends_on_nothing():
    assert repairs({"clinic": CLINICS, "kind": ["acute" if at % 300 else "other" for at in range(900)]}) == {}
