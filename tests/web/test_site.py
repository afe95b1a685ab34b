"""Pages name the present version of the assets."""

from __future__ import annotations

import os
from pathlib import Path

from chatapp.web.site import Site
from tests.web.conftest import build


def test_pages_are_filled_in_once_for_each_language_of_the_client(web: Path) -> None:
    site = Site(web, follows_changes=False)
    assert b'lang="sr"' in site.page("chat", "sr-Cyrl").content
    assert site.page("chat", "sr-Latn") is site.page("chat", "sr-Cyrl")
    assert site.page("chat", "de") is site.page("chat", "en")
    assert site.page("chat", "th").digest != site.page("chat", "en").digest


def test_in_production_files_are_read_once(web: Path) -> None:
    site = Site(web, follows_changes=False)
    before, version = site.page("chat", "en"), site.assets.version
    (web / "ui" / "view.js").write_text("export const changed = 1;\n")
    assert site.page("chat", "en") is before
    asset = site.asset(version, "ui/view.js")
    assert asset is not None and b"changed" not in asset.content


def test_in_development_changes_are_followed(web: Path) -> None:
    site = Site(web, follows_changes=True)
    before, version = site.page("chat", "en"), site.assets.version
    assert site.page("chat", "en") is before
    (web / "ui" / "view.js").write_text("export const changed = 1;\n")
    later = Site(web, follows_changes=True).assets.version
    assert site.asset(later, "ui/view.js") is not None, "a page of another worker named it"
    assert later.encode() in site.page("chat", "en").content
    assert site.asset(version, "ui/view.js") is None
    page = web / "pages" / "chat.html"
    page.write_text("<p>{{lang}}</p>")
    os.utime(page, (1, 1))
    assert site.page("chat", "en").content == b"<p>en</p>"
    build(web)
    assert site.assets.page_styles == {"chat": ("chatapp.css",)}


def test_paths_are_names_and_lead_nowhere_else(web: Path) -> None:
    site = Site(web, follows_changes=False)
    version = site.assets.version
    for path in ("../package.json", "pages/chat.html", "ui/../ui/view.js", "/ui/view.js", "ui", "", "ui/view.js\x00"):
        assert site.asset(version, path) is None, path
    assert site.asset("0" * 16, "ui/view.js") is None
