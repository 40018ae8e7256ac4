"""What the HTML report shows: values of the report put into words, order and geometry; and its templates."""
