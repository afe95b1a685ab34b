"""The policies of pages: what they may load and do, and who may embed them (Content Security Policy Level 3)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from werkzeug.wrappers import Response

from config import Settings

REPORTS = "/csp-reports"
# Scripts come from this origin, never inline; Swagger UI sets inline styles and uses data URLs for icons.
API_REFERENCE = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none';"
    " frame-ancestors 'none'"
)
_PERMISSIONS = "microphone=(self), geolocation=(self), camera=(), payment=(), usb=(), display-capture=()"


def protect_page(response: Response, settings: Settings, *, is_secure: bool) -> None:
    """Add the headers of the client's pages to a response.

    Parameters:
        is_secure: whether it is sent over TLS.
    """
    headers = response.headers
    headers["Content-Security-Policy"] = content_policy(settings)
    if is_secure:  # Chromium reports to no other endpoints, and with `report-to` ignores `report-uri`
        headers["Reporting-Endpoints"] = f'csp="{REPORTS}"'
        headers["Content-Security-Policy"] += "; report-to csp"
    headers["Permissions-Policy"] = _PERMISSIONS
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"


def open_to_all_origins(response: Response) -> None:
    """Let pages of every origin load a static file, without cookies."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"


def content_policy(settings: Settings) -> str:
    """The policy of the client's pages: everything from this origin, files also from the object store.

    `trusted-types 'none'` makes every conversion of text to HTML or script fail, so an injected text stays a text.
    """
    store = _origin(settings.s3_public_endpoint or settings.s3_endpoint)
    directives = {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:", store, *map(_origin, settings.image_origins)],
        "media-src": ["'self'", "blob:", store],
        "connect-src": ["'self'", store],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "require-trusted-types-for": ["'script'"],
        "trusted-types": ["'none'"],
        "report-uri": [REPORTS],
    }
    return "; ".join(f"{name} {' '.join(_distinct(sources))}" for name, sources in directives.items())


def _origin(url: str) -> str:
    """Scheme, host and port of a URL, as a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _distinct(sources: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(sources))
