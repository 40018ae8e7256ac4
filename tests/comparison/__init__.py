"""Tests of what a new version of a spec changes in meaning."""
