"""Schemas of the privacy settings and exports of the social dialect."""

from __future__ import annotations

from chatapp.actions.exports import STATES
from chatapp.edge.http.fields import Boolean, ReplySchema, RequestSchema, Text, Timestamp, Uuid


class ChangePrivacy(RequestSchema):
    hideLastSeen = Boolean(required=True)


class Privacy(ReplySchema):
    """Whether I hide when I am online and was last seen. Then I do not see it of others, either."""

    hideLastSeen = Boolean(required=True)


class Export(ReplySchema):
    """An export of my data as a ZIP with files."""

    id = Uuid(required=True)
    status = Text(required=True, metadata={"enum": list(STATES)})
    url = Text(metadata={"description": "Link to the ZIP, once it is ready."})
    expiresAt = Timestamp(metadata={"description": "When the ZIP is deleted."})
    reason = Text(metadata={"description": "Why it failed: `export_too_large` or `internal_error`."})
