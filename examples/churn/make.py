"""Write `spring.csv` and `summer.csv`: customers of a telephone company, and whether they stayed.

The rows are made for this example and the same at every run.  Spring has six faults that training sets have, and
summer, which is to test what was learnt from spring, has customers of spring in it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator
from pathlib import Path

HEADER = ("customer", "region", "months", "fee", "calls_to_support", "campaign", "contract", "closed_on", "outcome")
REGIONS = ("north",) * 9 + ("south",) * 8 + ("islands",)


def rows(first: int, count: int, chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Yield customers with numbers from `first` on."""
    for number in range(first, first + count):
        months, calls = chance.randrange(1, 72), min(9, int(chance.expovariate(0.7)))
        left = chance.random() < 0.15 + 0.08 * calls - 0.002 * months
        yield (
            f"C-{number:04d}",
            chance.choice(REGIONS),
            str(months),
            f"{chance.gauss(28 if left else 24, 6):.2f}",
            str(calls),
            "spring-letter",
            f"{chance.randrange(10**6, 10**7)}-{number}",
            f"2026-0{chance.randrange(3, 6)}-{chance.randrange(10, 29)}" if left else "",
            "left" if left else "stayed",
        )


def write(name: str, customers: Iterator[tuple[str, ...]]) -> None:
    """Write customers to a file beside this script."""
    with (Path(__file__).parent / name).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([HEADER, *customers])


def main() -> None:
    """Write both files."""
    chance = random.Random(2026)
    write("spring.csv", rows(1, 160, chance))
    write("summer.csv", rows(151, 60, chance))


if __name__ == "__main__":
    main()
