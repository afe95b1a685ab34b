"""The routes of privacy settings and exports, the same in both dialects."""

PRIVACY_ROUTES = [
    ("get", "/me/privacy"),
    ("patch", "/me/privacy"),
    ("get", "/export"),
    ("post", "/exports"),
    ("get", "/exports/{export_id}"),
]
