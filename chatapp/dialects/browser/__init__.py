"""The browser dialect, `/api/v2`: the routes of other dialects and its own, with cookies instead of bearer tokens."""
