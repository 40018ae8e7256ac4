"""The three tongues of every check say the same."""
