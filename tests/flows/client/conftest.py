"""Reference clients on the shared server."""

from __future__ import annotations

from tests.chatapp_client.conftest import make_client as make_client
