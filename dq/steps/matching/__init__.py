"""Near duplicates: which records are alike enough to be one, by the likeness of their fields inside blocks."""
