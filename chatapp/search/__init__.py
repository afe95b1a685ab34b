"""Search in texts: how a text becomes tokens, how a query is read, and which parts of a text it matches.

Pure functions. The database only compares tokens byte by byte, so its version, locale and extensions do not matter.
"""
