"""Render every page from the sample values, and photograph them: `python -m tests.views.preview OUT [NAME ...]`."""

import http.server
import os
import sys
import threading
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "readiness.settings")

import django
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import set_urlconf

from tools.services import CHROMIUM

ROOT = Path(__file__).resolve().parents[2]

FLAGS = ["--disable-gpu", "--no-first-run", *(["--no-sandbox"] if os.getuid() == 0 else [])]


class Reader:
    """A signed-in person, as templates see one."""

    email, is_staff, is_authenticated = "tomas@example.org", True, True

    def get_full_name(self) -> str:
        return "Tomás Oliveira"

    def get_username(self) -> str:
        return "tomas"


def render(template: str, values: dict[str, Any], theme: str = "") -> str:
    """One template as a page, for a signed-in reader, at the moment of the samples."""
    from tests.views import samples

    request = RequestFactory().get("/rollouts/dual-memory/")
    if theme:
        request.COOKIES["theme"] = theme
    request.user = Reader()
    set_urlconf("tests.views.preview_urls")
    try:
        return render_to_string(template, {"now": samples.NOW, **values}, request=request)
    finally:
        set_urlconf(None)


def serve(folder: Path) -> tuple[http.server.ThreadingHTTPServer, str]:
    """The rendered pages and the static files over HTTP."""
    handler = partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, f"http://127.0.0.1:{server.server_address[1]}"


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files under the policy of the product, without a log."""

    def end_headers(self) -> None:
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        self.send_header("Content-Security-Policy", "; ".join(f"{k} {' '.join(v)}" for k, v in policy.items()))
        super().end_headers()

    def log_message(self, *args: object) -> None:
        pass


def prepare(out: Path) -> None:
    """Lay static files beside the pages."""
    import django_htmx

    static = out / "static"
    static.mkdir(parents=True, exist_ok=True)
    links = {path.name: path for path in (Path(settings.BASE_DIR) / "static").iterdir()}
    links["django_htmx"] = Path(django_htmx.__file__).parent / "static" / "django_htmx"
    for name, path in links.items():
        if not (static / name).exists():
            (static / name).symlink_to(path)


def main(out: Path, names: list[str]) -> None:
    """Photograph the named pages (all without names), light and dark, wide and narrow."""
    from playwright.sync_api import sync_playwright

    from tests.views.sample_pages import PAGES

    prepare(out)
    wanted = {name: page for name, page in PAGES.items() if not names or name in names}
    for name, (template, values) in wanted.items():
        (out / f"{name}.html").write_text(render(template, values))
        (out / f"{name}-dark.html").write_text(render(template, values, "dark"))
    server, address = serve(out)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM.find(ROOT / ".local")["CHROMIUM_BIN"], args=FLAGS)
        for name in wanted:
            for file, width, full in (("", 1440, False), ("", 1440, True), ("-dark", 1440, False), ("", 375, True)):
                page = browser.new_page(viewport={"width": width, "height": 900 if width > 400 else 812})
                page.on("console", lambda m, name=name: print(name, m.type, m.text))
                page.on("pageerror", lambda e, name=name: print(name, "ERROR", e))
                page.goto(f"{address}/{name}{file}.html")
                page.wait_for_timeout(150)
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > width:
                    print(name, width, "scrolls sideways to", wide)
                page.screenshot(path=str(out / f"{name}-{width}{file}{'-full' if full else ''}.png"), full_page=full)
                page.close()
        browser.close()
    server.shutdown()


if __name__ == "__main__":
    django.setup()
    main(Path(sys.argv[1]), sys.argv[2:])
