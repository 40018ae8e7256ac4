"""The text steps of `clean`, one step a file.

White space is the Unicode property White_Space everywhere: tab, line feed, vertical tab, form feed, carriage
return, space, NEL (U+0085), no-break space (U+00A0), U+1680, U+2000 to U+200A, U+2028, U+2029, U+202F, U+205F
and U+3000.  The zero-width space (U+200B) and the byte order mark (U+FEFF) are not white space: `strip` and
`collapse_whitespace` leave them, `remove_control` takes them away.  Neither are U+001C to U+001F, which
Python's `str.strip` takes for white space: they are control characters.
"""
