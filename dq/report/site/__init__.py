"""A small static site of the specs of a folder and their latest reports: the registry that people browse."""
