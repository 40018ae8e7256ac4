"""Text steps: their documented examples, a plain Python reference for each, and the laws."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import polars as pl
import pytest
from cleaning import known, refused, run, run_many, step, texts
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from dq.params import ParamError
from dq.steps.base import TEXT_STEPS, TextStep
from dq.steps.text.normalization import SETTLED

WHITE = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
INVISIBLE = {
    *(chr(code) for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) not in WHITE),
    *"\xad\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff",
}
ACCENTS = [
    range(0x300, 0x370),
    range(0x1AB0, 0x1B00),
    range(0x1DC0, 0x1E00),
    range(0x20D0, 0x2100),
    range(0xFE20, 0xFE30),
]


def reference_accents(text: str) -> str:
    kept = re.sub("([иИуУ]\u0306|[іІ]\u0308)", lambda found: "\ue000" + found[0], unicodedata.normalize("NFD", text))
    out: list[str] = []
    for char in kept:
        guarded = len(out) >= 2 and out[-2] == "\ue000"
        if guarded or not any(ord(char) in block for block in ACCENTS):
            out.append(char)
    return unicodedata.normalize("NFC", "".join(out).replace("\ue000", ""))


def reference_title(text: str) -> str:
    out, word, letters = "", "", "LMN"
    lowered = text.lower()
    for place, char in enumerate(lowered):
        if unicodedata.category(char)[0] in letters:
            starts = not word and not contraction(lowered, place)
            word += char
            out += char.title() if starts else char
        else:
            word, out = "", out + char
    return out


def contraction(text: str, place: int) -> bool:
    """Whether the word at this place is the end of a contraction such as `don't`."""
    after_word = place >= 2 and text[place - 1] in "'’" and unicodedata.category(text[place - 2])[0] in "LMN"
    return after_word and re.match(r"(?:[sſ]|t|m|d|re|ve|ll)\b", text[place:]) is not None


REFERENCES: dict[str, Callable[[str], str | None]] = {
    "strip": lambda text: text.strip(WHITE),
    "collapse_whitespace": lambda text: re.sub(f"[{WHITE}]+", " ", text),
    "lower": str.lower,
    "upper": str.upper,
    "title": reference_title,
    "nfc": lambda text: unicodedata.normalize("NFC", text),
    "nfkc": lambda text: unicodedata.normalize("NFKC", text),
    "remove_control": lambda text: "".join(char for char in text if char not in INVISIBLE),
    "remove_accents": lambda text: text if text.isascii() else reference_accents(text),
    'pad: {width: 5, side: right, char: "Ж"}': lambda text: text.ljust(5, "Ж"),
    "pad: 3": lambda text: text.rjust(3, "0"),
    "slice: {start: 1, length: 2}": lambda text: text[1:3],
    "slice: {start: 2}": lambda text: text[2:],
    "slice: {start: -3}": lambda text: text[-3:],
    "slice: {start: -3, length: 2}": lambda text: text[-3:][:2],
    '{map: {"": empty, é: e, " ": ""}}': lambda text: {"": "empty", "é": "e", " ": ""}.get(text, text),
    '{map: {"": empty, é: e, " ": ""}, otherwise: blank}': {"": "empty", "é": "e", " ": ""}.get,
    "{aliases: {file: a.csv, from: name, to: code}}": lambda text: {"рф": "RU", "russia": "RU"}.get(text, text),
    "{aliases: {file: a.csv, from: name, to: code}, otherwise: blank}": {"рф": "RU", "russia": "RU", "RU": "RU"}.get,
    'replace: {pattern: "[aа]+", with: "$1\\\\1"}': lambda text: re.sub("[aа]+", lambda _: "$1\\1", text),
}
IDEMPOTENT = (
    "strip", "collapse_whitespace", "lower", "upper", "title", "nfc", "nfkc", "remove_control", "remove_accents",
    "pad: 4", "slice: {start: 0, length: 3}",
)  # fmt: skip


@pytest.mark.parametrize("kind", [kind.kind for kind in TEXT_STEPS])
def test_examples_of_the_reference(kind: str) -> None:
    found = TEXT_STEPS.find(kind)
    assert found is not None
    before, after = zip(*found.example_values, strict=True)
    assert run(step(found.example), list(before)) == list(after)


@pytest.mark.parametrize("kind", [kind.kind for kind in TEXT_STEPS])
def test_null_stays_null_and_an_empty_column_is_text(kind: str) -> None:
    found = TEXT_STEPS.find(kind)
    assert found is not None
    bound = step(found.example)
    assert run(bound, [None, None]) == [None, None]
    empty = pl.DataFrame({"text": pl.Series([], dtype=pl.String)})
    assert empty.select(bound.expression(pl.col("text"))).schema == {"text": pl.String}


@pytest.mark.parametrize("entry", REFERENCES)
@given(values=texts)
def test_reference(entry: str, values: list[str | None]) -> None:
    reference = REFERENCES[entry]
    assert run(step(entry), values) == [None if text is None else reference(text) for text in values]


@pytest.mark.parametrize("entry", IDEMPOTENT)
@given(values=texts)
def test_idempotent(entry: str, values: list[str | None]) -> None:
    bound = step(entry)
    once = run(bound, values)
    assert run(bound, once) == once


def test_every_kind_has_a_reference() -> None:
    named = {re.match(r"[{ ]*(\w+)", entry)[1] for entry in REFERENCES}  # type: ignore[index]
    assert named >= {kind.kind for kind in TEXT_STEPS if kind.__module__.startswith("dq.steps.text")}


def test_strip_and_collapse_over_every_character() -> None:
    everything = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    assert "".join(c for c, out in zip(everything, run(step("strip"), everything), strict=True) if out == "") == WHITE
    assert {
        c for c, out in zip(everything, run(step("remove_control"), everything), strict=True) if not out
    } == INVISIBLE


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u2060", "\x1c", "\x00"])
def test_marks_that_are_not_white_space(mark: str) -> None:
    assert run(step("strip"), [f" {mark} a"]) == [f"{mark} a"]
    assert run(step("collapse_whitespace"), [f"a {mark} b"]) == [f"a {mark} b"]
    assert run(step("remove_control"), [f"a{mark}b"]) == ["ab"]


@given(keys=st.dictionaries(st.text(known, max_size=5), st.text(known, max_size=5), min_size=1), values=texts)
def test_map_refuses_exactly_what_is_no_key(keys: dict[str, str], values: list[str | None]) -> None:
    kind = TEXT_STEPS.find("map")
    assert kind is not None
    bound = kind(kind.Params.model_validate({"table": keys, "otherwise": "refuse"}))
    assert refused(bound, values) == [None if text is None else text not in keys for text in values]
    assert run(bound, values) == [None if text is None else keys.get(text, text) for text in values]


def test_map_with_many_and_long_keys() -> None:
    kind = TEXT_STEPS.find("map")
    assert kind is not None
    table = {"k" * 70_000: "long", "": "empty", **{f"key {i}": str(i) for i in range(20_000)}}
    bound = kind(kind.Params.model_validate({"table": table, "otherwise": "blank"}))
    assert run(bound, ["k" * 70_000, "", "key 19999", "key 20000"]) == ["long", "empty", "19999", None]


def test_map_identity_knows_no_places_and_no_order() -> None:
    one, two = step("{map: {a: x, b: y}}"), step('\n\n{map: {b: "y", a: x}, otherwise: keep}')
    assert (
        one.identity()
        == two.identity()
        == {"kind": "map", "params": {"table": {"a": "x", "b": "y"}, "otherwise": "keep"}}
    )


def test_map_without_refusal_refuses_nothing() -> None:
    assert step("{map: {a: x}}").refused(pl.col("text")) is None


def test_map_says_how_many_values_it_accepts() -> None:
    assert step("{map: {a: x, b: x}, otherwise: refuse}").expected() == "one of the 2 values of the map"


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ("pad: 0", "width"),
        ("pad: 100000000", "width"),
        ('pad: {width: 3, char: ""}', "char"),
        ("pad: {width: 3, char: ab}", "char"),
        ("slice: {length: 0}", "length"),
        ("{map: {}}", "table"),
    ],
)
def test_nonsense_is_refused(entry: str, key: str) -> None:
    with pytest.raises(ParamError) as caught:
        step(entry)
    assert (caught.value.code, caught.value.key) == ("DQ307", key)


@pytest.mark.parametrize(("pattern", "code"), [("(", "DQ309"), ("(?=a)b", "DQ310"), (r"(a)\\1", "DQ310")])
def test_patterns_outside_the_dialect(pattern: str, code: str) -> None:
    with pytest.raises(ParamError) as caught:
        step(f'replace: {{pattern: "{pattern}", with: ""}}')
    assert (caught.value.code, caught.value.key) == (code, "pattern")


@pytest.mark.parametrize("entry", ["pad: {width: 3, size: 2}", "pad: {side: left}", "{map: {a: x}, otherwise: drop}"])
def test_unknown_and_missing_parameters_are_refused(entry: str) -> None:
    with pytest.raises(ValidationError):
        step(entry)


def test_replace_identity_uses_the_words_of_the_language() -> None:
    entry = 'replace: {pattern: "a", with: "b"}'
    assert step(entry).identity() == {"kind": "replace", "params": {"pattern": "a", "with": "b"}}


@pytest.mark.parametrize("form", sorted(SETTLED))
def test_settled_characters_are_in_their_form_alone_and_behind_any_other(form: str) -> None:
    parts = [unicodedata.decomposition(chr(code)).split() for code in range(0x110000)]
    seconds = {chr(int(each[1], 16)) for each in parts if len(each) == 2 and not each[0].startswith("<")}
    for first, last in SETTLED[form]:
        for char in map(chr, range(first, last + 1)):
            assert unicodedata.category(char) not in {"Cn", "Cs"}, hex(ord(char))
            assert unicodedata.combining(char) in {0, 9}, hex(ord(char))  # so that none of them changes places
            assert char not in seconds, hex(ord(char))
            assert not 0x1100 <= ord(char) < 0x1200, hex(ord(char))  # parts of Korean syllables are put together
            assert unicodedata.normalize(form, char) == char, hex(ord(char))  # type: ignore[arg-type]


@pytest.mark.parametrize("form", sorted(SETTLED))
@given(data=st.data())
def test_text_of_settled_characters_and_marks_is_normalized_as_python_does(form: str, data: st.DataObject) -> None:
    settled = st.sampled_from(SETTLED[form]).flatmap(lambda ends: st.integers(*ends)).map(chr)
    marks = st.sampled_from("\u0301\u0308\u0327\u030a\u3099\u093c\u0e33\u0e38\u1161\u11a8\u212b\ufb01")
    text = data.draw(st.text(st.one_of(settled, settled, marks)))
    assert run(step(form.lower()), [text]) == [unicodedata.normalize(form, text)]  # type: ignore[arg-type]


@given(
    form=st.sampled_from(sorted(SETTLED)),
    few=st.lists(st.text("aeu\u0301\u0308\u0323\u0327\u093c\u0915\u094d\ufb01\u212b\u1100\u1161\n", max_size=6)),
)
def test_marks_that_many_texts_share_are_composed_to_the_same(form: str, few: list[str]) -> None:
    texts = [*few, None, *few]
    assert run_many(step(form.lower()), texts) == [
        text if text is None else unicodedata.normalize(form, text)  # type: ignore[arg-type]
        for text in texts
    ]


OF_MANY = [kind for kind in TEXT_STEPS if kind.expression_of_many is not TextStep.expression_of_many]


def test_there_are_steps_that_clean_many_texts_in_another_way() -> None:
    assert {kind.kind for kind in OF_MANY} >= {"nfc", "nfkc"}


@given(values=texts)
@pytest.mark.parametrize("kind", OF_MANY, ids=lambda kind: kind.kind)
def test_many_texts_are_cleaned_as_one_is(kind: type[TextStep], values: list[str | None]) -> None:
    bound = step(kind.example)
    values = [*values, *(before for before, _ in kind.example_values)]
    assert run_many(bound, values) == run(bound, values)
