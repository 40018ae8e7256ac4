"""Checks: each asks one boolean question of a row and changes nothing."""
