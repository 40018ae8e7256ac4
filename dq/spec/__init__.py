"""Reading a specification: YAML to nodes that know their place, and the models of the language."""
