"""The domains of `clean`: what a value of a known kind is in its one standard form, one domain a file.

A domain reads text the way people write it and gives the form that a standard names; what it cannot read it
never guesses at: `otherwise` says whether such text is kept, blanked or refused.  Every distinct value is asked
about once, whatever the number of rows.  The libraries that some domains need come with the extra `clean` and
are imported when the first value is read.
"""
