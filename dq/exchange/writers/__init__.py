"""Languages that a plan can be said in, one a file."""
