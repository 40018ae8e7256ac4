"""The streaming check over HTTP."""
