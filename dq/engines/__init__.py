"""Engines drive a plan chunk by chunk."""
