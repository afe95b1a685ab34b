"""File names from clients, made safe to display, to save under and to send in headers."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal
from urllib.parse import quote

MAX_NAME_BYTES = 255  # of UTF-8: what file systems take

# Invisible, or changing the text direction, so that "gpj.exe" is displayed as "exe.jpg". Joiners are kept for Persian
# and emoji.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SPACES = re.compile(r"\s+")
_FORBIDDEN_ON_WINDOWS = re.compile('[<>:"|?*]')
_DEVICES_OF_WINDOWS = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)\s*(\.|$)", re.IGNORECASE)
_JOINERS = "\u200c\u200d"

_SAME_EXTENSION = {
    ".jpg": {".jpg", ".jpeg", ".jpe", ".jfif"},
    ".mp4": {".mp4", ".m4v"},
    ".m4a": {".m4a", ".m4b", ".mp4"},
    ".ogg": {".ogg", ".oga", ".opus"},
    ".weba": {".weba", ".webm"},
}
_SAFE_IN_QUOTES = re.compile(r"[^ !#$&'()+,\-.0-9;=@A-Z\[\]^_`a-z{}~]")


def safe_name(name: str, extension: str, *, fallback: str = "file") -> str:
    """A name that is safe to display and to save under: one path part, with the extension of the content.

    Parameters:
        name: any text that the client sent.
        extension: of the content, with its dot (`Inspected.extension`).
        fallback: used if nothing is left of the name.
    """
    name = re.split(r"[/\\]", name)[-1]
    name = _INVISIBLE.sub("", _CONTROLS.sub("", unicodedata.normalize("NFC", name)))
    name = _FORBIDDEN_ON_WINDOWS.sub("_", _SPACES.sub(" ", name)).strip(" .")
    stem, kept = _split(name, extension)
    stem = _shortened(stem.strip(" ."), MAX_NAME_BYTES - len(kept.encode()) - 1)
    if not stem.strip(_JOINERS):
        stem = fallback
    # Windows opens the device no matter what follows the first dot.
    return ("_" if _DEVICES_OF_WINDOWS.match(stem) else "") + stem + kept


def content_disposition(name: str, disposition: Literal["inline", "attachment"]) -> str:
    """The header of RFC 6266: the name in ASCII for old clients, in UTF-8 for all others.

    Parameters:
        name: anything; line breaks and quotes cannot leave the header.
    """
    plain = _SAFE_IN_QUOTES.sub("_", _without_accents(name))
    header = f'{disposition}; filename="{plain}"'
    if plain == name:
        return header
    encoded = quote(_CONTROLS.sub("_", name), safe="!#$&+-.^_`|~")
    return f"{header}; filename*=UTF-8''{encoded}"


def _split(name: str, extension: str) -> tuple[str, str]:
    """The stem and the extension; if the name's extension does not fit the content, the stem is the whole name."""
    stem, dot, last = name.rpartition(".")
    own = dot + last.lower()
    same = _SAME_EXTENSION.get(extension, {extension})
    if own in same and (stem or dot):
        return stem, dot + last
    if "." + name.lower() in same:  # ".jpg", whose dot was stripped
        return "", extension
    return name, extension


def _shortened(text: str, limit: int) -> str:
    """The longest prefix of a text that fits into `limit` bytes and ends with a whole character."""
    encoded = text.encode()
    if len(encoded) <= limit:
        return text
    cut = encoded[:limit].decode(errors="ignore")
    rest = text[len(cut) :]
    # Combining marks and joiners belong to the letter before them: keep it whole or drop it.
    while cut and rest and (unicodedata.combining(rest[0]) or rest[0] in _JOINERS or cut[-1] in _JOINERS):
        cut, rest = cut[:-1], cut[-1] + rest
    return cut.rstrip(" .")


def _without_accents(name: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
