"""Settings of a client in a file, such as credentials and certificates: `name=value`, one a line.

Their values are in no message.
"""

from __future__ import annotations

from pathlib import Path

from dq.errors import UsageError


def read_properties(path: str) -> dict[str, str]:
    """Return the settings of a file; nothing where there is no path.  UsageError, with the line."""
    if not path:
        return {}
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{path}: the settings cannot be read: {reason}") from error
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, sign, value = stripped.partition("=")
        if not sign or not name.strip():
            raise UsageError(f"{path}, line {number}: a setting is written name=value")
        if name.strip() in found:
            raise UsageError(f"{path}, line {number}: {name.strip()} is set twice")
        found[name.strip()] = value.strip()
    return found
