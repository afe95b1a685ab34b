"""Blocks between users."""

from __future__ import annotations

from peewee import SQL, BigIntegerField, CompositeKey

from chatapp.models.base import DateTimeTZField, Table


class Block(Table):
    """One user blocks another. Until it is removed, nothing passes between the two, in either direction."""

    blocker_id = BigIntegerField()
    blocked_id = BigIntegerField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT date_trunc('milliseconds', now())")])

    class Meta:
        table_name = "blocks"
        primary_key = CompositeKey("blocker_id", "blocked_id")
