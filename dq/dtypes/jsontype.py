"""The JSON Schema of a canonical value, as it is written in JSON Lines."""

from __future__ import annotations

from typing import Any

from dq.dtypes.types import Type

_DATE = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{6})?"
_DURATION = (
    r"-?P([0-9]+D|([0-9]+D)?T([0-9]+H([0-9]+M)?([0-9]+(\.[0-9]{1,6})?S)?"
    r"|[0-9]+M([0-9]+(\.[0-9]{1,6})?S)?|[0-9]+(\.[0-9]{1,6})?S))"
)
_PATTERNS = {
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "datetime": f"^{_DATE}T{_TIME}Z$",
    "duration": f"^{_DURATION}$",
}


def json_type(type: Type) -> dict[str, Any]:  # noqa: A002 - the word of the field
    """Return the fragment of JSON Schema 2020-12 that every canonical value of a type fits.

    Integers and decimals carry their range; the step of a decimal is left out, because validators that divide
    binary floats get `multipleOf: 0.01` wrong.  Null is not included.
    """
    match type.name:
        case "integer":
            return {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1}
        case "number":
            return {"type": "number"}
        case "decimal":
            limit = 10 ** ((type.precision or 1) - (type.scale or 0))
            return {"type": "number", "exclusiveMinimum": -limit, "exclusiveMaximum": limit}
        case "boolean" | "string" | "object":
            return {"type": type.name}
        case "list":
            assert type.element is not None
            return {"type": "array", "items": {"anyOf": [json_type(type.element), {"type": "null"}]}}
        case _:
            return {"type": "string", "pattern": _PATTERNS[type.name]}
