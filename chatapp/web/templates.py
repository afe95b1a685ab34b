"""Pages from `web/pages`: HTML with placeholders, filled in once for each language.

Placeholders are `{{lang}}`, `{{styles chat}}` (links of the style sheets of a page), `{{module client/main.js}}`
(a script of the page, and what it imports at once), `{{texts}}` (fetches those of the language early),
`{{script client/theme.js}}` (one that runs before the page is painted), `{{asset icons/chat.svg}}` (a URL),
`{{demo}}` (the demo accounts as JSON, or nothing) and `{{max_file_bytes}}` (of one file that is sent).
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from pathlib import Path

import orjson

from chatapp.web.assets import Assets

_PLACEHOLDER = re.compile(r"\{\{(\w+)(?: ([\w./-]+))?\}\}")


def fill(
    text: str,
    assets: Assets,
    language: str,
    *,
    demo_accounts: Sequence[tuple[str, str]] = (),
    max_file_bytes: int = 0,
) -> str:
    """A page with its placeholders filled in.

    Parameters:
        text: of the file.
        language: of the page, as `lang` names it.
        demo_accounts: usernames and passwords that the page shows to everyone.

    Raises:
        KeyError: a placeholder is unknown, or names a file that does not exist.
    """

    def value(match: re.Match[str]) -> str:
        kind, source = match[1], match[2] or ""
        if kind == "lang":
            return language
        if kind == "styles":
            return "\n".join(f'<link rel="stylesheet" href="{url}">' for url in assets.style_urls(source))
        if kind == "demo":
            accounts = [{"username": username, "password": password} for username, password in demo_accounts]
            return html.escape(orjson.dumps(accounts).decode()) if accounts else ""
        if kind == "max_file_bytes":
            return str(max_file_bytes)
        if kind == "texts":
            return f'<link rel="modulepreload" href="{assets.url(f"i18n/{language}.js")}">'
        if kind == "asset":
            return assets.url(source)
        if kind == "script":
            return f'<script src="{assets.url(source)}"></script>'
        if kind == "module":
            preloads = [f'<link rel="modulepreload" href="{url}">' for url in assets.import_urls(source)]
            return "\n".join([*preloads, f'<script type="module" src="{assets.url(source)}"></script>'])
        raise KeyError(f"{match[0]} is not a placeholder")

    return _PLACEHOLDER.sub(value, text)


def read(web: Path, name: str) -> str:
    """The text of a page.

    Raises:
        FileNotFoundError: there is no such page.
    """
    return (web / "pages" / f"{name}.html").read_text("utf-8")
