"""Pages of a shop on an origin of its own, with the content policy that docs/widget.md asks for and no more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# What a page may do to elements: none of it may be seen within the widget.
STYLE = "* { color: rgb(128, 0, 128); letter-spacing: 3px; } button { font: 30px serif; border: 5px solid red; }"
SCRIPT = """
window.happened = [];
for (const name of ["ready", "open", "close", "unread", "item"]) {
  document.addEventListener(`chatapp:${name}`, ({ detail }) => happened.push(detail === null ? name : [name, detail]));
}
"""


class Shop:
    """The shop.

    Attributes:
        chat: address of chatapp; set before a page is opened.
        files: origin of the object store; so is this.
        attributes: of the script tag, without `data-`.
        content: HTML within the element; if it is not empty, the page has the element itself.
        token: what `/token` returns; None for a visitor without an account.
        asked: how often `/token` was asked.
    """

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.chat = self.files = ""
        self.attributes: dict[str, str] = {}
        self.content = ""
        self.token: str | None = None
        self.asked = 0

    def reset(self) -> None:
        """As it was made."""
        self.attributes, self.content, self.token, self.asked = {}, "", None, 0

    def page(self) -> str:
        """The page of an item."""
        names = {f"data-{name}": value for name, value in self.attributes.items()}
        tag = " ".join(f'{name}="{escape(value)}"' for name, value in names.items())
        own = " ".join(f'{name}="{escape(value)}"' for name, value in self.attributes.items())
        element = f"<chatapp-widget {own}>{self.content}</chatapp-widget>" if self.content else ""
        return (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Desk lamp</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
            '<link rel="stylesheet" href="/style.css"><script src="/shop.js"></script>'
            f'<script type="module" src="{self.chat}/widget.js" {tag}></script></head>'
            f'<body><main><h1>Desk lamp</h1><p>A lamp for a desk.</p><a href="/">Home</a></main>{element}</body></html>'
        )

    @property
    def policy(self) -> str:
        """The content policy of the page."""
        return (
            f"default-src 'none'; script-src 'self' {self.chat}; style-src 'self';"
            f" img-src data: {self.chat} {self.files};"
            f" connect-src 'self' {self.chat} {self.chat.replace('http', 'ws', 1)}; base-uri 'none';"
            " form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
        )


@contextmanager
def shop_pages() -> Iterator[Shop]:
    """Serve a shop for the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path == "/token":
                shop.asked += 1
                body = json.dumps({"token": shop.token}).encode()
                self._send(body if shop.token else b"", "application/json", 200 if shop.token else 204)
            elif self.path == "/style.css":
                self._send(STYLE.encode(), "text/css")
            elif self.path == "/shop.js":
                self._send(SCRIPT.encode(), "text/javascript")
            else:
                self._send(shop.page().encode(), "text/html; charset=utf-8")

        def _send(self, body: bytes, kind: str, status: int = 200) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", shop.policy)
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Write no log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop = Shop(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
