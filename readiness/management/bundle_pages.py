"""What people read of a bundle: how to check it, and the decisions. Neither proves anything; the entries do."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from readiness.core.phases import CLOSE
from readiness.core.types import Person
from readiness.models import Rollout
from readiness.queries.bundle_choice import Wanted
from readiness.queries.bundles import BundleHead
from readiness.queries.pages.reports import ReportPage
from readiness.queries.plans import NoPlan
from readiness.queries.reports import NoSuchReport, make_report
from readiness.queries.scenes import Address, Scene, load_scene

NOBODY = Person("nobody", "a reader of the bundle")
STYLES = ("tokens", "base", "components", "layout", "forms", "rollout", "pages/report", "bundle")
HOLE = "DECISIONS-STAND-HERE"
_FONT = re.compile(rb"@font-face \{.*?\}", re.DOTALL)
_GLYPH = re.compile(r'<svg\b[^>]*><use href="/[^"]*"/></svg>')
_OUTWARD = re.compile(r'<a\b[^>]* href="/[^"]*"[^>]*>(.*?)</a>', re.DOTALL)


def how_to_check(head: BundleHead, wanted: Wanted, entries: int) -> bytes:
    """Write README.txt."""
    context = {"head": head, "wanted": _said(wanted), "entries": entries, "line": "=" * (len(head.log) + 14)}
    return render_to_string("bundle/README.txt", context).encode()


def report_pieces(head: BundleHead, wanted: Wanted, entries: int, now: datetime) -> Iterator[bytes]:
    """Write report.html, one rollout after another. Links into the application lead nowhere here, so there are none."""
    context = {"head": head, "wanted": _said(wanted), "entries": entries, "now": now, "decisions": HOLE}
    before, after = render_to_string("bundle/report.html", context).split(HOLE)
    yield before.encode()
    chosen = Rollout.objects.order_by("key")
    chosen = chosen.filter(key=wanted.rollout) if wanted.rollout else chosen
    for key in chosen.values_list("key", flat=True).iterator():
        yield _decision(key, wanted.phase or CLOSE, now).encode()
    yield after.encode()


def _decision(key: str, phase: str, now: datetime) -> str:
    try:
        scene = load_scene(key, NOBODY, Address("report", phase), now)
    except NoPlan:
        return ""
    pages = (render_to_string("bundle/_decision.html", {"page": page, "now": now}) for page in _pages(scene, phase))
    return _OUTWARD.sub(r"\1", _GLYPH.sub("", "".join(pages)))


def _pages(scene: Scene, phase: str) -> Iterator[ReportPage]:
    """Give one phase, or all: a plan that does not end with a close has no report over all of them."""
    try:
        yield make_report(scene, phase)
    except NoSuchReport:
        if phase == CLOSE:
            yield from (make_report(scene, each.key) for each in scene.plan.phases)


def report_style() -> bytes:
    """Give the style of report.html, which fetches nothing: without the fonts of the application."""
    static = Path(settings.BASE_DIR) / "static" / "css"
    return b"\n".join(_FONT.sub(b"", (static / f"{name}.css").read_bytes()) for name in STYLES)


def _said(wanted: Wanted) -> str:
    return ", ".join(f"{name} {value}" for name, value in wanted.words.items())
