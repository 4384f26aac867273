import json
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from readiness.core.canonical import (
    NotCanonical,
    UnexpectedShape,
    canonical_bytes,
    digest_bytes,
    digest_of,
    from_plain,
    parse_canonical,
    to_plain,
)

VECTORS = json.loads((Path(__file__).parent.parent / "cases" / "audit_vectors.json").read_text())["rfc8785"]
DOCUMENTS = {
    case["name"]: (json.loads(case["input"]), bytes.fromhex(case["output_hex"])) for case in VECTORS["documents"]
}

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NFC = TEXT.map(lambda text: unicodedata.normalize("NFC", text))
INTS = st.integers(-(2**53) + 1, 2**53 - 1)
PLAIN = st.recursive(
    st.none() | st.booleans() | INTS | NFC,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NFC, inner, max_size=5),
    max_leaves=30,
)


# --- canonical bytes


def test_the_corpus_has_six_documents_and_twenty_six_numbers():
    assert len(DOCUMENTS) == 6
    assert len(VECTORS["numbers_ieee_hex"]) == 26


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_package_we_lean_on_agrees_with_the_official_documents(name):
    value, expected = DOCUMENTS[name]
    assert rfc8785.dumps(value) == expected


@pytest.mark.parametrize("case", VECTORS["numbers_ieee_hex"], ids=lambda case: case["ieee"])
def test_the_package_we_lean_on_agrees_with_the_official_numbers(case):
    (number,) = struct.unpack(">d", bytes.fromhex(case["ieee"]))
    assert rfc8785.dumps(number) == case["json"].encode()


@pytest.mark.parametrize("name", ["arrays", "french"])
def test_the_two_official_documents_that_keep_our_rules_have_their_official_bytes(name):
    value, expected = DOCUMENTS[name]
    assert canonical_bytes(value) == expected


@pytest.mark.parametrize("name", ["structures", "values"])
def test_the_two_official_documents_with_floats_are_refused(name):
    with pytest.raises(NotCanonical, match="is float"):
        canonical_bytes(DOCUMENTS[name][0])


@pytest.mark.parametrize("name", ["unicode", "weird"])
def test_the_two_official_documents_out_of_normal_form_are_normalised_first(name):
    value, expected = DOCUMENTS[name]
    normal = {unicodedata.normalize("NFC", key): unicodedata.normalize("NFC", item) for key, item in value.items()}
    assert canonical_bytes(value) == rfc8785.dumps(normal) != expected


@given(PLAIN)
def test_canonical_bytes_equal_those_of_the_reference_package(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(st.dictionaries(st.text(st.sampled_from("a\ue000\uffff\U00010000\U0010ffff"), max_size=3), INTS))
def test_keys_are_ordered_by_utf_16_units_not_by_code_points(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


def test_a_key_beyond_the_basic_plane_comes_before_a_private_use_key():
    assert canonical_bytes({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'.encode()


@given(PLAIN)
def test_parsing_canonical_bytes_gives_the_value_back(value):
    assert parse_canonical(canonical_bytes(value)) == value


@given(st.dictionaries(NFC, PLAIN))
def test_the_order_of_keys_does_not_matter(value):
    assert canonical_bytes(dict(reversed(value.items()))) == canonical_bytes(value)


@given(TEXT)
def test_both_normal_forms_of_a_text_have_the_same_digest(text):
    assert digest_of([unicodedata.normalize("NFD", text)]) == digest_of([unicodedata.normalize("NFC", text)])


@pytest.mark.parametrize("value", [0.0, 1.5, float("nan"), float("inf"), {"a": [1.0]}, (2.0,)])
def test_floats_are_refused(value):
    with pytest.raises(NotCanonical, match="float"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [2**53, -(2**53), [10**30]])
def test_integers_that_other_readers_would_round_are_refused(value):
    with pytest.raises(NotCanonical, match="beyond"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [{1: "a"}, {None: 1}, [{True: 1}]])
def test_keys_that_are_not_text_are_refused(value):
    with pytest.raises(NotCanonical, match="not text"):
        canonical_bytes(value)


@pytest.mark.parametrize("value", ["\ud800", {"\udfff": 1}, ["é\ud800"]])
def test_half_a_surrogate_pair_is_refused(value):
    with pytest.raises(NotCanonical):
        canonical_bytes(value)


@pytest.mark.parametrize("value", [b"bytes", Decimal(1), datetime(2026, 1, 1, tzinfo=UTC), {1, 2}])
def test_values_json_has_no_type_for_are_refused(value):
    with pytest.raises(NotCanonical, match="no canonical form"):
        canonical_bytes(value)


def test_keys_that_become_one_in_normal_form_are_refused():
    with pytest.raises(NotCanonical, match="become one"):
        canonical_bytes({"\u00e9": 1, "e\u0301": 2})


def test_mappings_and_tuples_are_written_like_dicts_and_lists():
    assert (
        canonical_bytes(MappingProxyType({"b": (1,), "a": MappingProxyType({"é": 2})}))
        == '{"a":{"é":2},"b":[1]}'.encode()
    )


@pytest.mark.parametrize(
    "data", [b'{"a":1,"a":2}', b"1.5", b"[NaN]", b"Infinity", b"1e3", b"{", b"", b"\xff", b"[" * 100_000]
)
def test_bytes_that_break_the_rules_are_refused_when_read(data):
    with pytest.raises(NotCanonical):
        parse_canonical(data)


def test_digests_are_those_of_sha_256():
    assert digest_bytes(b"") == "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert digest_of({}) == digest_bytes(b"{}")


# --- dataclasses to plain values and back


class Colour(StrEnum):
    RED = "red"
    NONE = ""


@dataclass(frozen=True)
class Leaf:
    name: str
    share: float
    colour: Colour = Colour.RED


@dataclass(frozen=True, slots=True)
class Everything:
    text: str
    whole: int
    flag: bool
    number: float
    money: Decimal
    at: datetime
    day: date
    lasts: timedelta
    colour: Colour
    maybe: str | None
    maybe_at: datetime | None
    leaf: Leaf
    maybe_leaf: Leaf | None
    leaves: tuple[Leaf, ...]
    rows: tuple[tuple[str, ...], ...]
    pair: tuple[float, float] | None
    deputy: tuple[str, date | datetime | None]
    by_name: Mapping[str, Leaf]
    by_word: dict[str, timedelta]
    settings: Mapping[str, object]
    nested: tuple["Everything", ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)


TIMES = st.datetimes(timezones=st.just(UTC))
DELTAS = st.timedeltas(timedelta(days=-(10**6)), timedelta(days=10**6))
FLOATS = st.floats(allow_nan=False)
LEAVES = st.builds(Leaf, NFC, FLOATS, st.sampled_from(Colour))
SETTINGS = st.recursive(
    st.none() | st.booleans() | INTS | NFC | FLOATS | st.dates() | TIMES | DELTAS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NFC | st.sampled_from(["$float", "$dict"]), inner, max_size=3)
    ),
    max_leaves=10,
)


def everything(nested):
    return st.builds(
        Everything,
        text=NFC,
        whole=INTS,
        flag=st.booleans(),
        number=FLOATS,
        money=st.decimals(allow_nan=False),
        at=TIMES,
        day=st.dates(),
        lasts=DELTAS,
        colour=st.sampled_from(Colour),
        maybe=st.none() | NFC,
        maybe_at=st.none() | TIMES,
        leaf=LEAVES,
        maybe_leaf=st.none() | LEAVES,
        leaves=st.lists(LEAVES, max_size=2).map(tuple),
        rows=st.lists(st.lists(NFC, max_size=2).map(tuple), max_size=2).map(tuple),
        pair=st.none() | st.tuples(FLOATS, FLOATS),
        deputy=st.tuples(NFC, st.none() | st.dates() | TIMES),
        by_name=st.dictionaries(NFC, LEAVES, max_size=2),
        by_word=st.dictionaries(NFC, DELTAS, max_size=2),
        settings=st.dictionaries(NFC, SETTINGS, max_size=3),
        nested=nested,
        labels=st.dictionaries(NFC, NFC, max_size=2),
    )


VALUES = everything(st.just(()) | st.lists(everything(st.just(())), max_size=1).map(tuple))


@given(VALUES)
def test_what_is_written_reads_back_equal_and_byte_for_byte(value):
    data = canonical_bytes(to_plain(value))
    found = from_plain(Everything, parse_canonical(data))
    assert found == value
    assert canonical_bytes(to_plain(found)) == data


@given(TIMES, st.integers(-14 * 60, 14 * 60))
def test_the_same_moment_in_another_zone_has_the_same_bytes(at, minutes):
    assert to_plain(at.astimezone(timezone(timedelta(minutes=minutes)))) == to_plain(at)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (timedelta(minutes=10), "600"),
        (timedelta(milliseconds=500), "0.5"),
        (timedelta(microseconds=-1), "-0.000001"),
        (-timedelta(days=1, microseconds=500_000), "-86400.5"),
        (timedelta(0), "0"),
        (datetime(2026, 11, 22, 10, 0, 0, 123456, UTC), "2026-11-22T10:00:00.123456Z"),
        (datetime(2026, 11, 22, 10, tzinfo=timezone(timedelta(hours=1))), "2026-11-22T09:00:00.000000Z"),
        (0.1, "0.1"),
        (1e22, "1e+22"),
        (float("nan"), "NaN"),
        (float("inf"), "+Inf"),
        (float("-inf"), "-Inf"),
        (Decimal("1.10"), "1.10"),
        (Colour.RED, "red"),
        ((1, "a", None, True), [1, "a", None, True]),
        ({"b": (0.5,)}, {"b": ["0.5"]}),
        (Leaf("a", 1), {"name": "a", "share": "1.0", "colour": "red"}),
    ],
)
def test_values_are_written_as_declared(value, plain):
    found = to_plain(value)
    assert found == plain
    assert type(found) is type(plain)


def test_nan_and_the_infinities_read_back():
    found = from_plain(Leaf, {"name": "", "share": "NaN", "colour": ""})
    assert found.share != found.share
    assert from_plain(float, "+Inf") == -from_plain(float, "-Inf") == float("inf")


def test_a_field_added_later_takes_its_default_in_what_was_stored_before():
    assert from_plain(Leaf, {"name": "a", "share": "1.0"}) == Leaf("a", 1.0, Colour.RED)


LEAF = {"name": "a", "share": "1.0", "colour": "red"}


@pytest.mark.parametrize(
    "plain",
    [
        {**LEAF, "size": 1},
        {"name": "a"},
        {**LEAF, "name": 1},
        {**LEAF, "name": None},
        {**LEAF, "share": 1},
        {**LEAF, "share": "one"},
        {**LEAF, "colour": "blue"},
        {**LEAF, "colour": None},
        [LEAF],
        None,
        "a",
    ],
)
def test_what_does_not_fit_the_type_is_refused_when_read(plain):
    with pytest.raises(UnexpectedShape):
        from_plain(Leaf, plain)


@pytest.mark.parametrize(
    ("cls", "plain"),
    [
        (datetime, "2026-11-22T10:00:00Z"),
        (datetime, "2026-11-22T10:00:00.000000+00:00"),
        (datetime, "2026-13-22T10:00:00.000000Z"),
        (timedelta, "1e3"),
        (timedelta, "0.0000001"),
        (timedelta, 5),
        (int, True),
        (bool, 1),
        (int, "1"),
        (tuple[str, ...], "ab"),
        (tuple[str, int], ["a"]),
        (dict[str, int], [1]),
    ],
)
def test_scalars_are_read_exactly(cls, plain):
    with pytest.raises(UnexpectedShape):
        from_plain(cls, plain)


@pytest.mark.parametrize(
    "value",
    [
        Leaf(None, 1.0),
        Leaf("a", "1.0"),
        Leaf("a", True),
        Leaf("a", 1.0, "red"),
        datetime(2026, 1, 1),  # noqa: DTZ001 (refused for having no zone)
        {1: "a"},
        {1, 2},
        object(),
    ],
)
def test_what_does_not_fit_the_type_is_refused_when_written(value):
    with pytest.raises(UnexpectedShape):
        to_plain(value)


@dataclass(frozen=True)
class Loose:
    either: int | str | None
    keys: Mapping[int, str] = field(default_factory=dict)


def test_a_type_without_a_plain_form_is_refused():
    with pytest.raises(UnexpectedShape, match="no plain form"):
        to_plain(Loose(1))
