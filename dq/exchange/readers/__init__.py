"""Languages that a specification can be read from, one a file."""
