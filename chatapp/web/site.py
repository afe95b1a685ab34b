"""The present state of `web`: assets, and pages filled in with their URLs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

from chatapp.web import assets, templates
from chatapp.web.assets import Asset, Assets

PAGES = ("admin", "chat", "login")
LANGUAGES = ("en", "ru", "sr", "th")  # of the catalogues of `web/i18n`
DEFAULT_LANGUAGE = "en"


class Site:
    """Everything that browsers load.

    Parameters:
        web: the folder of the sources.
        follows_changes: whether changed sources are read again, for development; else they are read once.
        demo_accounts: usernames and passwords that the log-in page offers.
        max_file_bytes: of one file that the client may send.
    """

    def __init__(
        self,
        web: Path,
        *,
        follows_changes: bool,
        demo_accounts: Sequence[tuple[str, str]] = (),
        max_file_bytes: int = 0,
    ) -> None:
        self._web = web
        self._demo_accounts = demo_accounts
        self._max_file_bytes = max_file_bytes
        self._state: Callable[[], object] = self._sources_and_pages if follows_changes else lambda: None
        self._read()

    @property
    def assets(self) -> Assets:
        """The assets of the present version."""
        self._follow()
        return self._assets

    def asset(self, version: str, path: str) -> Asset | None:
        """A file of a version; None if this is not the present one, or has no such file."""
        if version != self._assets.version:
            self._follow()
        return self._assets.files.get(path) if version == self._assets.version else None

    def page(self, name: str, language: str) -> Asset:
        """A page of `PAGES` in a language of the server, or the nearest that the client has.

        Raises:
            KeyError, FileNotFoundError: as `templates`.
        """
        self._follow()
        base = language.partition("-")[0]
        key = name, base if base in LANGUAGES else DEFAULT_LANGUAGE
        if key not in self._pages:
            text = templates.fill(
                templates.read(self._web, name),
                self._assets,
                key[1],
                demo_accounts=self._demo_accounts,
                max_file_bytes=self._max_file_bytes,
            )
            content = text.encode()
            self._pages[key] = Asset(content, "text/html; charset=utf-8", hashlib.sha256(content).hexdigest()[:32])
        return self._pages[key]

    def _follow(self) -> None:
        if self._state() != self._read_state:
            self._read()

    def _read(self) -> None:
        self._read_state = self._state()
        self._assets = assets.load(self._web)
        self._pages: dict[tuple[str, str], Asset] = {}

    def _sources_and_pages(self) -> object:
        pages = [(file, file.stat().st_mtime_ns) for file in sorted((self._web / "pages").glob("*.html"))]
        manifest = self._web / "dist" / "manifest.json"
        built = manifest.stat().st_mtime_ns if manifest.exists() else 0
        return assets.state_of_sources(self._web), pages, built
