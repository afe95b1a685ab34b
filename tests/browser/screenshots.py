"""Take the pictures of the documentation: `python -m tests.browser.screenshots [scene …]`.

Starts chatapp as `make run` does, with demo data in a temporary folder, and writes `docs/pictures/SCENE.png`.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from chatapp.ops.demo.content import PASSWORD
from tests.browser.chromium import launch_options
from tests.browser.log_in import log_in
from tests.browser.scenes import SCENES, SHOP, Scene
from tests.browser.shop import shop_pages
from tests.servers import ROOT, await_true, free_port

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PICTURES = ROOT / "docs" / "pictures"
SHOP_STYLE = """
body { margin: 0; font: 17px/1.6 Georgia, "Noto Serif", serif; color: #222; background: #fff; }
main { max-width: 640px; margin: 72px auto; padding: 0 24px; }
h1 { font-size: 40px; line-height: 1.2; }
"""


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


@contextmanager
def demo_server(shop_url: str) -> Iterator[str]:
    """chatapp with the demo data for the block; yields its address."""
    with tempfile.TemporaryDirectory(prefix="chatapp-pictures-") as folder:
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        settings = {"DATA_DIR": folder, "PORT": str(port), "ALLOWED_ORIGINS": shop_url}
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **settings}, stdout=output, stderr=output
            )
            try:
                await_true(lambda: _is_healthy(url), what=lambda: log.read_text("utf-8")[-3000:])
                yield url
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def take(browser: Browser, scene: Scene, url: str, shop_url: str, target: Path) -> None:
    """Take one picture."""
    context = browser.new_context(**{"locale": "en-GB", "timezone_id": "Europe/Belgrade"} | scene.options)
    if scene.person is not None:
        log_in(context, url, scene.person, PASSWORD)
    page = context.new_page()
    page.route(f"{shop_url}/style.css", lambda route: route.fulfill(content_type="text/css", body=SHOP_STYLE))
    page.goto(shop_url if scene.path == SHOP else url + scene.path)
    scene.prepare(page)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=target, animations="disabled")
    context.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Take the pictures of the documentation.")
    parser.add_argument("scenes", nargs="*", metavar="scene", help=f"one of {', '.join(SCENES)}; all if none is named")
    parser.add_argument("--folder", type=Path, default=PICTURES, help="where to write (default: docs/pictures)")
    arguments = parser.parse_args()
    unknown = set(arguments.scenes) - set(SCENES)
    if unknown:
        parser.error(f"no such scene: {', '.join(sorted(unknown))}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    with shop_pages() as shop, demo_server(shop.url) as url, sync_playwright() as playwright:
        shop.chat = url
        browser = playwright.chromium.launch(**launch_options())
        for name in arguments.scenes or SCENES:
            target = arguments.folder / f"{name}.png"
            take(browser, SCENES[name], url, shop.url, target)
            print(target, flush=True)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
