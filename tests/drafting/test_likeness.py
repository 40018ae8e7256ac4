"""Misspellings are told from other words."""

from __future__ import annotations

import pytest

from dq.drafting.likeness import may_be_misspelling


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("yxs", "yes", True),
        ("sa", "as", True),
        ("heartxattack", "heart attack", True),
        ("birmingam", "birmingham", True),
        ("1xx45", "10045", True),
        ("10046", "10045", False),
        ("al_ami-2", "al_ami-3", False),
        ("UTC+7", "UTC+8", False),
        ("Fixed wing multi engine", "Fixed wing single engine", False),
        ("no", "yes", False),
        ("a", "b", False),
        ("", "x", False),
        ("male", "female", False),
    ],
)
def test_may_be_misspelling(text, word, expected):
    assert may_be_misspelling(text, word) is expected
