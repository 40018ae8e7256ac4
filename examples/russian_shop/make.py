"""Write `orders.csv` as an old shop program exports it: cp1251, `;`, decimal comma, spaces between thousands.

The rows are made for this example and the same at every run.  Eight of them have a fault that such exports have.
"""

from __future__ import annotations

import random
from pathlib import Path

HEADER = "Номер;Дата заказа;Покупатель;Телефон;Страна;Сумма;Оплата;Согласие"
NAMES = ("Иванова Анна", "Петров Илья", "Сидорова Ольга", "Кузнецов Пётр", "Смирнова Юлия", "ООО «Ромашка»")
COUNTRIES = ("Россия", "РФ", "россия ", "Russia", "Беларусь", "РБ", "Казахстан")
PAYMENTS = ("оплачен", "Оплачен", "ожидает", "возврат")
FAULTS = {
    7: "ЗК-0007;03.11.2026 10:20;Петров Илья;+7 900 000-00-07;Россея;1 250,00;оплачен;да",
    12: "ЗК-0012;31.02.2026 09:15;Иванова Анна;+7 900 000-00-12;РФ;990,00;оплачен;да",
    17: "ЗК-0017;04.11.2026 12:00;ООО «Север; Юг»;+7 900 000-00-17;РФ;12 400,00;оплачен;да",
    21: "ЗК-0021;05.11.2026 08:45;Смирнова Юлия;+7 900 000-00-21;РФ;1.500,00;оплачен;да",
    26: "ЗК-0026;05.11.2026 16:30;Кузнецов Пётр;+7 900 000-00-26;Беларусь;-350,00;возврат;да",
    30: "ЗК-0029;06.11.2026 11:05;Сидорова Ольга;+7 900 000-00-29;РФ;2 310,00;оплачен;да",
    33: "ЗК-0033;06.11.2026 13:40;Петров Илья;;РФ;780,00;оплачен;нет",
    38: 'ЗК-0038;07.11.2026 15:25;"ООО ""Вектор""";+7 900 000-00-38;РФ;45 999,99;ожидает;да',
}


def money(kopecks: int) -> str:
    """Return an amount as the program prints it: `12 400,50`."""
    return f"{kopecks // 100:,}".replace(",", " ") + f",{kopecks % 100:02d}"


def row(number: int, chance: random.Random) -> str:
    """Return one order without a fault."""
    day, hour, minute = 1 + number // 6, chance.randrange(8, 20), chance.randrange(60)
    cells = (
        f"ЗК-{number:04d}",
        f"{day:02d}.11.2026 {hour:02d}:{minute:02d}",
        chance.choice(NAMES),
        f"+7 900 000-00-{number:02d}",
        chance.choice(COUNTRIES),
        money(chance.randrange(30_000, 5_000_000)),
        chance.choice(PAYMENTS),
        "да",
    )
    return ";".join(cells)


def main() -> None:
    """Write the file beside this script."""
    chance = random.Random(2026)
    rows = [FAULTS.get(number) or row(number, chance) for number in range(1, 41)]
    text = "\r\n".join([HEADER, *rows]) + "\r\n"
    (Path(__file__).parent / "orders.csv").write_bytes(text.encode("cp1251"))


if __name__ == "__main__":
    main()
