"""A user with many chats."""

from __future__ import annotations

from tests.queries.conftest import crowd as crowd
