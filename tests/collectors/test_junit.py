"""JUnit reports as tools write them, and as people doctor them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readiness.collectors.junit import NotJUnit, read_junit
from readiness.core.reports import JUnitSummary

PYTEST = b"""<?xml version="1.0" encoding="utf-8"?>
<testsuites><testsuite name="pytest" errors="1" failures="1" skipped="1" tests="4" time="0.1">
<testcase classname="tests.test_x" name="test_good" time="0.001" />
<testcase classname="tests.test_x" name="test_bad"><failure message="assert">no</failure></testcase>
<testcase classname="tests.test_x" name="test_broken"><error message="setup">no</error></testcase>
<testcase classname="tests.test_x" name="test_later"><skipped message="later" /></testcase>
</testsuite></testsuites>"""


def suites(count: int, attributes: str = "") -> bytes:
    suite = '<testsuite name="s"><testcase name="a"/></testsuite>'
    return f"<testsuites {attributes}>{suite * count}</testsuites>".encode()


def test_a_report_of_pytest_is_counted() -> None:
    failing = ("tests.test_x.test_bad", "tests.test_x.test_broken")
    assert read_junit(PYTEST) == JUnitSummary(1, 4, 1, 1, 1, failing)


def test_suites_that_hold_tests_are_counted() -> None:
    assert read_junit(suites(5)).suites == 5
    nested = b'<testsuite><testsuite><testcase name="a"/></testsuite><testsuite/></testsuite>'
    assert (read_junit(nested).suites, read_junit(nested).tests) == (1, 1)


def test_a_report_without_tests_has_none() -> None:
    assert read_junit(b"<testsuites/>") == JUnitSummary(0, 0, 0, 0, 0)
    assert read_junit(b'<testsuite tests="0" failures="0"/>').tests == 0


def test_failures_that_only_the_totals_claim_count() -> None:
    assert read_junit(suites(2, 'failures="3" errors="1"')).failures == 3
    assert read_junit(b'<testsuites><testsuite failures="2"><testcase/></testsuite></testsuites>').failures == 2


def test_a_root_that_claims_no_failure_hides_none_of_its_suites() -> None:
    inner = b'<testsuites failures="0"><testsuite failures="2" errors="1"><testcase/></testsuite></testsuites>'
    assert (read_junit(inner).failures, read_junit(inner).errors) == (2, 1)
    deep = b'<testsuites><testsuite><testsuite failures="2"><testcase/></testsuite></testsuite></testsuites>'
    assert read_junit(deep).failures == 2
    two = (
        b'<testsuite failures="1"><testsuite failures="2"/><testsuite failures="3"><testcase/></testsuite></testsuite>'
    )
    assert read_junit(two).failures == 5


@pytest.mark.parametrize("place", ['<testsuites tests="412"><testsuite>', '<testsuites><testsuite tests="412">'])
def test_a_report_that_shows_fewer_tests_than_it_claims_is_not_read(place: str) -> None:
    with pytest.raises(NotJUnit, match="claims 412 tests and shows 1; bring the whole report"):
        read_junit(f"{place}<testcase/></testsuite></testsuites>".encode())


def test_totals_that_hide_failures_do_not() -> None:
    report = b'<testsuite failures="0" errors="0"><testcase name="a"><failure/></testcase></testsuite>'
    assert (read_junit(report).failures, read_junit(report).first_failing) == (1, ("a",))


def test_a_suite_that_broke_before_its_tests_counts_as_broken() -> None:
    report = b"<testsuites><testsuite><error>import</error><testcase/></testsuite></testsuites>"
    assert read_junit(report).errors == 1


def test_a_namespace_does_not_hide_a_failure() -> None:
    report = b'<testsuite xmlns="urn:x"><testcase name="a"><failure/></testcase></testsuite>'
    assert (read_junit(report).tests, read_junit(report).failures) == (1, 1)


def test_five_names_are_kept() -> None:
    cases = b"".join(b'<testcase name="t%d"><failure/></testcase>' % n for n in range(9))
    summary = read_junit(b"<testsuite>" + cases + b"</testsuite>")
    assert (summary.failures, summary.first_failing) == (9, ("t0", "t1", "t2", "t3", "t4"))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not XML"),
        (b"<testsuites>", "is not XML"),
        (b"412 passed", "is not XML"),
        (b"\xff\xfe\x00", "is not XML"),
        (b'<?xml version="1.0" encoding="no-such"?><testsuites/>', "is not XML"),
        (b"<html><body/></html>", "is an HTML page, not a JUnit report"),
        (b"<results><body/></results>", "begins with results; a JUnit report begins with testsuites"),
        (b"PK\x03\x04...", "is a ZIP archive, not a JUnit report; bring the report that is in it"),
        (b'<testsuite failures="1234567890"/>', "which is more than any run has"),
        (b'<testsuite failures="many"/>', "'many' failures, which is not a number"),
        (b'<testsuite failures="-1"/>', "which is not a number"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>', "declares entities or a document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>', "declares entities or a document type"),
    ],
)
def test_what_is_no_report_says_why(data: bytes, words: str) -> None:
    with pytest.raises(NotJUnit, match=words):
        read_junit(data)


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><testsuites name="&b;"/>'


def test_a_bomb_is_refused_before_it_grows() -> None:
    with pytest.raises(NotJUnit, match="declares entities or a document type"):
        read_junit(BOMB)


def test_a_flood_of_tags_is_refused_before_it_is_read() -> None:
    with pytest.raises(NotJUnit, match="more than 1,000,000 tags"):
        read_junit(b"<testsuites>" + b"<a/>" * 1_000_000 + b"</testsuites>")


def test_depth_alone_breaks_nothing() -> None:
    deep = b"<testsuites>" + b"<testsuite>" * 100_000 + b"<testcase/>" + b"</testsuite>" * 100_000 + b"</testsuites>"
    assert read_junit(deep).tests == 1


def test_a_test_that_is_switched_off_did_not_run() -> None:
    report = b'<testsuite><testcase name="a" status="notrun"/><testcase name="b" status="run"/></testsuite>'
    assert (read_junit(report).tests, read_junit(report).skipped) == (2, 1)


def test_a_report_in_utf_16_is_read() -> None:
    text = '<?xml version="1.0" encoding="utf-16"?><testsuite><testcase name="ü"/></testsuite>'
    assert read_junit(text.encode("utf-16")).tests == 1


tags = st.sampled_from(["testsuites", "testsuite", "testcase", "failure", "error", "skipped", "x"])
attributes = st.dictionaries(
    st.sampled_from(["tests", "failures", "errors", "name"]), st.sampled_from(["0", "3", "x", "-1", "٣", "9" * 12, ""])
)
trees = st.recursive(
    st.tuples(tags, attributes).map(lambda node: _element(*node, [])),
    lambda inner: st.tuples(tags, attributes, st.lists(inner, max_size=3)).map(lambda node: _element(*node)),
    max_leaves=9,
)


def _element(tag: str, attributes: dict[str, str], inner: list[str]) -> str:
    said = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f"<{tag}{said}>{''.join(inner)}</{tag}>"


@given(st.binary(max_size=200) | trees.map(str.encode))
def test_anything_is_counted_or_refused(data: bytes) -> None:
    try:
        summary = read_junit(data)
    except NotJUnit:
        return
    assert summary.tests >= summary.skipped >= 0
    assert summary.failures + summary.errors >= len(summary.first_failing)
    assert min(summary.suites, summary.failures, summary.errors) >= 0
