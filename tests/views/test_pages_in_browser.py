"""The pages in a real browser, under the policy of the product: accessible, live, and honest when they are not."""

import http.server
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

from readiness.queries.pages.parts import Live
from tests.services_fixtures import programs_of
from tests.views import sample_forms, samples, samples_phase, samples_sheets
from tests.views.preview import FLAGS, Quiet, prepare, render
from tests.views.sample_pages import PAGES
from tools.services import CHROMIUM

pytestmark = pytest.mark.services
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
Answer = tuple[int, dict[str, str], str]
BOARD = "/rollouts/dual-memory/"


class Board:
    """A small server: the static files, pages under their addresses, and what each address answers now."""

    def __init__(self, folder: Path) -> None:
        prepare(folder)
        self.routes: dict[str, Callable[[str], Answer]] = {}
        self.asked: list[str] = []
        self.started = time.monotonic()
        board = self

        class Handler(Quiet):
            def date_time_string(self, timestamp: float | None = None) -> str:
                return format_datetime(samples.NOW + timedelta(seconds=time.monotonic() - board.started), usegmt=True)

            def body(self) -> str:
                return self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()

            def answer(self, body: str = "") -> None:
                path = urlsplit(self.path).path
                board.asked.append(self.path)
                route = board.routes.get(path)
                if route is None:
                    super().do_GET()
                    return
                status, headers, html = route(body or urlsplit(self.path).query)
                self.send_response(status)
                content = html.encode()
                for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        for verb in ("GET", "POST"):
            setattr(Handler, f"do_{verb}", lambda self: self.answer(self.body()))
        self.server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), lambda *args: Handler(*args, directory=str(folder))
        )
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def show(self, path: str, template: str, **values: object) -> None:
        """Answer an address with a template."""
        self.routes[path] = lambda _: (200, {}, render(template, values))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=programs_of(CHROMIUM)["CHROMIUM_BIN"], args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def board(tmp_path) -> Iterator[Board]:
    server = Board(tmp_path)
    server.show(BOARD, "board/page.html", page=samples.BOARD)
    server.routes[samples.LIVE.url] = lambda _: (204, {}, "")
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on("console", lambda message: faults.extend(re.findall(".*Content Security Policy.*", message.text)))
    yield opened
    context.close()
    assert faults == []


@pytest.mark.parametrize(("width", "theme"), [(1440, ""), (375, "dark")])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_accessibility_fault(browser, board, name, width, theme):
    template, values = PAGES[name]
    board.routes["/page/"] = lambda _: (200, {}, render(template, values, theme))
    context = browser.new_context(viewport={"width": width, "height": 900})
    opened = context.new_page()
    opened.goto(f"{board.url}/page/")
    opened.evaluate("document.querySelectorAll('main details').forEach(d => d.open = true)")
    found = Axe().run(opened, options=RULES).response["violations"]
    wide = opened.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert [(v["id"], [node["html"][:160] for node in v["nodes"]]) for v in found] == []
    assert wide <= width


def test_sprites_are_drawn(page, board):
    page.goto(board.url + BOARD)
    boxes = page.evaluate(
        "[...document.querySelectorAll('svg use')].filter(u => u.getClientRects().length)"
        ".map(u => u.getBBox()).filter(b => b.width === 0 && b.height === 0).length"
    )
    assert boxes == 0
    assert page.locator("svg use").count() > 20


def test_a_live_page_says_so_and_asks_every_second(page, board):
    page.goto(board.url + BOARD)
    expect(page.locator("#live-word")).to_contain_text("Live")
    expect(page.locator("#live-word")).to_have_class("live")
    page.wait_for_timeout(2500)
    asked = [path for path in board.asked if "/live/" in path]
    assert 2 <= len(asked) <= 5
    assert asked[0].endswith("?seen=abc123")


def change(board: Board, verdict=samples.GO_VERDICT) -> None:
    """Something changes: the next poll names the verdict's region, which now answers otherwise."""
    live = Live(samples.LIVE.url, "def456")

    def poll(query: str) -> Answer:
        if parse_qs(query)["seen"] == ["def456"]:
            return 204, {}, ""
        return 200, {"HX-Trigger": "changed:verdict, changed:poll"}, render("rollouts/_live.html", {"live": live})

    board.routes[samples.LIVE.url] = poll
    board.show(samples.VERDICT.region.url, "board/_verdict.html", verdict=verdict)
    board.show(samples.POLL.region.url, "board/_poll.html", poll=replace(samples.POLL, go=2))


def test_a_change_is_on_the_page_within_two_seconds(page, board):
    page.goto(board.url + BOARD)
    expect(page.locator("#verdict")).to_contain_text("Phase 0 can’t start")
    change(board)
    changed_at = time.monotonic()
    expect(page.locator("#verdict")).to_contain_text("Canary may continue", timeout=2000)
    expect(page.locator("#poll")).to_contain_text("2 of 6 GO", timeout=2000)
    assert time.monotonic() - changed_at < 2.0
    expect(page).to_have_title(re.compile("^GO: "))
    assert page.locator("#favicon").get_attribute("href").endswith("favicon-go.svg")
    expect(page.locator("#announce")).to_contain_text(re.compile("GO"))
    page.wait_for_timeout(1500)
    assert sum("region/board/verdict" in path for path in board.asked) == 1
    assert sum("seen=def456" in path for path in board.asked) >= 1


def test_a_change_closes_no_row_moves_no_focus_and_no_scroll(page, board):
    page.goto(board.url + BOARD)
    page.locator("#verdict-more summary").first.click()
    page.locator("#why-checklist summary").click()
    link = page.locator("#why-restore-tested a")
    link.focus()
    page.evaluate("scrollTo(0, 120)")
    reasons = (replace(samples.REASONS[0], what="Kubernetes manifests: 4 of 9 missing"), *samples.REASONS[1:])
    change(board, replace(samples.VERDICT, reasons=reasons))
    expect(page.locator("#verdict")).to_contain_text("4 of 9 missing")
    assert page.locator("#verdict-more").get_attribute("open") is not None
    assert page.locator("#why-checklist details").get_attribute("open") is not None
    expect(link).to_be_focused()
    assert page.evaluate("scrollY") == 120


def test_a_page_that_gets_no_answer_says_since_when(page, board):
    page.clock.install()
    page.goto(board.url + BOARD)
    page.clock.run_for(2000)
    expect(page.locator("#live-word")).to_contain_text("Live")
    board.routes[samples.LIVE.url] = lambda _: (503, {}, "")
    page.clock.run_for(9000)
    expect(page.locator("#live-word")).to_have_class("live")
    page.clock.run_for(4000)
    expect(page.locator("#live-word")).to_have_class("live live--off")
    expect(page.locator("#live-word")).to_contain_text(re.compile(r"Not live since \d\d:\d\d$"))
    board.routes[samples.LIVE.url] = lambda _: (204, {}, "")
    page.clock.run_for(2000)
    expect(page.locator("#live-word")).to_have_class("live")


def test_numbers_age_and_turn_old_without_the_server(page, board):
    page.clock.install(time=samples.NOW)
    board.routes[samples.LIVE.url] = lambda _: (503, {}, "")
    page.goto(board.url + BOARD)
    age = page.locator("#gates-errors .age")
    expect(age).to_have_text(re.compile(r"9.s ago|10.s ago"))
    expect(page.locator("#verdict .old-note")).to_be_hidden()
    page.clock.run_for(90_000)
    expect(age).to_have_text(re.compile(r"(99|100).s ago"))
    expect(age).not_to_have_class(re.compile("is-old"))
    page.clock.run_for(60_000)
    expect(age).to_have_text(re.compile(r"2.min ago"))
    expect(age).to_have_class(re.compile("is-old"))
    expect(page.locator("#verdict .old-note")).to_be_visible()


def test_ages_follow_the_clock_of_the_server(page, board):
    page.clock.install(time=samples.NOW + timedelta(hours=3))
    board.routes[samples.LIVE.url] = lambda _: (503, {}, "")
    page.goto(board.url + BOARD)
    page.clock.run_for(1000)
    expect(page.locator("#gates-errors .age")).to_have_text(re.compile(r"(9|10|11).s ago"))


def test_a_hidden_page_does_not_ask(page, board):
    page.add_init_script("Object.defineProperty(document, 'hidden', {get: () => window.away === true})")
    page.goto(board.url + BOARD)
    page.wait_for_timeout(1200)
    page.evaluate("window.away = true")
    page.wait_for_timeout(300)
    before = len(board.asked)
    page.wait_for_timeout(2500)
    assert len(board.asked) == before
    page.evaluate("window.away = false; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_timeout(400)
    assert len(board.asked) > before


def test_a_part_that_leads_elsewhere_opens_the_whole_page(page, board):
    page.goto(board.url + BOARD)
    board.routes["/login/"] = lambda _: (200, {}, render(*PAGES["login"]))
    board.routes[samples.LIVE.url] = lambda _: (302, {"Location": "/login/"}, "")
    board.routes[BOARD] = lambda _: (302, {"Location": "/login/"}, "")
    page.wait_for_url("**/login/")


def sheet(board: Board, posted: list[dict[str, list[str]]], status: int = 422) -> None:
    """The sign-off as a sheet: the partial for a link, and what its form answers."""
    values = {"sheet": samples_phase.SHEET}
    board.show("/signoff/", "signoffs/_sheet.html", form=sample_forms.SignOffForm(), **values)

    def sign(body: str) -> Answer:
        posted.append(parse_qs(body))
        form = sample_forms.SignOffForm({"answer": "", "meaning": "reviewed", "reason": "Kept", "password": ""})
        moved = replace(samples_phase.SHEET, moved=2) if status == 409 else samples_phase.SHEET
        if status == 200:
            return 200, {"HX-Redirect": "/signed/"}, ""
        return status, {}, render("signoffs/_sheet.html", {"sheet": moved, "form": form})

    board.routes["/sign/"] = sign
    board.routes["/signed/"] = lambda _: (200, {}, "<title>Signed</title>")


def test_a_sheet_opens_over_the_page_and_closes_without_an_act(page, board):
    posted: list[dict[str, list[str]]] = []
    sheet(board, posted)
    page.goto(board.url + BOARD)
    opener = page.get_by_role("link", name="Review 2 changes")
    opener.click()
    expect(page.get_by_role("dialog", name="Sign for Backend lead")).to_be_visible()
    expect(page.locator("#sheet-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    opener.click()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("#dialog")).to_be_hidden()
    assert posted == []
    assert page.url == board.url + BOARD


def test_the_button_says_what_it_will_do(page, board):
    sheet(board, [])
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("button", name="Sign for Backend lead").wait_for()
    page.get_by_role("radio", name="NO-GO").check()
    page.get_by_role("button", name="Sign NO-GO for Backend lead").wait_for()
    page.get_by_role("radio", name="GO", exact=False).first.check()
    page.get_by_role("button", name="Sign GO for Backend lead").wait_for()


@pytest.mark.parametrize(
    ("status", "words"), [(422, "You haven’t signed"), (409, "2 facts changed while you were reading")]
)
def test_a_refused_form_says_why_in_place_and_keeps_the_words(page, board, status, words):
    posted: list[dict[str, list[str]]] = []
    sheet(board, posted, status)
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("textbox", name="Reason").fill("Kept")
    page.get_by_role("button", name="Sign for Backend lead").click()
    expect(page.locator("#dialog")).to_contain_text(words)
    expect(page.locator("#dialog [data-focus]").first).to_be_focused()
    assert page.get_by_role("textbox", name="Reason").input_value() == "Kept"
    assert posted[0]["digest"] == [samples.SHA]
    assert posted[0]["reason"] == ["Kept"]


def test_an_accepted_form_leads_on(page, board):
    posted: list[dict[str, list[str]]] = []
    sheet(board, posted, 200)
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("radio", name="NO-GO").check()
    page.get_by_role("button", name="Sign NO-GO for Backend lead").click()
    page.wait_for_url("**/signed/")
    assert posted[0]["answer"] == ["no-go"]


def test_a_live_page_leaves_an_open_sheet_alone(page, board):
    sheet(board, [])
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("textbox", name="Reason").fill("half a thou")
    change(board)
    expect(page.locator("#verdict")).to_contain_text("Canary may continue")
    assert page.get_by_role("textbox", name="Reason").input_value() == "half a thou"
    expect(page.get_by_role("textbox", name="Reason")).to_be_focused()


def claiming(board: Board) -> list[str]:
    """Answer the claim sheet over a page of its own; give what is posted to it."""
    bodies: list[str] = []
    shown = render("claims/_claim.html", {"sheet": samples_sheets.CLAIM, "form": sample_forms.ClaimForm()})

    def answer(body: str) -> Answer:
        bodies.extend([body] if "name=" in body else [])
        return 200, {}, shown

    board.show("/p/", "phases/page.html", page=samples_phase.PHASE)
    board.routes["/claim/"] = answer
    return bodies


JUNIT = {"name": "junit.xml", "mimeType": "text/xml", "buffer": b"<testsuite/>"}
GIVEN = """([kind, field]) => {
    const given = new DataTransfer(), place = document.querySelector("#dialog form");
    given.items.add(new File(["<testsuite/>"], "junit.xml", {type: "text/xml"}));
    const about = {bubbles: true, cancelable: true, [field]: given};
    place.dispatchEvent(kind === "paste" ? new ClipboardEvent(kind, about) : new DragEvent(kind, about));
}"""


def test_a_chosen_file_is_read_at_once_and_nothing_is_claimed(page, board):
    bodies = claiming(board)
    page.goto(board.url + "/p/")
    page.get_by_role("link", name="Claim of: Integration tests pass").click()
    page.get_by_label("Note").fill("From the nightly run")
    page.locator("#id_file").set_input_files([JUNIT])
    expect(page.locator("#checks")).to_contain_text("3 of 412 tests fail")
    page.wait_for_timeout(300)
    assert len(bodies) == 1
    assert "<testsuite/>" in bodies[0]
    assert "From the nightly run" in bodies[0]
    assert 'name="do"\r\n\r\njudge' in bodies[0]


@pytest.mark.parametrize(("kind", "field"), [("drop", "dataTransfer"), ("paste", "clipboardData")])
def test_a_file_is_dropped_or_pasted_anywhere_on_the_sheet(page, board, kind, field):
    bodies = claiming(board)
    page.goto(board.url + "/p/")
    page.get_by_role("link", name="Claim of: Integration tests pass").click()
    page.locator("#dialog form").wait_for()
    page.evaluate(GIVEN, [kind, field])
    page.wait_for_timeout(500)
    assert len(bodies) == 1
    assert 'filename="junit.xml"' in bodies[0]
    assert 'name="do"\r\n\r\njudge' in bodies[0]


def test_text_that_is_pasted_stays_text(page, board):
    bodies = claiming(board)
    page.goto(board.url + "/p/")
    page.get_by_role("link", name="Claim of: Integration tests pass").click()
    page.get_by_label("Note").fill("")
    page.evaluate("navigator.clipboard && document.execCommand('insertText', false, 'pasted words')")
    page.wait_for_timeout(300)
    assert bodies == []


@pytest.mark.parametrize(("touch", "shown"), [(True, True), (False, False)])
def test_a_phone_takes_a_photo(browser, board, touch, shown):
    board.show("/claim/", "sheet_page.html", **PAGES["claim-file"][1])
    context = browser.new_context(viewport={"width": 375, "height": 800}, has_touch=touch, is_mobile=touch)
    opened = context.new_page()
    opened.goto(board.url + "/claim/")
    photo = opened.get_by_label("Photo")
    assert photo.is_visible() == shown
    assert (photo.get_attribute("accept"), photo.get_attribute("capture")) == ("image/*", "environment")
    context.close()


def test_opening_evidence_counts_it_in_what_is_signed_and_keeps_what_is_typed(page, board):
    posted: list[dict[str, list[str]]] = []
    sheet(board, posted)
    board.routes["/e/"] = lambda _: (200, {"Content-Disposition": "attachment"}, "kept")
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("textbox", name="Reason").fill("Read all of it")
    page.get_by_role("link", name="junit.xml").click()
    page.wait_for_timeout(1500)
    assert [said["do"] for said in posted] == [["reread"]]
    assert posted[0]["reason"] == ["Read all of it"]


def test_opening_evidence_leaves_a_typed_password_alone(page, board):
    posted: list[dict[str, list[str]]] = []
    sheet(board, posted)
    board.routes["/e/"] = lambda _: (200, {"Content-Disposition": "attachment"}, "kept")
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_label("Confirm it’s you").fill("half a pass")
    page.get_by_role("link", name="junit.xml").click()
    page.wait_for_timeout(1500)
    assert posted == []


def test_the_theme_changes_at_once_and_is_kept(page, board):
    page.emulate_media(color_scheme="light")
    page.goto(board.url + BOARD)
    page.get_by_role("button", name="Switch between light and dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert {c["name"]: c["value"] for c in page.context.cookies()}["theme"] == "dark"
    assert not [path for path in board.asked if path == "/theme/"]


def test_a_digest_is_copied_whole(page, board):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(board.url + BOARD)
    page.get_by_role("button", name="Copy verdict digest").click()
    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == samples.SHA


@pytest.mark.parametrize(
    ("name", "path"), [("board", "/past/"), ("verdict", "/past/"), ("phase", "/past/"), ("board-past", "/b/")]
)
def test_one_key_asks_which_moment_to_show(page, board, name, path):
    template, values = PAGES[name]
    board.show("/page/", template, **values)
    board.routes[path] = lambda said: (200, {}, f"<title>{said}</title>")
    page.goto(board.url + "/page/")
    page.keyboard.press("t")
    expect(page.locator("[data-travel]")).to_be_focused()
    page.keyboard.type("2025-11-21")
    page.keyboard.press("Enter")
    page.wait_for_url("**as_of=2025-11-21")
    assert page.title() == "as_of=2025-11-21"


def test_the_key_is_a_letter_while_somebody_types_or_has_turned_it_off(page, board):
    sheet(board, [])
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("textbox", name="Reason").fill("")
    page.keyboard.type("It rests")
    assert page.get_by_role("textbox", name="Reason").input_value() == "It rests"
    page.locator("#sheet-title").focus()
    page.keyboard.press("t")
    expect(page.locator("#travel")).not_to_have_attribute("open", "")
    page.keyboard.press("Escape")
    page.evaluate("document.documentElement.dataset.keys = 'off'")
    page.keyboard.press("t")
    page.keyboard.press("Control+t")
    expect(page.locator("#travel")).not_to_have_attribute("open", "")
    expect(page.locator("#travel kbd")).to_be_hidden()


def test_the_record_narrows_while_somebody_types_and_the_address_follows(page, board):
    none = replace(samples_phase.NO_ENTRY, filters=samples_phase.EMPTY_AUDIT.filters)
    board.show("/record/", "audit/page.html", page=samples_phase.AUDIT)
    board.show("/a/", "audit/page.html", page=none)
    page.goto(board.url + "/record/")
    expect(page.get_by_role("button", name="Filter")).to_be_hidden()
    search = page.get_by_role("searchbox", name="Search entries")
    search.press_sequentially("xylo", delay=20)
    expect(page.locator("#audit")).to_contain_text("No entry fits")
    expect(search).to_be_focused()
    assert search.input_value() == "xylo"
    assert [path for path in board.asked if path.startswith("/a/")] == [
        urlsplit(page.url)._replace(scheme="", netloc="").geturl()
    ]
    assert parse_qs(urlsplit(page.url).query)["q"] == ["xylo"]
    expect(page.locator("#announce")).to_have_text("0 entries shown")


@pytest.mark.parametrize(("width", "moves"), [(1440, False), (375, True)])
def test_an_entry_opens_beside_the_list_and_comes_into_view(page, board, width, moves):
    many = samples_phase.AUDIT.days[0].rows * 4
    rows = tuple(replace(row, seq=2_000 - n, url=f"/a/{n}/", current=False) for n, row in enumerate(many))
    shown = replace(samples_phase.AUDIT, days=(replace(samples_phase.AUDIT.days[0], rows=rows),))
    board.show("/record/", "audit/page.html", page=replace(shown, entry=None))
    board.show("/a/20/", "audit/page.html", page=shown)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(board.url + "/record/")
    link = page.locator("#ev-1980 a.name")
    link.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    link.click()
    expect(page.locator("#entry-h")).to_be_in_viewport()
    assert page.url.endswith("/a/20/")
    assert (page.evaluate("scrollY") != before) is moves


def test_without_script_the_page_is_whole_and_claims_nothing(browser, board):
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(board.url + BOARD)
    text = " ".join(opened.locator("body").inner_text().split())
    assert "As of 14:32:06 UTC" in text
    assert "Live 14" not in text
    opened.locator("#verdict-more summary").first.click()
    assert opened.locator("#why-timeouts").is_visible()
    opened.get_by_text("Show as of").click()
    opened.get_by_role("textbox", name="Show this page as of").fill("14")
    assert opened.locator("#travel form").get_attribute("method") == "get"
    board.show("/signoff/", "signoffs/page.html", page=samples_phase.SIGN_OFF, form=sample_forms.SignOffForm())
    opened.get_by_role("link", name="Review 2 changes").click()
    assert opened.url.endswith("/signoff/")
    assert opened.get_by_role("button", name="Sign for Backend lead").is_visible()
    context.close()


def test_nothing_jumps_when_numbers_change(page, board):
    page.goto(board.url + BOARD)
    expect(page.locator("#live-word")).to_have_class("live")
    page.evaluate(
        "window.shifts = 0;"
        "new PerformanceObserver(list => { for (const e of list.getEntries()) window.shifts += e.value; })"
        ".observe({type: 'layout-shift', buffered: false})"
    )
    change(board, replace(samples.VERDICT, detail="19 of 48 conditions aren’t met, for 9 reasons", met=29))
    expect(page.locator("#verdict")).to_contain_text("19 of 48")
    page.wait_for_timeout(6000)  # long enough for an age to grow from one digit to two
    assert page.evaluate("window.shifts") == 0


def test_an_act_that_may_not_be_done_says_so_in_the_sheet(page, board):
    sheet(board, [])
    shut = replace(samples_phase.SHEET, may_sign=False, why_not="You hold no role here.")
    board.routes["/sign/"] = lambda _: (403, {}, render("signoffs/_sheet.html", {"sheet": shut, "form": None}))
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("button", name="Sign for Backend lead").click()
    expect(page.locator("#dialog")).to_contain_text("You hold no role here.")


@pytest.mark.parametrize("status", [400, 403, 500])
def test_an_act_that_went_wrong_says_so_and_keeps_what_was_typed(page, board, status):
    sheet(board, [])
    board.routes["/sign/"] = lambda _: (status, {}, render(*PAGES["500"]))
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.get_by_role("textbox", name="Reason").fill("Kept")
    page.get_by_role("button", name="Sign for Backend lead").click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was saved")
    assert page.get_by_role("textbox", name="Reason").input_value() == "Kept"
    expect(page.get_by_role("button", name="Sign for Backend lead")).to_be_enabled()


def test_a_sheet_that_can_not_be_opened_shows_its_page(page, board):
    board.routes["/signoff/"] = lambda _: (404, {}, render(*PAGES["404"]))
    page.goto(board.url + BOARD)
    page.get_by_role("link", name="Review 2 changes").click()
    page.wait_for_url("**/signoff/")
    expect(page.locator("h1")).to_have_text("We can’t find that page")
