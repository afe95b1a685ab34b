"""A small tree of sources, with and without bundles."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatapp.web import assets


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """Sources, and files beside them that are not served."""
    for path, text in {
        "client/main.js": 'import "../ui/view.js";\n',
        "ui/view.js": "export {};\n" * 50,
        "css/pane.css": "b{}",
        "css/tokens.css": "a{}",
        "css/avatar.css": "c{}",
        "i18n/ru.js": "export {};",
        "icons/chat.svg": "<svg/>",
        "ui/view.d.ts": "export {};",
        "tests/view.test.js": "",
        "node_modules/preact/index.js": "",
        "package.json": "{}",
        "pages/chat.html": (
            '<html lang="{{lang}}">{{styles chat}}{{module client/main.js}}{{asset icons/chat.svg}}</html>'
        ),
    }.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tmp_path


def build(web: Path, **changed: object) -> None:
    """Write bundles as `web/tools/build.mjs` does."""
    dist = web / "dist"
    dist.mkdir(exist_ok=True)
    for name, text in {"app.js": "app", "chunk-a.js": "chunk", "chatapp.css": "css", "sdk.d.ts": "types"}.items():
        (dist / name).write_text(text)
    manifest = {
        "sources": assets.source_hash(web),
        "entries": {"client/main.js": "app.js", "icons/chat.svg": "app.js"},
        "imports": {"client/main.js": ["chunk-a.js"]},
        "styles": {"chat": ["chatapp.css"]},
        **changed,
    }
    (dist / "manifest.json").write_text(json.dumps(manifest))
