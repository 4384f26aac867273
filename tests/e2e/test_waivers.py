"""A waiver between two people, in real browsers: one asks over the page, the other grants on a phone without script."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

ROLLOUT = "/rollouts/dual-memory"
PHASE = f"{ROLLOUT}/phases/validation/"


def ask(person, title):
    page = person.open(PHASE)
    page.get_by_role("link", name=re.compile(f"Ask for a waiver.*{title}")).click()
    sheet = page.locator("dialog[open]")
    sheet.get_by_label(re.compile("Why it can")).fill("The reviewer is away until Friday.")
    sheet.get_by_label(re.compile("What you do instead")).fill("Finn reads every result by hand.")
    sheet.get_by_label("Until").fill("someday")
    sheet.get_by_role("button", name="Ask for the waiver").click()
    expect(sheet.get_by_role("alert")).to_contain_text("is no time")
    expect(sheet.get_by_label(re.compile("What you do instead"))).to_have_value("Finn reads every result by hand.")
    sheet.get_by_label("Until").fill(f"{datetime.now(UTC) + timedelta(days=3, minutes=5):%Y-%m-%d %H:%M}")
    sheet.get_by_role("button", name="Ask for the waiver").click()
    expect(page.get_by_text("Nothing is waived until somebody else grants it")).to_be_visible()
    expect(page.locator("dialog[open]")).to_have_count(0)
    return page


@pytest.mark.e2e
@pytest.mark.timeout(300)
def test_one_asks_and_another_grants(stack, visit):
    ben = visit("ben")
    hugo = visit("hugo", viewport={"width": 375, "height": 812}, java_script_enabled=False)
    page = ask(ben, "Testing methodology")
    row = page.locator("li", has_text="Testing methodology").filter(has_text="6.5 of 10")
    expect(row).to_contain_text("Ben Okafor asks to waive it")

    board = hugo.open(f"{ROLLOUT}/")
    expect(board.locator("#step")).to_contain_text("Decide: waive “Testing methodology”?")
    board.get_by_role("link", name="Grant or decline").click()
    board.locator("input[value=grant]").check()
    board.get_by_label(re.compile("Confirm it’s you")).fill(stack.password)
    board.get_by_role("button", name="Record your answer").click()
    expect(board.get_by_text("The waiver of “Testing methodology” is granted until")).to_be_visible()

    # Whoever has the page open sees it without loading it again, and that it never counts as met.
    expect(row).to_contain_text("Waived by Hugo Lind", timeout=20_000)
    expect(row).to_contain_text("3 days left")
    expect(page.locator("#checklist .sub").first).to_contain_text("1 waived")

    board = hugo.open(PHASE)
    board.get_by_role("link", name=re.compile("End the waiver.*Testing methodology")).click()
    board.get_by_label("Why", exact=True).fill("The review is due today.")
    board.get_by_role("button", name="End it").click()
    expect(row).to_contain_text("Not met", timeout=20_000)
