"""The built-in identity over HTTP: `/api/v1/auth`. Absent with AUTH_MODE=external."""
