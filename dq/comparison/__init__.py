"""What a new version of a spec changes in meaning."""
