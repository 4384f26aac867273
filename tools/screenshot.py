"""Photograph a page for the README: `python -m tools.screenshot http://localhost:8000 ivo PASSWORD docs/board.png`."""

import os
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tools.services import CHROMIUM, find_or_fetch

ROOT = Path(__file__).resolve().parent.parent
PATH = "/rollouts/dual-memory/"
WIDTH, HEIGHT = 1440, 1000


def photograph(address: str, name: str, password: str, file: str) -> None:
    """Sign in, open the example rollout's board, and keep what the first screen shows."""
    program = find_or_fetch(CHROMIUM, ROOT / ".local")["CHROMIUM_BIN"]
    flags = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if os.getuid() == 0 else [])]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        sign_in(page, address, name, password)
        page.goto(f"{address}{PATH}")
        page.wait_for_timeout(2000)
        page.screenshot(path=file)
        browser.close()


def sign_in(page: Page, address: str, name: str, password: str) -> None:
    """Sign in as a person would."""
    page.goto(f"{address}/sign-in/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{address}/")


if __name__ == "__main__":
    photograph(*sys.argv[1:5])
