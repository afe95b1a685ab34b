"""Schemas of the marketplace's routes for blocks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from chatapp.edge.http.fields import Boolean, Id, ReplySchema, RequestSchema


class BlockUser(RequestSchema):
    """The user to block."""

    example: ClassVar[Mapping[str, Any]] = {"user_id": 2}

    user_id = Id(required=True)


class BlockStatus(ReplySchema):
    """Block status between two users."""

    is_blocked = Boolean(required=True, metadata={"description": "Whether I block the other user."})
    is_blocked_by = Boolean(required=True, metadata={"description": "Whether the other user blocks me."})
    can_send_message = Boolean(required=True, metadata={"description": "Whether I can message the other user."})
