"""The quality report: model, building, renderers."""
