"""Pages have placeholders for URLs and the language, and nothing else."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

import pytest

from chatapp.web import assets, templates
from chatapp.web.site import PAGES
from tests.servers import ROOT
from tests.web.conftest import build


def test_placeholders_of_sources(web: Path) -> None:
    loaded = assets.load(web)
    at = f"/static/{loaded.version}"
    links = "\n".join(f'<link rel="stylesheet" href="{at}/css/{name}.css">' for name in ("tokens", "avatar", "pane"))
    script = f'<script type="module" src="{at}/client/main.js"></script>'
    page = templates.fill(templates.read(web, "chat"), loaded, "ru")
    assert page == f'<html lang="ru">{links}{script}{at}/icons/chat.svg</html>'


def test_placeholders_of_bundles(web: Path) -> None:
    build(web)
    loaded = assets.load(web)
    at = f"/static/{loaded.version}"
    page = templates.fill("{{module client/main.js}}", loaded, "en")
    assert page == (
        f'<link rel="modulepreload" href="{at}/chunk-a.js">\n<script type="module" src="{at}/app.js"></script>'
    )


def test_a_script_that_runs_before_the_page_is_painted_is_no_module(web: Path) -> None:
    loaded = assets.load(web)
    page = templates.fill("{{script client/main.js}}", loaded, "en")
    assert page == f'<script src="/static/{loaded.version}/client/main.js"></script>'


def test_texts_of_the_language_are_fetched_early(web: Path) -> None:
    loaded = assets.load(web)
    link = f'<link rel="modulepreload" href="/static/{loaded.version}/i18n/ru.js">'
    assert templates.fill("{{texts}}", loaded, "ru") == link
    with pytest.raises(KeyError):
        templates.fill("{{texts}}", loaded, "de")


def test_demo_accounts_are_json_in_an_attribute(web: Path) -> None:
    loaded = assets.load(web)
    page = templates.fill('<meta content="{{demo}}">', loaded, "en", demo_accounts=[("alice", 'a"<b>')])
    (content,) = re.findall('content="([^"]*)"', page)
    assert "<b>" not in page
    assert json.loads(html.unescape(content)) == [{"username": "alice", "password": 'a"<b>'}]
    assert templates.fill("{{demo}}", loaded, "en") == ""


def test_the_limit_of_files_is_a_number(web: Path) -> None:
    page = templates.fill("{{max_file_bytes}}", assets.load(web), "en", max_file_bytes=3 << 20)
    assert page == "3145728"


@pytest.mark.parametrize("text", ["{{nothing}}", "{{asset client/none.js}}", "{{module ../../etc/passwd}}"])
def test_a_wrong_placeholder_fails(web: Path, text: str) -> None:
    with pytest.raises(KeyError):
        templates.fill(text, assets.load(web), "en")


@pytest.mark.parametrize("name", PAGES)
def test_the_real_pages_fit_their_policy(name: str) -> None:
    page = templates.fill(templates.read(ROOT / "web", name), assets.load(ROOT / "web"), "en")
    assert "{{" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|javascript:", page)
    for url in re.findall(r'(?:src|href)="([^"]+)"', page):
        assert url.startswith("/") and not url.startswith("//"), url
