"""Runs over real data that no one here wrote, in the folder beside the repository."""
