"""JUnit reports as tools write them, and as people doctor them."""

import pytest

from readiness.collectors.junit import NotJUnit, read_junit
from readiness.core.evidence import JUnitSummary

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
    assert read_junit(b'<testsuite tests="412" failures="0"/>').tests == 0


def test_failures_that_only_the_totals_claim_count() -> None:
    assert read_junit(suites(2, 'failures="3" errors="1"')).failures == 3
    assert read_junit(b'<testsuites><testsuite failures="2"><testcase/></testsuite></testsuites>').failures == 2


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
        (b"<html><body/></html>", "begins with html"),
        (b'<testsuite failures="many"/>', "'many' failures, which is not a number"),
        (b'<testsuite failures="-1"/>', "which is not a number"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites>&a;</testsuites>', "declares entities or a document type"),
        (b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuites/>', "declares entities or a document type"),
    ],
)
def test_what_is_no_report_says_why(data: bytes, words: str) -> None:
    with pytest.raises(NotJUnit, match=words):
        read_junit(data)
