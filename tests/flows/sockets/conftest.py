"""gunicorn with the echo application."""

from __future__ import annotations

from tests.realtime.conftest import echo_server as echo_server
