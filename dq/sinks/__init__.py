"""Sinks: where rows go, complete or not at all."""
