"""Serves pages of single components: the sources of `web` and those of `tests/browser/pages`, under a strict policy."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.servers import ROOT

PAGES = Path(__file__).parent / "pages"
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; require-trusted-types-for 'script'; trusted-types 'none'"
)
SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<title>%(name)s</title>
<link rel="icon" href="data:,">
%(styles)s
<script type="module" src="/pages/%(name)s.js"></script>
</head>
<body><main id="app"></main></body>
</html>
"""


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".js": "text/javascript"}

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if not path.startswith("/component/"):
            super().do_GET()
            return
        styles = sorted((ROOT / "web" / "css").glob("*.css"), key=lambda file: (file.name != "tokens.css", file.name))
        links = "\n".join(f'<link rel="stylesheet" href="/css/{file.name}">' for file in styles)
        page = (SHELL % {"name": path.removeprefix("/component/"), "styles": links}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def translate_path(self, path: str) -> str:
        name = urlsplit(path).path.lstrip("/")
        folder, base = ("pages", PAGES) if name.startswith("pages/") else ("", ROOT / "web")
        target = (base / name.removeprefix(folder).lstrip("/")).resolve()
        return str(target if target.is_relative_to(base) else base / "missing")

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", POLICY)
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Write no log."""


@contextmanager
def component_pages() -> Iterator[str]:
    """Serve them for the block; yields the address: `/component/NAME` runs `pages/NAME.js` with all styles."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
