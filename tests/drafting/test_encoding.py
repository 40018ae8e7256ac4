"""Encodings are told from bytes, and the guess says what speaks for it."""

from __future__ import annotations

import builtins

import pytest

from dq.drafting.encoding import guess
from dq.errors import UsageError

RUSSIAN = "Номер заказа;Сумма;Город\n1;12,5;Москва\n2;13,7;Нижний Новгород\n3;8,1;Санкт-Петербург\n" * 5
GERMAN = "Straße;Größe;Köln\nMüller;schön;Übung\nGrüße aus München;Äpfel;Öl\n" * 5
JAPANESE = "名前;都市\n日本語のテキストです;京都\n山田太郎;東京都千代田区\n" * 8


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("plain", "ascii", "utf-8"),
        (RUSSIAN, "utf-8", "utf-8"),
        (RUSSIAN, "utf-8-sig", "utf-8"),
        (RUSSIAN, "utf-16", "utf-16"),
        ("a,b\n1,2\n" * 9, "utf-16-le", "utf-16-le"),
        ("a,b\n1,2\n" * 9, "utf-16-be", "utf-16-be"),
        (RUSSIAN, "cp1251", "cp1251"),
        (RUSSIAN, "koi8-r", "koi8-r"),
        (GERMAN, "cp1252", "cp1252"),
        (JAPANESE, "cp932", "cp932"),
        ("id;city\n" + "1;Köln\n2;Bonn\n3;Bremervörde\n4;Ulm\n" * 20, "cp1252", "cp1252"),
        ("id;city\n" + "1;Łódź\n2;Kraków\n3;Gdańsk\n4;x\n" * 20, "cp1250", "cp1250"),
        ("id;city\n" + "1;Москва\n2;x\n3;y\n" * 20, "cp866", "cp866"),
    ],
)
def test_guess(text, encoding, expected):
    pytest.importorskip("charset_normalizer")
    found = guess(text.encode(encoding), whole=True)
    assert found.name == expected
    assert found.evidence


def test_a_character_that_is_cut_in_two_is_no_fault_of_the_file():
    assert guess("Öl und Ärger".encode()[:10], whole=False).name == "utf-8"


def test_without_a_detector_the_extra_is_named(monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "charset_normalizer":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(UsageError, match=r"dq-gate\[infer\], or name the encoding with --encoding"):
        guess(GERMAN.encode("cp1252"), whole=True)
