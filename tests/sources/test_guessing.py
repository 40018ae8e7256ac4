"""Which encoding bytes are likely in."""

from __future__ import annotations

import pytest

from dq.sources.guessing import likely_encodings

RUSSIAN = ("Иванов Пётр, Москва", "ул. Ленина, 5; дом № 7", "САНКТ-ПЕТЕРБУРГ и область")


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-8"])
def test_the_right_encoding_is_likely_for_every_text_and_no_other_is(encoding):
    declared = "cp1250" if encoding == "utf-8" else "utf-8"
    votes = [set(likely_encodings(text.encode(encoding, "replace"), declared)) for text in RUSSIAN]
    assert set.intersection(*votes) == {encoding}


def test_western_text_is_not_taken_for_cyrillic():
    assert likely_encodings("café, Müller, naïve".encode("cp1252"), "utf-8")[0] == "cp1252"
    assert likely_encodings(b"a\x00b\x00", "utf-8") == []
    assert likely_encodings(b"plain", "utf-8") == []
    assert "cp1251" not in likely_encodings("Привет".encode("cp1251"), "cp1251")
