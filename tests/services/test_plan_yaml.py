"""The loader: one reading of every file, a place for every value, and no file that exhausts the machine."""

import json
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readiness.services.plan_yaml import MAX_BYTES, MAX_DEPTH, MAX_NODES, Mark, YamlRefused, parse_yaml_text


def read(text):
    return parse_yaml_text(text).document


def flaw_of(text):
    with pytest.raises(YamlRefused) as refused:
        parse_yaml_text(text)
    (flaw,) = refused.value.flaws
    return flaw


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("017", "017"),
        ("0o17", "0o17"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("0.05", "0.05"),
        ("1e3", "1e3"),
        (".inf", ".inf"),
        ("2025-12-08", "2025-12-08"),
        ("yes", "yes"),
        ("off", "off"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("42", 42),
        ("-7", -7),
        ("0", 0),
        ("1234567890123456", "1234567890123456"),
        ("'42'", "42"),
        ('"true"', "true"),
        ("''", ""),
        ("|\n  a\n  b\n", "a\nb\n"),
        (">-\n  a\n  b\n", "a b"),
    ],
)
def test_a_scalar_is_what_was_written(written, value):
    found = read(f"key: {written}\n")["key"]
    assert found == value
    assert type(found) is type(value)


def test_keys_are_text():
    assert read("017: a\ntrue: b\n5: c\nnull: d\n") == {"017": "a", "true": "b", "5": "c", "null": "d"}


def test_text_is_in_normal_form_c():
    assert read("key: e\u0301\n") == {"key": "\u00e9"}


def test_every_value_and_key_has_its_place():
    loaded = parse_yaml_text("a:\n  - x\n  - {b: 1,\n     c: 2}\n")
    assert loaded.mark_of(("a", 1, "c")) == Mark(4, 9)
    assert loaded.mark_of(("a", 1, "c"), key=True) == Mark(4, 6)
    assert loaded.mark_of(("a", 0)) == Mark(2, 5)
    assert loaded.mark_of(("a", 1, "gone", 3)) == Mark(3, 5)
    assert loaded.mark_of(("gone",)) == Mark(1, 1)


def test_a_byte_order_mark_and_windows_lines_are_read():
    assert read(b"\xef\xbb\xbfa: 1\r\nb:\r\n  - 2\r\n") == {"a": 1, "b": [2]}


def test_anchors_are_written_out_and_own_keys_win_over_merged_ones():
    defined = "base: &base {a: 1, b: 2}\nmore: &more {b: 3, c: 4}\n"
    found = read(defined + "one:\n  <<: *base\n  b: 5\nboth: {<<: [*base, *more], d: 6}\n")
    assert found["one"] == {"a": 1, "b": 5}
    assert found["both"] == {"a": 1, "b": 2, "c": 4, "d": 6}


def test_a_key_that_stands_twice_is_a_flaw_with_both_places():
    loaded = parse_yaml_text("a: 1\nb:\n  c: 1\n  c: 2\n")
    (flaw,) = loaded.flaws
    assert (flaw.mark, flaw.path) == (Mark(4, 3), ("b", "c"))
    assert flaw.sentence == "'c' stands here and on line 3; a key may be written once."


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("", 1, "found 0"),
        ("# nothing\n", 1, "found 0"),
        ("a: 1\n---\nb: 2\n", 3, "found 2"),
        ("a: [1\nb: 2\n", 2, "This is not YAML"),
        ("a: {b: x[1]}\n", 1, "in quotes"),
        ("a:\n\tb: 1\n", 2, "indent with spaces"),
        ("a: &x [*x]\n", 1, "never end"),
        ("a: *x\n", 1, "not defined above"),
        ("a: !!python/object:os.system x\n", 1, "without a tag"),
        ("a: !x 1\n", 1, "without a tag"),
        ("? [a]\n: 1\n", 1, "A key is a word"),
        ("a: {<<: 5}\n", 1, "<< takes a mapping"),
        ("a: 1\nb: \x07\n", 2, "control character #x0007"),
        (b"a: 1\nb: \xff\n", 2, "not UTF-8"),
        ("a: \ud800\n", 1, "not UTF-8"),
    ],
)
def test_what_is_no_plain_document_is_refused_where_it_is(text, line, says):
    flaw = flaw_of(text)
    assert flaw.mark.line == line
    assert says in flaw.sentence


def test_a_file_of_a_megabyte_is_read_and_a_larger_one_is_not():
    text = "a: '" + "x" * (MAX_BYTES - 5) + "'"
    assert len(read(text)["a"]) == MAX_BYTES - 5
    assert f"at most {MAX_BYTES} are read" in flaw_of(text + "\n").sentence


def test_nodes_are_counted_after_aliases():
    row = "[" + ",".join("x" * 98) + "]"
    assert len(read("base: &b " + row + "\nmany: [" + ",".join(["*b"] * 90) + "]\n")["many"]) == 90
    assert (
        f"more than {MAX_NODES} nodes"
        in flaw_of("base: &b " + row + "\nmany: [" + ",".join(["*b"] * 110) + "]\n").sentence
    )
    assert f"more than {MAX_NODES} nodes" in flaw_of("[" + ",".join("x" * (MAX_NODES + 1)) + "]").sentence


def test_a_bomb_of_aliases_is_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    began = time.monotonic()
    assert f"{MAX_NODES} nodes" in flaw_of("\n".join(lines)).sentence
    assert time.monotonic() - began < 5


def test_nesting_has_an_end():
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH) is not None
    assert "deeper" in flaw_of("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1)).sentence
    assert "deeper" in flaw_of("[" * 100_000).sentence


SCALARS = st.none() | st.booleans() | st.integers(-999, 999) | st.text(st.characters(categories=["L", "N"]), max_size=8)
VALUES = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=4) | st.dictionaries(st.text("abc", min_size=1), part, max_size=4)
)


@settings(deadline=None)
@given(VALUES)
def test_json_is_read_as_it_is(value):
    text = json.dumps({"key": value}, ensure_ascii=False)
    assert read(text) == json.loads(unicodedata.normalize("NFC", text))
