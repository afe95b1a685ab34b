"""REST routes of the marketplace dialect for privacy settings and for exports of one's data."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, g

from chatapp import clock
from chatapp.actions import exports, privacy
from chatapp.dialects.marketplace import privacy_schemas
from chatapp.edge.http import authentication
from chatapp.edge.http.exports import export_response, gives_export
from chatapp.edge.http.validation import gives, takes
from chatapp.edge.rate_limits.request_limits import limit

bp = Blueprint("marketplace_privacy", __name__)
authentication.protect(bp)


@bp.get("/me/privacy")
@limit("default")
@gives(privacy_schemas.Privacy)
def get_privacy() -> dict[str, bool]:
    """Get my privacy settings."""
    return {"hide_last_seen": privacy.hides_last_seen(g.actor)}


@bp.patch("/me/privacy")
@limit("default")
@takes(privacy_schemas.ChangePrivacy)
@gives(privacy_schemas.Privacy)
def change_privacy(args: dict[str, Any]) -> dict[str, bool]:
    """Hide when I am online and was last seen, or show it again. Who hides it does not see it of others."""
    return {"hide_last_seen": privacy.set_hides_last_seen(g.actor, args["hide_last_seen"])}


@bp.get("/export")
@limit("export")
@gives_export
def export() -> Response:
    """Download my data as one JSON document, without files."""
    return export_response(g.actor)


@bp.post("/exports")
@limit("export")
@gives(privacy_schemas.Export, 202, rendered=True)
def request_export() -> dict[str, Any]:
    """Request my data as a ZIP with files. While one is being made, this returns that one."""
    return _export(exports.request_export(g.actor))


@bp.get("/exports/<export_id>")
@limit("default")
@gives(privacy_schemas.Export, rendered=True)
def get_export(export_id: str) -> dict[str, Any]:
    """Get the state of an export, and the link to its ZIP once it is ready."""
    return _export(exports.find_export(g.actor, export_id))


def _export(found: exports.Export) -> dict[str, Any]:
    shown: dict[str, Any] = {"id": found.id, "status": found.state}
    if found.url is not None:
        shown["url"] = found.url
    if found.expires_at is not None:
        shown["expires_at"] = clock.rfc3339(found.expires_at)
    if found.reason is not None:
        shown["reason"] = found.reason
    return shown
