"""The expression language: grammar, typed tree, type check, lowering to Polars."""
