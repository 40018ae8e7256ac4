"""A spec drafted from data, each line with its evidence."""
