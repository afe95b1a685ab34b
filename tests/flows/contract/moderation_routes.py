"""Routes of reports and warnings of each dialect, and of moderators, as named in the documents."""

from __future__ import annotations

USER_ROUTES = [("post", "/reports"), ("get", "/warnings"), ("post", "/warnings/{warning_id}/acknowledge")]
SERVICE_ROUTES = [
    ("get", "/moderation/reports"), ("get", "/moderation/reports/{report_id}"),
    ("post", "/moderation/reports/{report_id}"), ("get", "/moderation/filters"), ("put", "/moderation/filters"),
    ("get", "/moderation/log"), ("post", "/users/{reference}/ban"), ("delete", "/users/{reference}/ban"),
]  # fmt: skip
