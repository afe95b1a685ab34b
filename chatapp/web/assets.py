"""Scripts and styles: the bundles of `web/dist`, or the sources of `web` if these have changed since.

All are read into memory. Their URLs, `/static/<version>/…`, name one state of the whole tree, so they can be cached for
ever, and relative imports lead to files of the same state.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from logging import getLogger
from pathlib import Path
from typing import Any

import orjson

log = getLogger(__name__)

# What is served of `web`; the rest is for development, or is read by `pages`.
FOLDERS = ("admin", "client", "css", "emoji", "i18n", "icons", "sdk", "ui", "vendor", "widget")
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_COMPACT = ("image/png", "image/webp", "font/woff2")  # types that are compressed already
_FIRST_STYLES = "css/tokens.css"  # declares the order of the layers
_VERSION_LENGTH = 16  # hexadecimal digits


@dataclass(slots=True)
class Asset:
    """One file.

    Attributes:
        type: of its content.
        digest: of its content, for ETags.
    """

    content: bytes
    type: str
    digest: str
    _compressed: bytes | None = field(default=None, repr=False)

    @property
    def compressed(self) -> bytes | None:
        """Its content in gzip, made once; None where that does not pay."""
        if self._compressed is None and self.type not in _COMPACT:
            self._compressed = gzip.compress(self.content, 9, mtime=0)
        return self._compressed


@dataclass(frozen=True, slots=True)
class Assets:
    """All files of one state of the tree.

    Attributes:
        version: stands in every URL.
        files: by path below the version.
        entries: the path of the bundle of a source, for the sources that pages name.
        imports: the paths that an entry imports at once, by the path of the source.
        styles: the paths of all style sheets of the sources, in their order; none if there are bundles.
        page_styles: the paths of the bundled style sheets of a page, by its name.
    """

    version: str
    files: Mapping[str, Asset]
    entries: Mapping[str, str]
    imports: Mapping[str, tuple[str, ...]]
    styles: tuple[str, ...]
    page_styles: Mapping[str, tuple[str, ...]]

    def url(self, source: str) -> str:
        """The URL of a source such as `client/main.js`, or of its bundle.

        Raises:
            KeyError: there is no such file.
        """
        path = self.entries.get(source, source)
        if path not in self.files:
            raise KeyError(f"web/{source} is missing")
        return self._url(path)

    def import_urls(self, source: str) -> list[str]:
        """The URLs of what an entry imports at once: known for bundles only."""
        return [self._url(path) for path in self.imports.get(source, ())]

    def style_urls(self, page: str) -> list[str]:
        """The URLs of the style sheets of a page: its bundles, or all sources.

        Raises:
            KeyError: there are bundles, but none for this page.
        """
        return [self._url(path) for path in self.styles or self.page_styles[page]]

    def _url(self, path: str) -> str:
        return f"/static/{self.version}/{path}"


def source_hash(web: Path) -> str:
    """The hash of all sources that are served: SHA-256 over path, size and content of each, sorted by path.

    `web/tools/build.mjs` computes the same and writes it into the manifest of the bundles.
    """
    digest = hashlib.sha256()
    for path, file in _sources(web):
        content = file.read_bytes()
        digest.update(f"{path}\n{len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def state_of_sources(web: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a source does, without reading it: path, time and size of each."""
    stats = ((path, file.stat()) for path, file in _sources(web))
    return tuple((path, stat.st_mtime_ns, stat.st_size) for path, stat in stats)


def load(web: Path) -> Assets:
    """Read the bundles if they were built from the present sources, else the sources."""
    sources = source_hash(web)
    manifest = _manifest(web / "dist")
    if manifest is not None and manifest["sources"] == sources:
        return _bundles(web / "dist", manifest)
    if manifest is not None:
        log.warning("web/ has changed since dist was built: serving the sources")
    files = {path: _read(file) for path, file in _sources(web)}
    styles = sorted((path for path in files if path.startswith("css/")), key=lambda path: (path != _FIRST_STYLES, path))
    return Assets(sources[:_VERSION_LENGTH], files, {}, {}, tuple(styles), {})


def _bundles(dist: Path, manifest: Mapping[str, Any]) -> Assets:
    files = {
        path.relative_to(dist).as_posix(): _read(path)
        for path in sorted(dist.rglob("*"))
        if path.suffix in TYPES and path.is_file() and path.name != "manifest.json"
    }
    digest = hashlib.sha256()
    for path, asset in files.items():
        digest.update(f"{path}\n{asset.digest}\n".encode())
    imports = {source: tuple(paths) for source, paths in manifest.get("imports", {}).items()}
    styles = {page: tuple(paths) for page, paths in manifest["styles"].items()}
    version = digest.hexdigest()[:_VERSION_LENGTH]
    return Assets(version, files, manifest["entries"], imports, (), styles)


def _manifest(dist: Path) -> dict[str, Any] | None:
    """The manifest of the bundles; None if there are none.

    It has `sources` (as `source_hash`), `entries` (source to bundle), `styles` (page to paths) and, if there are
    chunks, `imports` (source to the paths that its bundle imports at once).
    """
    try:
        manifest: dict[str, Any] = orjson.loads((dist / "manifest.json").read_bytes())
    except FileNotFoundError:
        return None
    return manifest


def _sources(web: Path) -> Iterator[tuple[str, Path]]:
    """Path below `web` and location of each source, sorted by path."""
    found = {
        file.relative_to(web).as_posix(): file
        for folder in FOLDERS
        for file in (web / folder).rglob("*")
        if file.suffix in TYPES and file.is_file()
    }
    yield from sorted(found.items())


def _read(file: Path) -> Asset:
    content = file.read_bytes()
    return Asset(content, TYPES[file.suffix], hashlib.sha256(content).hexdigest()[:32])
