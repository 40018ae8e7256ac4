"""The static site of specs and their reports."""
