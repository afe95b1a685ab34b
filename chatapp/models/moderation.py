"""Reports, warnings, bans, and the log of moderation."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, BooleanField, CompositeKey, TextField, UUIDField
from playhouse.postgres_ext import ArrayField, BinaryJSONField

from chatapp.models.base import DateTimeTZField, Table


class Report(Table):
    """A message that moderators review.

    `source`: `user`, `filter` (a filter reports it) or `held` (a filter holds it back). `evidence` of a held message
    says how it was to be sent.
    """

    id = BigAutoField()
    uuid = UUIDField(constraints=[SQL("DEFAULT gen_random_uuid()")])
    source = TextField()
    state = TextField(default="open")
    reporter_id = BigIntegerField(null=True)
    author_id = BigIntegerField()
    chat_id = BigIntegerField(null=True)
    message_id = BigIntegerField(null=True)
    reason = TextField()
    text = TextField(default="")
    evidence = BinaryJSONField(index=False)
    people = ArrayField(BigIntegerField)
    held_key = TextField(null=True)
    action = TextField(null=True)
    decided_by = TextField(null=True)
    decided_at = DateTimeTZField(null=True)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "reports"


class ReportObject(Table):
    """An object that an open report keeps."""

    report_id = BigIntegerField()
    object_name = TextField()

    class Meta:
        table_name = "report_objects"
        primary_key = CompositeKey("object_name", "report_id")


class ModeratorWarning(Table):
    """A warning of moderators to a user."""

    id = BigAutoField()
    uuid = UUIDField(constraints=[SQL("DEFAULT gen_random_uuid()")])
    user_id = BigIntegerField()
    message_id = BigIntegerField(null=True)
    reason = TextField()
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    acknowledged_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "warnings"


class Ban(Table):
    """The current ban of a user; one that is not a shadow ban also sets `banned_at` of the user."""

    user_id = BigIntegerField(primary_key=True)
    is_shadow = BooleanField()
    reason = TextField()
    until = DateTimeTZField(null=True)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "bans"


class ModerationFilters(Table):
    """The rules of the word and domain filters, in one row."""

    is_current = BooleanField(primary_key=True, default=True)
    rules = BinaryJSONField(index=False)
    updated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "moderation_filters"


class ModerationLogEntry(Table):
    """What a moderator did, to which user, when and why."""

    id = BigAutoField()
    moderator = TextField()
    action = TextField()
    user_id = BigIntegerField(null=True)
    report_id = BigIntegerField(null=True)
    chat_id = BigIntegerField(null=True)
    message_id = BigIntegerField(null=True)
    reason = TextField(default="")
    detail = BinaryJSONField(default=dict, index=False)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "moderation_log"
