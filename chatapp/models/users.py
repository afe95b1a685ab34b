"""Users, their log-ins and used tickets."""

from __future__ import annotations

from peewee import SQL, BigAutoField, BigIntegerField, BlobField, BooleanField, IntegerField, TextField, UUIDField

from chatapp.models.base import DateTimeTZField, Table


class User(Table):
    """A user. `subject` is unique per issuer; the empty issuer stands for the built-in accounts.

    Attributes:
        hide_last_seen: whether the user hides presence, and sees none (`queries.fragments.shows_presence`).
        is_moderator: whether the user may moderate (`actions.moderation.roles`).
    """

    id = BigAutoField()
    uuid = UUIDField(constraints=[SQL("DEFAULT gen_random_uuid()")])
    issuer = TextField(default="")
    subject = TextField()
    username = TextField()
    name = TextField(default="")
    email = TextField(null=True)
    picture_url = TextField(null=True)
    is_verified = BooleanField(default=False)
    password_hash = TextField(null=True)
    banned_at = DateTimeTZField(null=True)
    erased_at = DateTimeTZField(null=True)
    last_seen_at = DateTimeTZField(null=True)
    hide_last_seen = BooleanField(default=False)
    is_moderator = BooleanField(default=False)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    updated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])

    class Meta:
        table_name = "users"


class TokenFamily(Table):
    """A log-in, with its chain of refresh tokens, of which only the newest is valid.

    `refresh_hash` is that of the newest, `previous_hash` that of the one before; `generation` counts exchanges.
    """

    id = UUIDField(primary_key=True)
    user_id = BigIntegerField()
    refresh_hash = BlobField()
    previous_hash = BlobField(null=True)
    seed = UUIDField()
    generation = IntegerField(default=0)
    address_hash = BlobField(null=True)
    created_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    rotated_at = DateTimeTZField(constraints=[SQL("DEFAULT now()")])
    expires_at = DateTimeTZField()
    revoked_at = DateTimeTZField(null=True)

    class Meta:
        table_name = "token_families"


class UsedTicket(Table):
    """A socket ticket that was used while Redis was away."""

    id = TextField(primary_key=True)
    expires_at = DateTimeTZField()

    class Meta:
        table_name = "used_tickets"
