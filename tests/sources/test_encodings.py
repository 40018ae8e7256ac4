"""The closed list of encodings."""

from __future__ import annotations

import pytest

from dq.sources.encodings import MULTI_BYTE, SINGLE_BYTE, check_encoding, read_mark, to_utf8

SAFE = [byte for byte in range(128) if byte < 0x30 or byte in b":;"]


@pytest.mark.parametrize(
    ("name", "canonical"),
    [
        ("windows-1251", "cp1251"),
        ("UTF8", "utf-8"),
        ("Latin-1", "iso8859-1"),
        ("sjis", "shift_jis"),
        ("UTF-16LE", "utf-16-le"),
    ],
)
def test_names_have_one_canonical_form(name, canonical):
    assert check_encoding(name) == canonical


@pytest.mark.parametrize(
    "name",
    [
        "utf-7",
        "hz",
        "iso2022_jp",
        "cp037",
        "base64",
        "idna",
        "punycode",
        "johab",
        "unicode_escape",
        "nope",
        "utf-8\0",
        "",
    ],
)
def test_any_other_is_refused(name):
    with pytest.raises(ValueError, match="encod"):
        check_encoding(name)


@pytest.mark.parametrize("name", SINGLE_BYTE)
def test_single_byte_encodings_are_supersets_of_ascii(name):
    assert bytes(range(128)).decode(name).encode() == bytes(range(128))
    for byte in range(128, 256):
        try:
            text = bytes([byte]).decode(name)
        except UnicodeDecodeError:
            continue
        assert ord(text) >= 128


def strict(data, name):
    try:
        return data.decode(name)
    except UnicodeDecodeError:
        return ""


@pytest.mark.parametrize("name", MULTI_BYTE)
def test_no_later_byte_of_a_character_looks_like_a_mark(name):
    for byte in SAFE:
        assert bytes([byte]).decode(name) == chr(byte)
    for lead in range(128, 256):
        for byte in SAFE:
            assert strict(bytes([lead, byte]), name)[1:] in ("", chr(byte)), (lead, byte)
        for trail in range(128, 256):
            assert not set(strict(bytes([lead, trail]), name)) & {chr(byte) for byte in SAFE}


def test_marks_give_the_order_or_contradict():
    assert read_mark("utf-16", b"\xff\xfea\0") == ("utf-16-le", 2)
    assert read_mark("utf-16", b"\xfe\xff\0a") == ("utf-16-be", 2)
    assert read_mark("utf-32", b"\xff\xfe\0\0") == ("utf-32-le", 4)
    assert read_mark("utf-16-le", b"\xff\xfe\0\0") == ("utf-16-le", 2)
    assert read_mark("utf-8", b"abc") == ("utf-8", 0)
    for encoding, head in (
        ("utf-16-le", b"\xfe\xff\0a"),
        ("cp1251", b"\xef\xbb\xbfa"),
        ("utf-8", b"\xff\xfea\0"),
        ("utf-16", b"a\0b\0"),
    ):
        with pytest.raises(ValueError, match="mark"):
            read_mark(encoding, head)


def test_to_utf8_says_what_cannot_be_decoded():
    assert to_utf8("Ё".encode("cp1251"), "cp1251") == "Ё".encode()
    assert to_utf8(b"\x98", "cp1251") is None
    assert to_utf8(b"\xed\xa0\x80", "utf-8") is None
