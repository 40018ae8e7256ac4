"""Canonical types: their names, their Polars form, how text becomes a value and a value becomes text."""
