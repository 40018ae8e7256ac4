"""Tests of records that are made from a spec."""
