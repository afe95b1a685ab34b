"""The pages of the client, its static files, and the entry points for pages of other origins."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from chatapp.edge.http.middleware import current_settings
from chatapp.edge.i18n.negotiation import preferred
from chatapp.errors import NotFound
from chatapp.web import policy, reports
from chatapp.web.assets import Asset
from chatapp.web.site import Site
from config import Settings

WEB = Path(__file__).resolve().parents[2] / "web"
YEAR = 365 * 86400
ENTRY_SECONDS = 300  # for which other pages may keep the address of the present version
_HTML = {"200": {"description": "The page.", "content": {"text/html": {"schema": {"type": "string"}}}}}
_FILE = {
    "200": {"description": "The file, for ever the same.", "content": {"*/*": {"schema": {"type": "string"}}}},
    "304": {"description": "Not modified."},
    "404": {"description": "There is no such file in this version."},
}
_REDIRECT = {"302": {"description": "To the present version."}}


def web_blueprint(settings: Settings, web: Path = WEB) -> Blueprint:
    """Everything that browsers load but for the API.

    Pages and files are not limited: they are made once, and many people share the address of an office.
    """
    blueprint = Blueprint("web", __name__)
    site = Site(
        web,
        follows_changes=settings.app_env == "development",
        demo_accounts=settings.demo_accounts,
        max_file_bytes=settings.max_file_mb << 20,
    )
    reports.add_route(blueprint)

    @blueprint.get("/")
    @_gives({**_HTML, "302": {"description": "To the API reference, for clients that do not ask for HTML."}})
    def root() -> BaseResponse:
        """Show the client to a browser; redirect others to the API reference."""
        response = _page(site, "chat") if _asks_for_html() else redirect("/swagger/")
        response.vary.add("Accept")
        return response

    @blueprint.get("/login")
    @_gives(_HTML)
    def login() -> Response:
        """Show the page where people log in."""
        return _page(site, "login")

    @blueprint.get("/chat")
    @blueprint.get("/chat/<path:place>")
    @_gives(_HTML)
    def chat(place: str = "") -> Response:
        """Show the client. It finds the place itself: a chat by its id, the assistant, settings."""
        return _page(site, "chat")

    @blueprint.get("/admin")
    @_gives(_HTML)
    def admin() -> Response:
        """Show the page of moderators. It has no data of its own."""
        return _page(site, "admin")

    @blueprint.get("/static/<version>/<path:path>")
    @_gives(_FILE)
    def static_file(version: str, path: str) -> Response:
        """Get a script, style sheet or other static file."""
        asset = site.asset(version, path)
        if asset is None:
            raise NotFound()
        response = _encoded(asset)
        response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
        policy.open_to_all_origins(response)
        return response

    @blueprint.get("/widget.js")
    @_gives(_REDIRECT)
    def widget() -> BaseResponse:
        """Get the widget, for pages of any origin."""
        return _entry(site, "widget/widget.js")

    @blueprint.get("/sdk.js")
    @_gives(_REDIRECT)
    def sdk() -> BaseResponse:
        """Get the SDK, for pages of any origin."""
        return _entry(site, "sdk/index.js")

    @blueprint.get("/sdk-core.js")
    @_gives(_REDIRECT)
    def sdk_core() -> BaseResponse:
        """Get the core of the SDK, for pages of any origin."""
        return _entry(site, "sdk/core.js")

    return blueprint


def _asks_for_html() -> bool:
    """Whether the client names HTML itself: `*/*` alone is what programs send."""
    return any(kind.lower() in ("text/html", "application/xhtml+xml") and q > 0 for kind, q in request.accept_mimetypes)


def _page(site: Site, name: str) -> Response:
    response = _encoded(site.page(name, preferred()))
    response.vary.add("Accept-Language")
    response.headers["Cache-Control"] = "no-cache"  # kept, but asked for again: the next release may differ
    policy.protect_page(response, current_settings(), is_secure=request.is_secure)
    return response


def _entry(site: Site, source: str) -> BaseResponse:
    """A redirect to a script of the present version: its relative imports are of the same version then."""
    try:
        response = redirect(site.assets.url(source))
    except KeyError as error:
        raise NotFound() from error
    response.headers["Cache-Control"] = f"public, max-age={ENTRY_SECONDS}"
    policy.open_to_all_origins(response)
    return response


def _encoded(asset: Asset) -> Response:
    """The response of an asset, compressed if the client accepts that; 304 if the client has it."""
    compressed = asset.compressed if request.accept_encodings.quality("gzip") > 0 else None
    response = Response(asset.content if compressed is None else compressed, content_type=asset.type)
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(asset.digest if compressed is None else f"{asset.digest}-gzip")
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    return response


def _gives(responses: dict[str, Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Document the responses of a view that gives no JSON."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        view.responses = responses  # type: ignore[attr-defined]
        return view

    return decorate
