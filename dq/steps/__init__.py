"""Steps: each changes a record, says so, and can be held to it."""
