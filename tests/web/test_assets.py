"""Bundles are served while they are of the present sources, else the sources."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

import pytest

from chatapp.web import assets
from tests.servers import ROOT
from tests.web.conftest import build

SOURCES = [
    "client/main.js",
    "css/avatar.css",
    "css/pane.css",
    "css/tokens.css",
    "i18n/ru.js",
    "icons/chat.svg",
    "ui/view.js",
]


def test_only_what_browsers_load_is_served(web: Path) -> None:
    loaded = assets.load(web)
    assert sorted(loaded.files) == SOURCES
    assert loaded.url("client/main.js") == f"/static/{loaded.version}/client/main.js"
    assert loaded.styles == ("css/tokens.css", "css/avatar.css", "css/pane.css")
    with pytest.raises(KeyError, match=r"web/client/other\.js"):
        loaded.url("client/other.js")


def test_the_hash_covers_path_size_and_content_of_every_source(web: Path) -> None:
    digest = hashlib.sha256()
    for path in SOURCES:
        content = (web / path).read_bytes()
        digest.update(f"{path}\n{len(content)}\n".encode() + content)
    assert assets.source_hash(web) == digest.hexdigest()
    (web / "tests" / "view.test.js").write_text("changed")
    (web / "pages" / "chat.html").write_text("changed")
    assert assets.source_hash(web) == digest.hexdigest()
    (web / "ui" / "view.js").rename(web / "ui" / "views.js")
    assert assets.source_hash(web) != digest.hexdigest()


def test_bundles_of_the_present_sources_are_served(web: Path) -> None:
    build(web)
    loaded = assets.load(web)
    assert sorted(loaded.files) == ["app.js", "chatapp.css", "chunk-a.js"]
    assert loaded.url("client/main.js") == f"/static/{loaded.version}/app.js"
    assert loaded.import_urls("client/main.js") == [f"/static/{loaded.version}/chunk-a.js"]
    assert loaded.style_urls("chat") == [f"/static/{loaded.version}/chatapp.css"]
    with pytest.raises(KeyError):
        loaded.style_urls("nothing")


def test_stale_bundles_are_not_served(web: Path, caplog: pytest.LogCaptureFixture) -> None:
    build(web)
    (web / "ui" / "view.js").write_text("export const changed = 1;\n")
    assert sorted(assets.load(web).files) == SOURCES
    assert "web/ has changed since dist was built: serving the sources" in caplog.text


def test_every_change_of_a_bundle_has_a_version_of_its_own(web: Path) -> None:
    build(web)
    before = assets.load(web).version
    (web / "dist" / "app.js").write_text("another")
    assert assets.load(web).version != before


def test_texts_are_compressed_once_and_alike(web: Path) -> None:
    asset = assets.load(web).files["ui/view.js"]
    assert asset.compressed is not None and asset.compressed is asset.compressed
    assert gzip.decompress(asset.compressed) == asset.content
    assert assets.load(web).files["ui/view.js"].compressed == asset.compressed


def test_changes_are_noticed_without_reading(web: Path) -> None:
    before = assets.state_of_sources(web)
    (web / "ui" / "view.js").write_text("export {}; // longer\n")
    assert assets.state_of_sources(web) != before


def test_the_real_tree_has_what_the_pages_name() -> None:
    loaded = assets.load(ROOT / "web")
    for source in ("client/main.js", "client/login.js", "admin/main.js", "sdk/index.js"):
        assert loaded.url(source)
