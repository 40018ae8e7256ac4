"""The same checks in three tongues: Polars expressions, pandera, JSON Schema."""
