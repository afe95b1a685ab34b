"""Write the libraries of `web/vendor` from their packages: `python web/tools/vendor.py`, or compare with `--check`.

`web/vendor/vendor.json` lists each package with its version, the sha512 of its archive (npm's `integrity`), and which
of its files are taken. To upgrade a package, change its version, empty its integrity, and run this. Needs `npm`.

Browsers resolve no bare names without an import map, and an import map is an inline script, which the content security
policy refuses. So imports between the libraries are rewritten to relative ones; nothing else is changed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TypedDict

VENDOR = Path(__file__).resolve().parent.parent / "vendor"
LIST = VENDOR / "vendor.json"
MODULES = {
    "preact": "./preact.js",
    "preact/hooks": "./preact-hooks.js",
    "@preact/signals-core": "./signals-core.js",
}
_IMPORT = re.compile(r'(\bfrom\s*)"([^".][^"]*)"')
_SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*\n?", re.MULTILINE)  # the maps are not served


class Package(TypedDict):
    version: str
    integrity: str
    license: str
    files: dict[str, str]


class VendorError(Exception):
    """A package is not what `vendor.json` says."""


def fetch(name: str, package: Package, folder: Path) -> Path:
    """Download the archive of a package into `folder`. Raises `VendorError` if its checksum differs from the list."""
    command = ["npm", "pack", f"{name}@{package['version']}", "--silent", "--pack-destination", str(folder)]
    packed = subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder)
    archive = folder / packed.stdout.split()[-1]
    digest = hashlib.sha512(archive.read_bytes()).digest()
    integrity = f"sha512-{base64.b64encode(digest).decode()}"
    if not package["integrity"]:
        package["integrity"] = integrity
    if package["integrity"] != integrity:
        raise VendorError(f"{name} {package['version']} has {integrity}, but vendor.json lists {package['integrity']}")
    return archive


def rewrite(source: str) -> str:
    """The source with relative imports. Raises `VendorError` if it imports a module that is not vendored."""

    def relative(match: re.Match[str]) -> str:
        if match[2] not in MODULES:
            raise VendorError(f"{match[2]} is imported, but not vendored")
        return f'{match[1]}"{MODULES[match[2]]}"'

    return _SOURCE_MAP.sub("", _IMPORT.sub(relative, source)).rstrip("\n") + "\n"


def extract(archive: Path, files: dict[str, str]) -> dict[str, str]:
    """The files to take from an archive: text by the name that it has in `web/vendor`."""
    taken = {}
    with tarfile.open(archive) as members:
        for target, path in files.items():
            member = members.extractfile(f"package/{path}")
            if member is None:
                raise VendorError(f"{archive.name} has no {path}")
            text = member.read().decode()
            taken[target] = rewrite(text) if target.endswith(".js") else text
    return taken


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="compare only; exit with 1 if a file differs")
    check = parser.parse_args().check
    packages: dict[str, Package] = json.loads(LIST.read_text("utf-8"))
    differing = []
    with tempfile.TemporaryDirectory() as folder:
        for name, package in packages.items():
            for target, text in extract(fetch(name, package, Path(folder)), package["files"]).items():
                path = VENDOR / target
                if path.exists() and path.read_text("utf-8") == text:
                    continue
                differing.append(target)
                if not check:
                    path.write_text(text, "utf-8")
    if not check:
        LIST.write_text(json.dumps(packages, indent=2) + "\n", "utf-8")
    for target in differing:
        print(f"{target}: {'differs from its package' if check else 'written'}")
    return 1 if check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
