"""Files that are nearly CSV, JSON Lines or a JSON array, and a specification that keeps every door busy."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st
from whole_runs import load

import dq

Case = tuple[str, str]  # a form, and one option of its source

FIELDS = """\
fields:
  a: {type: integer, clean: [strip, {map: {x: "1", y: z}, otherwise: keep}], checks: [{maximum: 6, on_fail: set_null}]}
  b: {type: string, impute: {constant: q}, checks: [unique, {max_length: 4}]}
  c: {type: string}
  d: {type: integer, derive: "a + 1", checks: [{maximum: 5}]}
filter:
  - {keep: "c is null or c <> 'no'"}
dedupe: {key: [a], keep: last, order_by: c, prefer: valid}
"""
SOURCES = {
    "csv": ["", "multiline: trust", "multiline: false", "bare_quotes: data", "recover: quarantine", "header: [a, b, c]",
            "header: false", "quote: none", "skip_rows: 1", "skip_footer: 1", "max_record: 64", "encoding: cp1251",
            "delimiter: ';'"],
    "jsonl": ["", "max_record: 64", "encoding: utf-16-le"],
    "json": ["", "max_record: 64"],
}  # fmt: skip
CASES = [(form, option) for form, options in SOURCES.items() for option in options]
NOISE = [
    b'"', b'""', b",", b";", b"\n", b"\r\n", b"\r", b"1", b"x", b" ", b"\xff", b"\xd0\xb0", b"\xef\xbb\xbf", b"\x00", b"{",
    b"}", b"[", b"]", b":", b"NaN", b'"a":', b"null", b"},{", b'"unclosed,1,2\n', b"y" * 70, b'{"a":1,"a":2}', b",",
]  # fmt: skip
GOOD = {
    "csv": [b"1,q,no\n", b"2,x,z\r\n", b"2,w,a\n", b'5,"r\ns",\r', b" 6 ,,1\n", b"x,q,\n", b"y,tt,\n", b"3,longer,\n"],
    "jsonl": [
        b'{"a":1,"b":"q","c":"no"}\n',
        b'{"a":"2"}\n',
        b'{"a":2,"c":"z"}\r\n',
        b'{"b":"longer"}\n',
        b'{"a":[1]}\n',
    ],
    "json": [b'{"a":1,"b":"q","c":"no"},', b'{"a":"2"}, ', b'{"a":2,"c":"z"},\n', b'{"b":"longer"},', b'{"a":"x"}\n,'],
}
BEGINNINGS = {"csv": b"a,b,c\n", "jsonl": b"", "json": b"["}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Case, bytes]:
    """A form with one option, and bytes that are nearly of that form, or no form at all."""
    case = draw(st.sampled_from(CASES))
    good, noise = st.sampled_from(GOOD[case[0]]), st.sampled_from(NOISE)
    body = draw(st.lists(st.one_of(good, good, good, noise), max_size=20))
    data = BEGINNINGS[case[0]] + b"".join(body) + draw(st.sampled_from([b"", b"]", b'{"a":3}]']))
    if draw(st.integers(0, 5)) == 5:
        data = draw(st.binary(max_size=60))
    if "delimiter" in case[1]:
        data = data.replace(b",", b";")
    return case, data.decode("latin-1").encode("utf-16-le") if "utf-16" in case[1] else data


def plans_of_all_forms(folder: Path) -> dict[Case, dq.Plan]:
    """Return one plan for each form and option."""
    made = {}
    for form, option in CASES:
        extra = f", {option}" if option else ""
        head = f"dq: 1\nevent: e\nversion: 1.0.0\nsources: {{s: {{format: {form}{extra}}}}}\n"
        made[form, option] = load(folder, head + FIELDS)
    return made
