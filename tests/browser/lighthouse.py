"""Judge `/login` and `/chat` with Lighthouse: `python -m tests.browser.lighthouse [--runs 3]`.

Starts chatapp as `make run` does, with demo data in a temporary folder, and serves `web/dist` if it is built.
Accessibility, best practices and SEO must be 100 in every run. Performance depends on the machine, so it is only
reported: the median, with Lighthouse's own `benchmarkIndex` of the machine beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import sync_playwright

from chatapp.ops.demo.content import PASSWORD
from tests.browser.chromium import FLAGS, executable, launch_options
from tests.browser.log_in import log_in
from tests.browser.screenshots import demo_server
from tests.servers import ROOT

PROGRAM = ROOT / "web" / "node_modules" / ".bin" / "lighthouse"
PAGES = ("/login", "/chat")
REQUIRED = ("accessibility", "best-practices", "seo")
REPORTED = "performance"
LOST_TRACE = "Please run Lighthouse again"
ATTEMPTS = 4


@dataclass(frozen=True)
class Judgement:
    """One run.

    Attributes:
        scores: of each category, 0 to 100.
        failed: names of the audits that cost a required category its 100, with their category.
        speed: Lighthouse's `benchmarkIndex`; a quiet desktop has more than 1,500.
    """

    scores: dict[str, int]
    failed: list[str]
    speed: float


def judge(url: str, cookie: str) -> Judgement:
    """Run Lighthouse once.

    Raises:
        subprocess.CalledProcessError: it failed.
        RuntimeError: another page was shown, as to a person who is not logged in.
    """
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    command = [
        str(PROGRAM), url, "--quiet", "--output=json", "--output-path=stdout",
        f"--only-categories={','.join((*REQUIRED, REPORTED))}", "--throttling.cpuSlowdownMultiplier=1",
        f"--chrome-flags={' '.join(['--headless=new', '--disable-gpu', *FLAGS, *sandbox])}",
    ]  # fmt: skip
    if cookie:
        command.append(f"--extra-headers={json.dumps({'Cookie': cookie})}")
    environment = {**os.environ, "CHROME_PATH": executable() or ""}
    report = _report(command, environment)
    if report["finalDisplayedUrl"] != url:
        raise RuntimeError(f"{url} led to {report['finalDisplayedUrl']}")
    categories, audits = report["categories"], report["audits"]
    failed = [
        f"{name}: {audits[audit['id']]['title']}"
        for name in REQUIRED
        for audit in categories[name]["auditRefs"]
        if audit["weight"] and (audits[audit["id"]]["score"] or 0) < 1 and audits[audit["id"]]["score"] is not None
    ]
    scores = {name: round(100 * (category["score"] or 0)) for name, category in categories.items()}
    return Judgement(scores, failed, report["environment"]["benchmarkIndex"])


def _report(command: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """What Lighthouse finds. It now and then loses the trace of a page, and asks to be run again."""
    for attempt in range(ATTEMPTS):
        ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if ran.returncode == 0 or LOST_TRACE not in ran.stderr or attempt == ATTEMPTS - 1:
            break
    if ran.returncode != 0:
        print(ran.stderr, file=sys.stderr)
    ran.check_returncode()
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


def cookies_of(url: str, person: str) -> str:
    """The cookies of a person of the demo, as a request carries them."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        context = browser.new_context()
        log_in(context, url, person, PASSWORD)
        cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in context.cookies())
        browser.close()
    return cookies


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge /login and /chat with Lighthouse.")
    parser.add_argument("--runs", type=int, default=3, help="for each page (default: 3)")
    runs = parser.parse_args().runs
    is_good = True
    with demo_server("http://127.0.0.1") as url:
        cookies = {"/login": "", "/chat": cookies_of(url, "alice")}
        for page in PAGES:
            judgements = [judge(url + page, cookies[page]) for _ in range(runs)]
            worst = {name: min(one.scores[name] for one in judgements) for name in REQUIRED}
            median = statistics.median(one.scores[REPORTED] for one in judgements)
            speed = statistics.median(one.speed for one in judgements)
            scores = ", ".join(f"{name} {score}" for name, score in worst.items())
            print(f"{page}: {scores}, performance {median:g} (benchmarkIndex {speed:g})", flush=True)
            for line in sorted({line for one in judgements for line in one.failed}):
                print(f"  {line}", flush=True)
            is_good &= min(worst.values()) == 100
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
