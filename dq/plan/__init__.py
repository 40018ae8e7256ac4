"""From a specification to a plan: bound, ordered, cut at barriers, fingerprinted."""
