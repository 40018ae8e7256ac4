"""What published standards ask of the formats, as JSON Schema: the parts that dq writes, each closed.

Written for these tests from the texts of the standards; nothing that dq writes may stand outside them.

* SARIF: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.13 to 3.49.
* OpenLineage: its specification 2-0-2 (RunEvent) and the facets DataQualityMetricsInputDatasetFacet 1-0-3,
  DataQualityAssertionsDatasetFacet 1-1-0, OutputStatisticsOutputDatasetFacet 1-0-2 and SchemaDatasetFacet 1-2-0.
* Code quality: GitLab's documentation of code quality reports, "Code Quality report format".
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]


def closed(properties: Schema, *optional: str) -> Schema:
    """Return the schema of an object that has these members, of which some may be left out, and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def many(items: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least}


def mapping(values: Schema) -> Schema:
    return {"type": "object", "additionalProperties": values}


TEXT: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": "integer", "minimum": 0}
LINE: Schema = {"type": "integer", "minimum": 1}
FLAG: Schema = {"type": "boolean"}
URI: Schema = {"type": "string", "format": "uri-reference", "pattern": r"^([A-Za-z0-9._~/-]|%[0-9A-F]{2})+$"}
ABSOLUTE: Schema = {"type": "string", "format": "uri", "pattern": r"^[a-z][a-z0-9+.-]*:[^\s]+$"}

MESSAGE = closed({"text": TEXT})
ARTIFACT_LOCATION = closed({"uri": URI})
LOCATION = closed(
    {
        "id": COUNT,
        "physicalLocation": closed(
            {"artifactLocation": ARTIFACT_LOCATION, "region": closed({"startLine": LINE})}, "region"
        ),
        "message": MESSAGE,
    },
    "id",
    "message",
)
RESULT = closed(
    {
        "ruleId": TEXT,
        "ruleIndex": COUNT,
        "level": {"enum": ["none", "note", "warning", "error"]},
        "message": MESSAGE,
        "locations": many(LOCATION),
        "relatedLocations": many(LOCATION),
        "partialFingerprints": mapping(TEXT),
        "baselineState": {"enum": ["new", "unchanged", "updated", "absent"]},
        "suppressions": many(
            closed(
                {
                    "kind": {"enum": ["inSource", "external"]},
                    "status": {"enum": ["accepted", "underReview", "rejected"]},
                }
            )
        ),
    },
    "relatedLocations",
    "baselineState",
    "suppressions",
)
RULE = closed({"id": TEXT, "name": TEXT, "shortDescription": MESSAGE, "properties": {"type": "object"}})
SARIF = closed(
    {
        "$schema": ABSOLUTE,
        "version": {"const": "2.1.0"},
        "runs": many(
            closed(
                {
                    "tool": closed({"driver": closed({"name": TEXT, "version": TEXT, "rules": many(RULE)})}),
                    "automationDetails": closed({"id": TEXT}),
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "invocations": many(closed({"executionSuccessful": FLAG, "exitCode": {"type": "integer"}})),
                    "artifacts": many(
                        closed(
                            {
                                "location": ARTIFACT_LOCATION,
                                "roles": many({"enum": ["analysisTarget"]}),
                                "hashes": mapping({"type": "string", "pattern": "^[0-9a-f]{64}$"}),
                            },
                            "hashes",
                        )
                    ),
                    "results": many(RESULT),
                    "properties": {"type": "object"},
                }
            ),
            1,
        ),
    }
)

FACET = {"_producer": ABSOLUTE, "_schemaURL": ABSOLUTE}
ASSERTION = closed(
    {
        "assertion": TEXT,
        "success": FLAG,
        "column": TEXT,
        "severity": {"enum": ["error", "warn"]},
        "name": TEXT,
        "description": TEXT,
    },
    "column",
)
COLUMN = closed({"nullCount": COUNT, "distinctCount": COUNT, "count": {"type": "number"}})
METRICS = closed({**FACET, "rowCount": COUNT, "bytes": COUNT, "columnMetrics": mapping(COLUMN)})
INPUT = closed(
    {
        "namespace": TEXT,
        "name": TEXT,
        "facets": closed({}),
        "inputFacets": closed(
            {
                "dataQualityMetrics": METRICS,
                "dataQualityAssertions": closed({**FACET, "assertions": many(ASSERTION)}),
            }
        ),
    },
    "facets",
    "inputFacets",
)
OUTPUT = closed(
    {
        "namespace": TEXT,
        "name": TEXT,
        "facets": closed({"schema": closed({**FACET, "fields": many(closed({"name": TEXT, "type": TEXT}))})}),
        "outputFacets": closed({"outputStatistics": closed({**FACET, "rowCount": COUNT})}),
    }
)
OPENLINEAGE = closed(
    {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "format": "date-time", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
        "producer": ABSOLUTE,
        "schemaURL": ABSOLUTE,
        "run": closed(
            {"runId": {"type": "string", "format": "uuid", "pattern": "^[0-9a-f-]{36}$"}, "facets": closed({})}
        ),
        "job": closed({"namespace": TEXT, "name": TEXT, "facets": closed({})}),
        "inputs": many(INPUT),
        "outputs": many(OUTPUT),
    }
)
CODE_QUALITY = many(
    closed(
        {
            "description": TEXT,
            "check_name": TEXT,
            "fingerprint": TEXT,
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": closed({"path": TEXT, "lines": closed({"begin": LINE})}),
        }
    )
)
