"""Every template, rendered from the sample values: complete, free of inline code, and the same alone as in its page."""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test.signals import template_rendered

from tests.views import samples, samples_flags, samples_more, samples_phase, samples_sheets
from tests.views.preview import render
from tests.views.sample_pages import PAGES

TEMPLATES = Path(settings.BASE_DIR) / "templates"
MISSING = "!missing!"
REGIONS = {
    "verdict": ("board/_verdict.html", samples.BOARD.verdict, "board"),
    "decision": ("board/_verdict.html", samples.RUNNING.decision, "board-running"),
    "step": ("board/_step.html", samples.BOARD.step, "board"),
    "poll": ("board/_poll.html", samples.BOARD.poll, "board"),
    "sequence": ("board/_sequence.html", samples.BOARD.sequence, "board"),
    "gates": ("board/_gates.html", samples.BOARD.gates, "board"),
    "gaps": ("board/_gaps.html", samples.BOARD.gaps, "board"),
    "feed": ("board/_feed.html", samples.BOARD.feed, "board"),
    "bar": ("board/_roll_back.html", samples.RUNNING.bar, "board-running"),
    "head": ("rollouts/_head.html", samples.BOARD.head, "board"),
    "checklist": ("phases/_checklist.html", samples_phase.PHASE.checklist, "phase"),
    "commands": ("phases/_commands.html", samples_phase.PHASE.commands, "phase"),
    "exit": ("phases/_exit.html", samples_phase.PHASE.exit, "phase"),
    "aborts": ("phases/_aborts.html", samples_phase.PHASE.aborts, "phase"),
    "levels": ("phases/_levels.html", samples_phase.PHASE.levels, "phase"),
    "gate": ("gates/_gate.html", samples_more.GATE.gate, "gate"),
    "trace": ("gates/_trace.html", samples_more.GATE.trace, "gate"),
    "flags": ("flags/_flags.html", samples_flags.FLAGS.flags, "flags"),
    "armed": ("gates/_armed.html", samples_more.GATES_PAGE.armed, "gates"),
    "order": ("gaps/_order.html", samples_more.GAPS_PAGE.order, "gaps"),
    "gap": ("gaps/_gap.html", samples_more.GAPS_PAGE.cards[0], "gaps"),
    "trouble": ("runs/_trouble.html", samples_sheets.NOW_PAGE.trouble, "now"),
    "exposure": ("runs/_share.html", samples_sheets.NOW_PAGE.exposure, "now"),
    "clock_card": ("runs/_clock.html", samples_sheets.NOW_PAGE.clock, "now"),
    "rollouts": ("portfolio/_rows.html", samples_more.PORTFOLIO.rollouts, "portfolio"),
}
NAMED = {"decision": "verdict"}


class Outline(HTMLParser):
    """The elements of a page, in order, with their attributes; and how deep each stands."""

    VOID = ("meta", "link", "input", "br", "img", "hr")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.roots: list[str] = []
        self.depth = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if not self.depth:
            self.roots.append(tag)
        self.depth += tag not in self.VOID

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        self.depth -= tag not in self.VOID


@pytest.fixture(params=PAGES)
def page(request):
    template, values = PAGES[request.param]
    return render(template, values)


def squeezed(html: str) -> str:
    """Without the token, which is masked anew each time, and without what white space is not seen."""
    html = re.sub(r'<input type="hidden" name="csrfmiddlewaretoken"[^>]*>', "", html)
    return re.sub(r">\s+<", "><", re.sub(r"\s+", " ", html)).strip()


@pytest.mark.parametrize("name", PAGES)
def test_a_template_names_only_what_its_page_has(name, monkeypatch):
    engine = engines["django"].engine
    monkeypatch.setattr(engine, "string_if_invalid", MISSING)
    template, values = PAGES[name]
    given = {"title": "", "lead": "", "exception": "", "next": "", "user": None} | values
    html = render(template, {key: value for key, value in given.items() if key != "user"})
    places = [html[max(0, at.start() - 80) : at.end()] for at in re.finditer(re.escape(MISSING), html)]
    assert places == []


def test_every_template_is_shown_by_a_sample():
    """What stands in a bundle is no page of the application: the tests of the export render it whole."""
    shown = set()
    template_rendered.connect(lambda template, **rest: shown.add(template.name), weak=False, dispatch_uid="samples")
    try:
        for template, values in PAGES.values():
            render(template, values)
    finally:
        template_rendered.disconnect(dispatch_uid="samples")
    pages = {path.relative_to(TEMPLATES) for path in TEMPLATES.rglob("*.html")}
    assert {str(path) for path in pages if path.parts[0] != "bundle"} - shown == set()


def test_no_page_has_inline_code(page):
    found = [
        (tag, name)
        for tag, attributes in Outline(page).elements
        for name in attributes
        if name == "style" or name.startswith(("on", "hx-on")) or (attributes[name] or "").startswith("javascript:")
    ]
    assert found == []
    assert "<style" not in page
    assert [a for tag, a in Outline(page).elements if tag == "script" and not a.get("src")] == []


def test_ids_are_unique(page):
    counts = Counter(attributes["id"] for _, attributes in Outline(page).elements if "id" in attributes)
    assert [name for name, count in counts.items() if count > 1] == []


def test_every_label_and_description_points_at_something(page):
    elements = Outline(page).elements
    ids = {attributes.get("id") for _, attributes in elements}
    wanted = {
        name
        for _, attributes in elements
        for key in ("for", "aria-labelledby", "aria-describedby")
        for name in (attributes.get(key) or "").split()
    }
    assert wanted - ids - {"sheet-title"} == set()


def test_every_link_works_without_script(page):
    found = [a for tag, a in Outline(page).elements if tag == "a" and a.get("href") is None]
    found += [a for tag, a in Outline(page).elements if "hx-get" in a and tag == "a" and a["href"] != a["hx-get"]]
    assert found == []


def test_every_form_works_without_script(page):
    forms = [attributes for tag, attributes in Outline(page).elements if tag == "form"]
    assert [form for form in forms if "hx-post" in form and form["hx-post"] != form.get("action")] == []
    posts = [form for form in forms if form.get("method") == "post"]
    assert page.count('name="csrfmiddlewaretoken"') == len(posts)


def test_no_answer_is_chosen_for_a_person():
    for name in ("signoff", "signoff-wrong", "signoff-locked", "abort", "drill", "waiver"):
        html = render(*PAGES[name])
        radios = [a for tag, a in Outline(html).elements if tag == "input" and a.get("type") == "radio"]
        assert radios
        assert [a for a in radios if "checked" in a] == []


def test_go_is_locked_while_something_blocks_and_no_go_never_is():
    html = render(*PAGES["signoff-locked"])
    radios = {a["value"]: a for tag, a in Outline(html).elements if tag == "input" and a.get("type") == "radio"}
    assert "disabled" in radios["go"]
    assert "disabled" not in radios["no-go"]


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_is_the_same_alone_as_in_its_page(name):
    template, value, page_name = REGIONS[name]
    alone = render(template, {NAMED.get(name, name): value})
    assert squeezed(alone) in squeezed(render(*PAGES[page_name]))


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_has_one_root_that_fetches_itself_and_holds_no_input(name):
    template, value, _ = REGIONS[name]
    outline = Outline(render(template, {NAMED.get(name, name): value}))
    assert len(outline.roots) == 1
    root = outline.elements[0][1]
    assert root["id"] == (value.region.name if value.region else name)
    if value.region:
        assert root["hx-get"] == value.region.url
        assert root["hx-trigger"] == f"changed:{value.region.name} from:body"
        assert root["hx-swap"] == "morph:outerHTML"
    assert [tag for tag, _ in outline.elements if tag in {"input", "textarea", "select", "form"}] == []


def test_every_reason_is_in_the_page_and_six_are_open():
    html = render(*PAGES["board"])
    for reason in samples.REASONS:
        assert f'id="why-{reason.key}"' in html
        for child in reason.children:
            assert f'id="why-{child.key}"' in html
    assert html.index('id="verdict-more"') > html.index(f'id="why-{samples.REASONS[5].key}"')
    assert html.index('id="verdict-more"') < html.index(f'id="why-{samples.REASONS[6].key}"')


def test_the_page_that_says_no_go_when_all_is_broken_needs_nothing():
    html = engines["django"].get_template("500.html").render()
    assert "treat every decision as NO-GO" in html
    assert "Sign out" not in html


def test_the_words_that_are_never_used():
    never = re.compile(r"\b(errors?|invalid|successfully|N/A|please|oops|unknown)\b", re.I)
    found = [
        f"{path.name}: {text.strip()[:60]}"
        for path in TEMPLATES.rglob("*.html")
        for text in re.findall(r">([^<>{}]+)<", path.read_text())
        if never.search(text)
    ]
    assert found == []


def test_theme_follows_the_cookie():
    assert 'data-theme="dark"' in render(*PAGES["board"], "dark")
    assert "data-theme=" not in render(*PAGES["board"]).split("<head>")[0]
    assert "data-theme=" not in render(*PAGES["board"], 'x" onload="y').split("<head>")[0]
