"""A spec said in other languages, and specs read from other languages."""
