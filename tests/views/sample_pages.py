"""Every template with the values that fill it."""

from typing import Any

from tests.views import samples

PAGES: dict[str, tuple[str, dict[str, Any]]] = {
    "board": ("board/page.html", {"page": samples.BOARD}),
    "board-running": ("board/page.html", {"page": samples.RUNNING}),
    "board-waiting": ("board/page.html", {"page": samples.WAITING}),
}
