"""Search the repository for words that its vocabulary avoids: `python .ci/check_words.py`.

`words.toml` holds the words, their replacements, and the files that may contain them. Prints one line per occurrence;
exits with 1 if there is any, or if an exception is no longer needed.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / ".ci" / "words.toml"
TEXT = {".py", ".md", ".toml", ".txt", ".sh", ".json", ".po", ".yaml", ".yml", ".js", ".html", ""}
HIDDEN = {".ci", ".python-version"}  # names with a leading dot that are part of the repository
ANY = "*"


def text_files() -> Iterator[Path]:
    """The files of the repository that people read; neither installed packages nor data."""
    pending = [ROOT]
    while pending:
        for path in sorted(pending.pop().iterdir()):
            if path.name.startswith(".") and path.name not in HIDDEN:
                continue
            if path.is_dir() and path.name not in ("__pycache__", "node_modules", "htmlcov", "dist"):
                pending.append(path)
            elif path.is_file() and path.suffix in TEXT:
                yield path


def _pattern(words: list[str], flags: int = 0) -> re.Pattern[str]:
    alternatives = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![\w.])(?:{alternatives})(?!\w)", flags)


def main() -> int:
    """Print every occurrence that no exception allows, and every exception without one."""
    listed = tomllib.loads(LIST.read_text("utf-8"))
    names = {**listed["identifiers"], **listed["references"]}
    searches = [(_pattern(list(listed["words"]), re.IGNORECASE), listed["words"]), (_pattern(list(names)), names)]
    used: set[tuple[str, str]] = set()
    found = 0
    for path in text_files():
        name = path.relative_to(ROOT).as_posix()
        allowed = listed["exceptions"].get(name, [])
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            for pattern, replacements in searches:
                for match in pattern.findall(line):
                    word = match if match in replacements else match.lower()
                    if ANY in allowed or word in allowed:
                        used.add((name, ANY if ANY in allowed else word))
                        continue
                    found += 1
                    print(f"{name}:{number}: {match}: write {replacements[word]}")
    unused = {(name, word) for name, words in listed["exceptions"].items() for word in words} - used
    for name, word in sorted(unused):
        print(f"{LIST.relative_to(ROOT)}: {name} no longer contains {word}")
    return 1 if found or unused else 0


if __name__ == "__main__":
    sys.exit(main())
