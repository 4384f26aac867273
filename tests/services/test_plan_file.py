"""The plan file: what is written is kept and read, and a file that is no plan is refused in sentences."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.core.canonical import canonical_bytes, digest_of, parse_canonical, to_plain
from readiness.core.material import condition_definition
from readiness.core.plan_build import build_plan
from readiness.queries.conditions import every_condition
from readiness.services.plan_file import PlanRefused, read_plan
from readiness.services.plan_json_schema import plan_json_schema, plan_json_schema_text
from readiness.services.plan_schema import PlanPart
from readiness.services.plan_types import Part
from readiness.services.plan_yaml import parse_yaml_text
from tests.plans.json_schema import mistakes
from tests.plans.malformed import MISTAKES
from tests.plans.walk import DUAL_MEMORY, EVERY_KEY, QUICKSTART, holders, holds, leaves

REPOSITORY = Path(__file__).parent.parent.parent
ALL = {"dual-memory": DUAL_MEMORY, "quickstart": QUICKSTART, "every-key": EVERY_KEY}
each_plan = pytest.mark.parametrize("text", ALL.values(), ids=ALL.keys())


@each_plan
def test_every_leaf_of_a_plan_is_in_what_is_built_of_it(text):
    draft = read_plan(text)
    lost = [
        (path, leaf)
        for path, leaf in leaves(draft.document)
        if path != ("readiness",)
        if not all(holds(part, leaf) for part in holders(draft.plan, draft.document, path))
    ]
    assert lost == []


@each_plan
def test_the_document_keeps_every_leaf_as_it_was_written(text):
    document = dict(leaves(read_plan(text).document))
    written = dict(leaves(parse_yaml_text(text).document))
    spelt = {"on": "on", "off": "off", "yes": "on", "no": "off", "true": "on", "false": "off"}
    other = {
        path: (leaf, document.get(path))
        for path, leaf in written.items()
        if str(document.get(path)) != str(leaf)
        and spelt.get(str(document.get(path)).lower()) != spelt.get(str(leaf).lower(), leaf)
    }
    assert other == {}
    assert document.keys() == written.keys()


def test_the_plan_with_every_key_has_every_key_of_the_schema():
    used = set(keys_in(PlanPart.model_validate(parse_yaml_text(EVERY_KEY).document)))
    known = {(kind.__name__, name) for kind in subclasses(Part) for name in kind.__annotations__}
    assert known - used == set()


def keys_in(part):
    """Every key that is written, with the model that declares it."""
    if isinstance(part, Part):
        for name in part.model_fields_set:
            yield next(kind.__name__ for kind in type(part).__mro__ if name in kind.__annotations__), name
            yield from keys_in(getattr(part, name))
    elif isinstance(part, (list, dict)):
        for each in part.values() if isinstance(part, dict) else part:
            yield from keys_in(each)


def subclasses(kind):
    for below in kind.__subclasses__():
        yield below
        yield from subclasses(below)


def test_the_digest_is_of_the_document_and_not_of_its_spelling():
    plain = read_plan(EVERY_KEY)
    other = EVERY_KEY.replace("rehearsal: on", "rehearsal: true").replace(
        "lessons: [Write it down first.]", "lessons:\n  - 'Write it down first.'"
    )
    assert other != EVERY_KEY
    assert read_plan(other.encode()).digest == plain.digest == digest_of(plain.document)
    assert read_plan(EVERY_KEY.replace("0.05\n", "0.06\n", 1)).digest != plain.digest


def test_anchors_are_written_out():
    text = QUICKSTART.replace("roles:", "x-unused: 1\nroles:", 1)
    with pytest.raises(PlanRefused, match="x-unused"):
        read_plan(text)
    shared = QUICKSTART.replace("[sre-lead, release-manager], last", "&poll [sre-lead, release-manager], last", 1)
    shared = shared.replace("{roles: [sre-lead, release-manager]", "{roles: *poll")
    assert "*poll" in shared
    assert read_plan(shared).digest == read_plan(QUICKSTART).digest


def test_numbers_with_a_fraction_stay_the_text_that_was_written():
    document = read_plan(DUAL_MEMORY).document
    assert document["experiments"]["recall-latency"]["power"] == "0.80"
    assert document["flags"]["blended_recall"]["salt"] == "42"
    assert document["gaps"][0]["tasks"][0]["key"] == "017"


def test_every_mistake_is_told_at_once_in_the_order_of_the_file():
    text = QUICKSTART.replace("owner: Shop engineering", "ovner: Shop engineering")
    text = text.replace("min_up: 1", "min_up: one").replace("- {gate: canary-traffic}", "- {gate: canary-trafic}")
    text = text.replace("sets: {new_checkout: off}", "sets: {old_checkout: off}")
    with pytest.raises(PlanRefused) as refused:
        read_plan(text)
    problems = refused.value.problems
    assert [problem.path for problem in problems] == [
        "rollout.ovner",
        "checks.target-up.min_up",
        "rollbacks[0].sets.old_checkout",
        "phases[1].succeed[3].gate",
    ]
    assert [problem.line for problem in problems] == sorted(problem.line for problem in problems)


def test_a_gate_that_is_wrong_is_not_also_told_as_missing():
    text = QUICKSTART.replace(
        "    query: sum(rate(checkout_requests_total", "    qery: sum(rate(checkout_requests_total"
    )
    with pytest.raises(PlanRefused) as refused:
        read_plan(text)
    assert [problem.path for problem in refused.value.problems] == ["gates.canary-traffic.qery"]
    assert refused.value.problems[0].suggestion == "query"


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text(max_size=300)))
def test_garbage_is_refused_and_never_crashes(source):
    with pytest.raises(PlanRefused) as refused:
        read_plan(source)
    assert all(problem.line >= 1 and problem.column >= 1 and problem.sentence for problem in refused.value.problems)


SCHEMA = plan_json_schema()
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "recall", "<= 5ms", "{", "10m", "5%"]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["gate", "item", "key", "kind"]), part),
    max_leaves=6,
)
PATHS = sorted(
    {path[:n] for path, _ in leaves(read_plan(EVERY_KEY).document) for n in range(1, len(path) + 1)}, key=str
)


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(PATHS), JUNK)
def test_anything_in_the_place_of_anything_is_read_or_refused_as_the_schema_says(path, junk):
    document = json.loads(json.dumps(read_plan(EVERY_KEY).document))
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = junk
    refused_by_schema = mistakes(document, SCHEMA)
    try:
        read_plan(json.dumps(document))
    except PlanRefused:
        return
    assert refused_by_schema == [], "what the schema refuses the parser refuses too"


def test_the_published_schema_is_the_one_of_the_code():
    published = (REPOSITORY / "docs" / "plan.schema.json").read_text()
    assert published == plan_json_schema_text(), "python -m readiness.services.plan_json_schema > docs/plan.schema.json"


@each_plan
def test_the_published_schema_admits_what_the_parser_admits(text):
    assert mistakes(parse_yaml_text(text).document, plan_json_schema()) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rolout",), {}),
        (("phases", 0, "titel"), "Prepare"),
        (("phases",), {}),
        (("gates", "latency", "expect"), 3),
        (("checks", "script", "kind"), "fiel"),
        (("gaps", 0, "severity"), "grave"),
        (("phases", 0, "enter", 0), {"gate": "latency", "item": "x"}),
        (("phases", 1, "abort", 0, "decided_by"), None),
        (("gates", "bad key"), {"title": "x", "source": "metrics", "query": "up", "expect": "> 0"}),
    ],
)
def test_the_published_schema_refuses_what_the_parser_refuses(path, value):
    document = parse_yaml_text(EVERY_KEY).document
    part = document
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    assert mistakes(document, plan_json_schema()) != []
    with pytest.raises(PlanRefused):
        read_plan(json.dumps(document))


def test_the_examples_of_the_documentation_are_plans():
    blocks = re.findall(r"```yaml\n(.*?)```", (REPOSITORY / "docs" / "plan.md").read_text(), re.S)
    whole = [block for block in blocks if block.startswith("readiness: 1")]
    assert len(whole) >= 2
    for block in whole:
        assert read_plan(block).warnings == ()
    assert len(whole[0].splitlines()) == 5


def test_the_documentation_names_every_key_of_the_schema():
    words = set(re.findall(r"[A-Za-z_0-9]+", (REPOSITORY / "docs" / "plan.md").read_text()))
    keys = set(PlanPart.model_fields)
    for kind in subclasses(Part):
        keys |= {field.alias or name for name, field in kind.model_fields.items()}
    assert keys - words == set()


def test_there_are_sixty_mistakes_and_more():
    assert len(MISTAKES) >= 60
    assert len({(mistake.old, mistake.new) for mistake in MISTAKES}) == len(MISTAKES)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.new.strip()[:40])
def test_one_mistake_is_one_problem_that_points_at_it(mistake):
    assert mistake.old in EVERY_KEY
    text = EVERY_KEY.replace(mistake.old, mistake.new, 1)
    with pytest.raises(PlanRefused) as refused:
        read_plan(text)
    (problem,) = refused.value.problems
    assert mistake.says in problem.sentence
    assert problem.path == mistake.path
    assert problem.found
    assert problem.allowed
    assert "\n".join(text.split("\n")[problem.line - 1 :])[problem.column - 1 :].startswith(mistake.points_at)


@pytest.mark.parametrize("text", [DUAL_MEMORY, QUICKSTART, EVERY_KEY])
def test_the_plan_read_from_a_file_asks_what_the_stored_document_asks(text):
    """The stored document has its keys in canonical order; were a definition to depend on that, every import would
    change every condition."""
    draft = read_plan(text)
    stored = build_plan(parse_canonical(canonical_bytes(to_plain(draft.document))), draft.digest)
    kept = {condition.path: condition_definition(condition) for condition in every_condition(stored)}
    assert {c.path: condition_definition(c) for c in every_condition(draft.plan)} == kept


def test_the_example_plans_are_warned_about_nothing_that_is_not_so():
    """Each warning of theirs is of one of these kinds, and true: see the sentences."""
    kinds = ("is not polled there", "30 are needed, which takes", "changes nothing in", "Both stand.", "get the change")
    for text in (DUAL_MEMORY, QUICKSTART):
        sentences = [warning.sentence for warning in read_plan(text).warnings]
        assert [said for said in sentences if not any(kind in said for kind in kinds)] == []
