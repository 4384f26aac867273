"""The quickstart as its README walks it: NO-GO, GO, canary, a failing gate, and back. All parts are real."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect

REPORTS = Path(__file__).resolve().parents[2] / "docs" / "quickstart"
ROLLOUT = "/rollouts/quickstart"
MINUTES = 60_000


def report(name):
    return name, "text/xml", (REPORTS / name).read_bytes()


def submit(page, button):
    """Press a button that ends a sheet, and wait for the page it leads to."""
    with page.expect_navigation():
        button.click()


def claim(person, path, *, file=None, attest=False):
    page = person.open(f"{ROLLOUT}/claim/{path}")
    if file:
        page.get_by_label(re.compile("^File")).set_input_files(
            {"name": file[0], "mimeType": file[1], "buffer": file[2]}
        )
        expect(page.locator("#checks")).to_contain_text(file[0])
    if attest:
        page.get_by_label(re.compile("in my name")).check()
    submit(page, page.get_by_role("button", name=re.compile("^(Claim|Add to the claim)$")))


def sign(person, phase, role, answer="GO"):
    page = person.open(f"{ROLLOUT}/sign-off/{phase}/?role={role}")
    page.locator(f"input[name=answer][value={'go' if answer == 'GO' else 'no-go'}]").check(force=True)
    page.locator("select[name=meaning]").select_option("approve-go" if answer == "GO" else "approve-no-go")
    page.get_by_label(re.compile("Confirm it’s you")).fill(person.stack.password)
    submit(page, page.locator(".dialog-foot button[data-act]"))


def wait_for_verdict(person, path, word, minutes=3):
    """Wait, without a reload, until the open page says the word."""
    page = person.open(path)
    expect(page.locator("#verdict, [id^=verdict]").first).to_contain_text(word, timeout=minutes * MINUTES)
    return page


@pytest.mark.e2e
@pytest.mark.timeout(900)
def test_from_no_go_to_canary_and_back(stack, visit, record_property):
    ivo, ben, elif_, ana = visit("ivo"), visit("ben"), visit("elif"), visit("ana")
    expect(ivo.open(f"{ROLLOUT}/").locator("#verdict")).to_contain_text("NO-GO")

    # A tick is a claim; the board believes evidence.
    claim(ben, "prepare/enter/item:tests-pass", file=report("failing.xml"))
    expect(ben.open(f"{ROLLOUT}/phases/prepare/").get_by_text("Contradicted").first).to_be_visible()
    page = ben.open(f"{ROLLOUT}/withdraw/prepare/enter/item:tests-pass")
    submit(page, page.locator(".dialog-foot button[type=submit]"))
    claim(ben, "prepare/enter/item:tests-pass", file=report("passing.xml"))
    claim(ben, "prepare/enter/item:capacity", file=("agreement.txt", "text/plain", b"agreed to 500 payments a second"))
    claim(elif_, "prepare/enter/item:runbook-read", attest=True)

    ready_for_poll(stack, "prepare")
    sign(elif_, "prepare", "sre-lead")
    sign(ana, "prepare", "release-manager")
    wait_for_verdict(ivo, f"{ROLLOUT}/", "GO")
    enter(ana, "prepare")

    # While it runs: the drill, the review and the gap.
    drill(elif_)
    review(ben)
    close_gap(elif_)
    ready_for_poll(stack, "canary")
    for person, role in ((ben, "backend-lead"), (elif_, "sre-lead"), (ana, "release-manager")):
        sign(person, "canary", role)
    enter(ana, "canary")

    # Break the canary and watch the open page, without a reload.
    watcher = ivo.open(f"{ROLLOUT}/")
    expect(watcher.locator("#verdict")).to_contain_text("Canary runs", timeout=MINUTES)
    expect(watcher.locator("#verdict .verdict-word")).to_have_text("GO", timeout=MINUTES)
    began = time.monotonic()
    stack.fault("latency?ms=600&cohort=canary")
    expect(watcher.locator("#verdict .verdict-word")).to_have_text("NO-GO", timeout=2 * MINUTES)
    expect(watcher.locator("#verdict")).to_contain_text("Canary can’t continue")
    record_property("seconds from fault to NO on the open page", round(time.monotonic() - began, 1))

    page = elif_.open(f"{ROLLOUT}/roll-back/")
    page.locator("input[name=level][value=immediate]").check(force=True)
    submit(page, page.get_by_role("button", name="Roll back"))
    stack.fault("latency?ms=0")
    expect(watcher.locator("#verdict")).to_contain_text("Prepare", timeout=MINUTES)
    assert stack.manage("verdict", "quickstart", "--ask", "continue").stdout.startswith("GO: continue prepare")

    told = ana.open(f"{ROLLOUT}/audit/").locator("body").inner_text()
    for words in ("Signed GO", "Entered", "Rolled back", "Claimed", "Withdrew", "Verdict became"):
        assert words.lower() in told.lower(), told
    verified = stack.manage("audit_verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def enter(person, phase):
    page = person.open(f"{ROLLOUT}/phases/{phase}/enter/")
    for box in page.locator("input[name=command]").all():
        box.check()
    submit(page, page.locator(".dialog-foot button[type=submit]"))
    expect(page.locator("body")).not_to_contain_text("hasn’t been entered")


def drill(person):
    page = person.open(f"{ROLLOUT}/drills/rollback-practised/")
    page.get_by_label("Minutes").fill("1")
    page.get_by_label("Seconds").fill("30")
    page.get_by_label("Ran at").fill(time.strftime("%Y-%m-%d %H:%M", time.gmtime(time.time() - 600)))
    page.locator("input[name=passed][value=yes]").check(force=True)
    submit(page, page.get_by_role("button", name="Record the drill"))


def review(person):
    page = person.open(f"{ROLLOUT}/reviews/design/")
    page.get_by_label(re.compile("Score")).fill("8")
    page.get_by_label("What it rests on").fill("Read the design and the load figures")
    submit(page, page.locator(".dialog-foot button[type=submit]"))


def close_gap(person):
    page = person.open(f"{ROLLOUT}/gaps/way-back/tasks/1/")
    submit(page, page.locator(".dialog-foot button[type=submit]"))
    claim(person, "gap:way-back/closed_when/item:way-back-known", attest=True)


def ready_for_poll(stack, phase):
    """Wait until nothing but the poll stands in the way, as the command line says it."""
    until = time.monotonic() + 240
    while True:
        told = stack.manage("verdict", "quickstart", "--phase", phase).stdout
        reasons = [line.split()[0] for line in told.splitlines()[1:-1]]
        if reasons and all(code.startswith("SIGN_OFF") for code in reasons):
            return
        assert time.monotonic() < until, told
        time.sleep(2)
