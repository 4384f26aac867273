"""JUnit reports: what a test run says of itself. The format is the one of Ant, Maven Surefire and pytest."""

from collections.abc import Iterator
from typing import Protocol

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from readiness.collectors.contents import name_content
from readiness.core.reports import JUnitSummary

MOST_NAMED = 5
LONGEST_NAME = 120
MOST_DIGITS = 9
MOST_TAGS = 1_000_000
SUITES = ("testsuites", "testsuite")
NOT_RUN = ("notrun", "disabled")
"""How GoogleTest marks a test that is switched off."""


class Node(Protocol):
    """An XML element, as far as a report is read."""

    tag: str
    attrib: dict[str, str]

    def iter(self) -> Iterator["Node"]:
        """Give this element and all below it."""

    def __iter__(self) -> Iterator["Node"]: ...


class NotJUnit(ValueError):
    """The bytes are no JUnit report; the message says why, for people."""


def read_junit(data: bytes) -> JUnitSummary:
    """Count a report. Raises NotJUnit.

    Test cases are counted, not the totals in the attributes, unless these are larger: a report that claims fewer
    failures than it shows does not pass, and neither does one that claims failures that it does not show. One that
    claims more tests than it shows cannot be read: what the others came to is not in it.
    """
    root = _root(data)
    suites = [node for node in root.iter() if _name(node) == "testsuite"]
    cases = [node for node in root.iter() if _name(node) == "testcase"]
    if (claimed := _claimed(root, "tests")) > len(cases):
        raise NotJUnit(f"The report claims {claimed:,} tests and shows {len(cases):,}; bring the whole report")
    failing = [case for case in cases if _has(case, "failure")]
    crashed = [case for case in cases if _has(case, "error") and not _has(case, "failure")]
    skipped = [case for case in cases if _has(case, "skipped") or case.attrib.get("status") in NOT_RUN]
    return JUnitSummary(
        suites=sum(any(_name(child) == "testcase" for child in suite) for suite in suites),
        tests=len(cases),
        failures=max(len(failing), _claimed(root, "failures")),
        errors=max(len(crashed) + _broken_suites(suites), _claimed(root, "errors")),
        skipped=len(skipped),
        first_failing=tuple(_case_name(case) for case in (failing + crashed)[:MOST_NAMED]),
    )


def _root(data: bytes) -> Node:
    if name := name_content(data):
        more = "; bring the report that is in it" if name.endswith("archive") else ""
        raise NotJUnit(f"The file is {name}, not a JUnit report{more}")
    if data.count(b"<") > MOST_TAGS:
        raise NotJUnit(f"The file has more than {MOST_TAGS:,} tags, which is more than a test report holds")
    try:
        root: Node = fromstring(data, forbid_dtd=True)
    except DefusedXmlException:
        raise NotJUnit("The file declares entities or a document type, which a JUnit report does not need") from None
    except ParseError as problem:
        raise NotJUnit(
            f"The file is not XML, so it is no JUnit report; it breaks at line {problem.position[0]}"
        ) from None
    except (ValueError, LookupError):
        raise NotJUnit("The file is not XML in an encoding that can be read, so it is no JUnit report") from None
    if _name(root) not in SUITES:
        raise NotJUnit(f"The file is XML, but begins with {_name(root)[:40]}; a JUnit report begins with testsuites")
    return root


def _name(node: Node) -> str:
    return str(node.tag).rpartition("}")[2]


def _has(case: Node, outcome: str) -> bool:
    return any(_name(child) == outcome for child in case)


def _broken_suites(suites: list[Node]) -> int:
    """Errors that stand beside the test cases: a suite that broke before its tests ran."""
    return sum(_name(child) == "error" for suite in suites for child in suite)


def _claimed(root: Node, attribute: str) -> int:
    """The largest total that the attributes claim: of a suite its own, or the sum of those in it when that is more."""
    totals: dict[int, int] = {}
    for node in reversed(list(root.iter())):
        within = sum(totals.get(id(child), 0) for child in node)
        totals[id(node)] = max(within, _number(node, attribute) if _name(node) in SUITES else 0)
    return totals[id(root)]


def _number(node: Node, attribute: str) -> int:
    text = node.attrib.get(attribute, "0").strip()
    if not (text.isascii() and text.isdecimal()):
        raise NotJUnit(f"The report says {text[:20]!r} {attribute}, which is not a number")
    if len(text) > MOST_DIGITS:
        raise NotJUnit(f"The report says {text[:20]!r} {attribute}, which is more than any run has")
    return int(text)


def _case_name(case: Node) -> str:
    place, name = case.attrib.get("classname", ""), case.attrib.get("name", "a test without a name")
    return (f"{place}.{name}" if place else name)[:LONGEST_NAME]
