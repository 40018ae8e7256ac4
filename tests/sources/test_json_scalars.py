"""The automaton of scalars says of every text what the strict parser says."""

import json

import jiter
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dq.sources.json_scalars import LONGEST, are_scalars


def judged(texts, behind=b","):
    """Return the automaton's verdicts about texts that stand behind one another."""
    data = np.frombuffer(b"".join(text + behind for text in texts) + bytes(8), np.uint8)
    words = np.ndarray((len(data) - 7,), "<u8", buffer=data, strides=(1,))
    lengths = np.array([len(text) for text in texts], np.int64)
    return are_scalars(data, words, np.cumsum(lengths + len(behind)) - lengths - len(behind), lengths).tolist()


def is_scalar(text):
    """Tell by the parser whether a text is a scalar that is no string, without white space around it."""
    if text[:1] in b' \t\r\n"[{' or text != text.strip(b" \t\r\n"):
        return False
    try:
        jiter.from_json(text, allow_inf_nan=False, float_mode="lossless-float")
    except ValueError:
        return False
    return True


PIECES = st.sampled_from([b"-", b"+", b"0", b"1", b"9", b"00", b".", b"e", b"E", b"e5", b"true", b"false", b"null", b"nul", b"t", b"N", b"NaN", b" ", b"\xff", b"\x00", b'"', b"12", b":", b"Infinity"])  # fmt: skip
TEXTS = st.one_of(
    st.lists(PIECES, max_size=6).map(b"".join),
    st.integers().map(lambda number: json.dumps(number).encode()),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: json.dumps(number).encode()),
).filter(lambda text: len(text) <= LONGEST)


@given(st.lists(TEXTS, max_size=8), st.sampled_from([b",", b"}", b"]"]))
@example(
    [b"", b"0", b"-0", b"-", b"01", b"1.", b".5", b"1e", b"1e+", b"-0.0e-00", b"1e5e5", b"true", b"tru", b"nulll"], b","
)
@example([b"9" * LONGEST, b"1." + b"0" * (LONGEST - 2), b"-" * LONGEST], b"]")
def test_the_automaton_agrees_with_the_parser(texts, behind):
    assert judged(texts, behind) == [is_scalar(text) for text in texts]


@pytest.mark.parametrize("behind", [b"\n", b"\x00", b":", b"{", b"[", b'"', b" "])
def test_a_scalar_ends_at_a_comma_or_a_closing_bracket(behind):
    assert judged([b"1", b"null"], behind + b",") == [False, False]


def test_no_text():
    assert judged([]) == []
