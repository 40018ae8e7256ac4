"""Sources: bytes to records, each with its place."""
