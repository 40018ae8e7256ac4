"""Records made from a spec: valid ones, and ones that break exactly what they say."""
