"""The ready-made specs judge a few records as their comments say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import dq

SPECS = Path(__file__).parents[2] / "specs"
NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def doors(result):
    return {door: count for door, count in result.report.records.items() if count and door != "read"}


def reasons(result):
    return [reason for text in result.quarantined["reasons"] for reason in json.loads(text)]


def test_page_view():
    view = {
        "id": "0b0c4d0e-1111-4222-8333-444455556666",
        "visitor": {"id": "v-12345678"},
        "page": {"url": " https://shop.example/a ", "referrer": "r" * 3000},
        "screen": {"width": 390},
        "ts": "2026-11-22T05:00:00Z",
    }
    later = view | {"ts": 1795323600000}
    monitor = view | {"id": "0b0c4d0e-1111-4222-8333-444455556667", "page": {"url": "https://shop.example/?monitor=1"}}
    future = view | {"id": "0b0c4d0e-1111-4222-8333-444455556668", "ts": "2027-01-01T00:00:00Z"}
    result = dq.load(SPECS / "page_view.dq.yaml").run([view, later, monitor, future], now=NOW)
    assert doors(result) == {"accepted": 1, "quarantined": 1, "deduplicated": 1, "filtered": 1}
    row = result.accepted.row(0, named=True)
    assert (row["url"], row["referrer"]) == ("https://shop.example/a", None)
    assert [reason["check"] for reason in reasons(result)] == ["referrer.max_length", "seen_at.before"]


def test_order_placed_from_two_places(tmp_path):
    web = tmp_path / "web.jsonl"
    web.write_text(
        '{"orderId":"a-1000001","customer":{"email":"A@Example.com"},"country":"Russia","amount":10.5,'
        '"status":"paid","createdAt":"2026-11-01T10:00:00Z","consent":true}\n'
        '{"orderId":"a-1000002","customer":{"email":"b@example.com"},"amount":-1,'
        '"status":"paid","createdAt":"2026-11-01T10:00:00Z","consent":true}\n',
        encoding="utf-8",
    )
    crm = tmp_path / "crm.csv"
    crm.write_bytes(
        "Номер;Почта;Страна;Сумма;Статус;Дата;Согласие\r\n"
        "A-1000001;a@example.com;РФ;1 010,50;оплачен;02.11.2026 09:00;да\r\n"
        "A-1000003;;;-;ожидает;02.11.2026 09:05;да\r\n"
        "A-1000004;;РФ;5,00;оплачен;02.11.2026 09:05;нет\r\n".encode("cp1251")
    )
    result = dq.load(SPECS / "order_placed.dq.yaml").run([web, crm], now=NOW)
    assert doors(result) == {"accepted": 2, "quarantined": 1, "deduplicated": 1, "filtered": 1}
    rows = {row["order_id"]: row for row in result.accepted.iter_rows(named=True)}
    assert (str(rows["A-1000001"]["amount"]), rows["A-1000001"]["country"]) == ("1010.50", "RU")
    assert (rows["A-1000003"]["amount"], rows["A-1000003"]["country"]) == (None, "ZZ")
    assert [reason["check"] for reason in reasons(result)] == ["amount.between", "paid_has_amount"]


def test_sensor_reading(tmp_path):
    readings = tmp_path / "readings.csv"
    readings.write_text(
        "ab-0001,1795323600,21.5,40,3.1\n"
        "AB-0001,2026-11-22T05:00:00Z,21.5,40,3.1\n"
        "AB-0002,1795323600,-999,NaN,3.0\n"
        "AB-0003,1795323600,900.0,55,2.1\n",
        encoding="utf-8",
    )
    result = dq.load(SPECS / "sensor_reading.dq.yaml").run(readings, now=NOW)
    assert doors(result) == {"accepted": 2, "quarantined": 1, "deduplicated": 1}
    last = result.accepted.row(1, named=True)
    assert (last["sensor_id"], last["temperature"], last["humidity"]) == ("AB-0003", None, 55.0)
    assert [reason["check"] for reason in reasons(result)] == ["has_a_reading"]
