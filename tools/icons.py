"""Build static/icons.svg from the Lucide icons that templates name: `python -m tools.icons LUCIDE_STATIC/icons`."""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
USED_IN = ("templates/**/*.html", "readiness/templatetags/*.py")
USE = re.compile(r"""(?:\{% icon |\bicon\()["']([a-z0-9-]+)["']""")


def used_icons() -> list[str]:
    """The names that templates and tags ask for."""
    files = (path for pattern in USED_IN for path in ROOT.glob(pattern))
    return sorted({name for path in files for name in USE.findall(path.read_text())})


def symbol(name: str, source: Path) -> str:
    """One icon as a symbol of the sprite."""
    text = re.sub(r"<!--.*?-->", "", (source / f"{name}.svg").read_text(), flags=re.S)
    found = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S)
    if found is None:
        raise SystemExit(f"{name}.svg holds no svg element")
    body = re.sub(r"\s+", " ", found[1]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def main(source: Path) -> None:
    """Write the sprite."""
    symbols = "\n".join(symbol(name, source) for name in used_icons())
    note = "<!-- Lucide icons, ISC licence: see LICENSE-lucide.txt. Built by tools/icons.py; only what is used. -->"
    (ROOT / "static" / "icons.svg").write_text(f'<svg xmlns="http://www.w3.org/2000/svg">\n{note}\n{symbols}\n</svg>\n')


if __name__ == "__main__":
    main(Path(sys.argv[1]))
