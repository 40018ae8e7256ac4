"""Whole runs compared with what is expected of them."""
