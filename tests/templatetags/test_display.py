"""States, times, numbers and drawings as templates show them."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.parsers import expat

import pytest
from django.template import Context, Template
from hypothesis import example, given
from hypothesis import strategies as st

from readiness.queries.pages.board import GateRow
from readiness.queries.pages.gates import ChartEvent, ChartPoint, GateChart
from readiness.queries.pages.parts import Owner, Quantity, Spark
from readiness.templatetags import _charts, _svg, _text
from readiness.templatetags._states import STATES, find_state
from tools.icons import used_icons

STATIC = Path(__file__).resolve().parents[2] / "static"
NOW = datetime(2025, 12, 2, 14, 32, 6, tzinfo=UTC)
SPACE = "\N{NO-BREAK SPACE}"


def show(source: str, **values: object) -> str:
    return Template(source).render(Context({"now": NOW, **values}))


def assert_well_formed(xml: str) -> None:
    expat.ParserCreate().Parse(xml, True)


def symbols(name: str) -> set[str]:
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / name).read_text()))


def test_every_state_has_a_glyph_that_is_drawn():
    assert {look.glyph for look in STATES.values()} <= symbols("glyphs.svg")


def test_every_icon_that_is_named_is_in_the_sprite_and_no_other():
    assert set(used_icons()) == symbols("icons.svg")


@pytest.mark.parametrize("word", ["Not met", "not met", "NOT_MET", "not-met"])
def test_a_state_is_found_however_it_is_written(word):
    assert find_state(word).word == "Not met"


def test_an_apostrophe_may_be_straight():
    assert find_state("Can't be measured") == find_state("Can’t be measured")


@given(st.text(max_size=20))
def test_a_word_outside_the_vocabulary_never_looks_safe(word):
    known = word.casefold().replace("’", "'").replace("-", " ").replace("_", " ") in STATES
    assert known or find_state(word).tone == "stop"


def test_blocking_states_have_corners_and_safe_ones_are_round():
    assert {look.glyph for look in STATES.values() if look.tone == "go"} == {"met", "attested"}
    assert find_state("Attested").glyph != find_state("Proven").glyph


def test_a_state_says_its_word_and_may_say_another():
    assert "<span>Stale</span>" in show('{% state "Stale" %}')
    assert "<span>Gap open</span>" in show('{% state "Open" "Gap open" %}')
    assert 'class="sr">Stale: <' in show('{% mark "Stale" %}')


def test_what_people_wrote_is_escaped():
    bad = "<script>x</script>\"'"
    for source in (
        "{% state 'Met' bad %}",
        "{% who bad %}",
        "{% avatar bad %}",
        "{% digest bad %}",
        "{% copy_button bad bad %}",
    ):
        assert "<script" not in show(source, bad=bad)
    assert "<script" not in show("{% owner someone %}", someone=Owner(bad, bad))
    row = GateRow("k", bad, "Met", bad, spark=Spark((1.0, 2.0), 1.5, "above", "s", timedelta(hours=1)))
    assert "<script" not in show("{% sparkline row %}", row=row)


@pytest.mark.parametrize(
    ("name", "initials"),
    [("Tomás Oliveira", "TO"), ("Ana", "AN"), ("x", "X"), ("", "?"), ("Ana de la Cruz", "AC"), ("(bot)", "?")],
)
def test_initials(name, initials):
    assert _text.initials(name) == initials


@pytest.mark.parametrize(
    ("someone", "text"),
    [
        (None, "No owner"),
        (Owner(title="SRE lead"), "SRE lead"),
        (Owner(count=5), "5 owners"),
        (Owner("Hana Kovář", "Performance engineer"), "Hana"),
    ],
)
def test_an_owner_is_a_person_a_role_or_nobody(someone, text):
    assert f">{text}<" in show("{% owner someone %}", someone=someone)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "0 s"),
        (0, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h"),
        (172_799, "47 h"),
        (172_800, "2 days"),
    ],
)
def test_an_age_is_rounded_down(seconds, text):
    assert _text.format_age(timedelta(seconds=seconds)) == text.replace(" ", SPACE)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (41, "41 s"),
        (108, "1 min 48 s"),
        (600, "10 min"),
        (2460, "41 min"),
        (3600, "1 h"),
        (86_400, "24 h"),
        (259_200, "3 days"),
    ],
)
def test_a_measured_duration(seconds, text):
    assert _text.format_span(timedelta(seconds=seconds)) == text.replace(" ", SPACE)


@pytest.mark.parametrize(
    ("measured", "text"),
    [
        (Quantity(0.0182, "s"), "18.2 ms"),
        (Quantity(0.996, "ratio"), "99.6 %"),
        (Quantity(4.1e7, "bytes/h", (1e9,)), "0.041 GB/h"),
        (Quantity(0.01500001, "s", (0.015,)), "15.00001 ms"),
        (Quantity(0.9996, "ratio", (0.9999,)), "99.96 %"),
        (Quantity(3, "req/s"), "3 req/s"),
        (Quantity(12.0), "12"),
        (Quantity(None, "s"), "–"),
        (None, "–"),
    ],
)
def test_a_quantity_is_shown_in_the_unit_people_read(measured, text):
    assert show("{{ measured|quantity }}", measured=measured) == text.replace(" ", SPACE)


@given(st.floats(), st.sampled_from(["s", "ratio", "bytes", "bytes/h", "", "not a unit"]))
def test_no_number_breaks_the_page(value, unit):
    assert show("{{ measured|quantity }}{% reading measured %}", measured=Quantity(value, unit))


@given(st.floats(0.001, 100), st.floats(0.001, 100))
def test_rounding_never_moves_a_value_across_its_limit(value, limit):
    number, unit = _text.split_quantity(value, "s", [limit])
    scale = {"ms": 1000, "s": 1, "min": 1 / 60}[unit]
    assert (float(number) > limit * scale) == (value > limit) or abs(value - limit) < 1e-9


def test_moments_are_utc_for_people_and_machines():
    at = datetime.fromisoformat("2025-12-02T16:32:06+02:00")
    assert show("{{ at|utc }}", at=at) == (
        '<time datetime="2025-12-02T14:32:06Z" title="2 Dec 2025, 14:32:06 UTC">2 Dec 2025, 14:32:06 UTC</time>'
    )
    assert ">14:32:06<" in show("{{ at|clock }}", at=at)
    assert ">14:32<" in show("{% moment at %}", at=at)
    assert ">Tue 2 Dec<" in show("{{ at|weekday }}", at=at)
    assert ">2 Dec<" in show("{% moment at %}", at=at, now=NOW + timedelta(days=1))
    assert ">2 Dec 2025<" in show("{% moment at %}", at=at, now=NOW + timedelta(days=60))


def test_an_age_carries_what_the_page_needs_to_keep_counting():
    html = show("{% ago at max_age %}", at=NOW - timedelta(seconds=9), max_age=timedelta(minutes=2))
    assert 'data-at="2025-12-02T14:31:57Z"' in html
    assert 'data-max-age="120"' in html
    assert "is-old" not in html
    assert "is-old" in show("{% ago at max_age %}", at=NOW - timedelta(seconds=121), max_age=timedelta(minutes=2))
    assert show("{% ago at %}", at=None) == "never"


def test_a_digest_is_short_to_see_and_whole_to_copy():
    html = show("{% digest value 'plan digest' %}", value="sha256:" + "ab" * 32)
    assert "ababab…abab" in html
    assert f'data-copy="sha256:{"ab" * 32}"' in html
    assert 'aria-label="Copy plan digest"' in html


numbers = st.one_of(st.none(), st.floats(-1e12, 1e12), st.floats())


@given(
    st.lists(numbers, max_size=60), st.one_of(st.none(), st.floats(-1e12, 1e12)), st.sampled_from(["above", "below"])
)
@example([2.2e-311], 0.0, "above")
def test_any_series_draws_a_picture_or_says_there_is_none(values, limit, worse):
    html = _svg.spark(_svg.finite(values), limit, worse, "go", "x")
    assert_well_formed(html)
    assert not re.search(r"nan|inf", html)
    assert " style=" not in html


def test_a_hole_in_a_series_is_not_bridged():
    assert (
        len(
            re.findall(
                "M", _svg.spark([1.0, 2.0, None, 2.0, 1.0], None, "above", "go", "x").split(' d="')[1].split('"')[0]
            )
        )
        == 2
    )


def test_silence_at_the_end_is_a_dotted_tail():
    assert "spark-gap" in _svg.spark([1.0, 2.0, None], 3.0, "above", "warn", "x")
    assert "spark-gap" not in _svg.spark([1.0, 2.0, 2.0], 3.0, "above", "go", "x")


@pytest.mark.parametrize(("worse", "y", "height"), [("above", "0.00%", "50.00%"), ("below", "50.00%", "50.00%")])
def test_the_forbidden_side_of_the_limit_is_shaded(worse, y, height):
    html = _svg.spark([0.0, 2.0], 1.0, worse, "go", "x")
    assert f'class="spark-zone" x="0" width="100%" y="{y}" height="{height}"' in html


def chart(values, limit, worse="above"):
    points = tuple(ChartPoint(NOW + timedelta(minutes=i), value) for i, value in enumerate(values))
    end = NOW + timedelta(minutes=max(1, len(values) - 1))
    return GateChart(points, limit, worse, "s", NOW, end, "A <gate>", "What it did", (ChartEvent(NOW, "x < y"),))


@given(st.lists(numbers, max_size=80), st.one_of(st.none(), st.floats(-1e9, 1e9)), st.sampled_from(["above", "below"]))
@example([1.5e308], None, "above")
@example([0.0, 0.0], 0.0, "above")
def test_any_samples_draw_a_chart_or_nothing(values, limit, worse):
    html = _charts.gate_chart(chart(values, limit, worse))
    assert bool(html) == any(value is not None for value in _svg.finite(values))
    if html:
        assert_well_formed(html)
        assert not re.search(r"[^a-z](nan|inf)[^a-z]", html)


def test_only_the_breach_is_drawn_as_one():
    assert "c-lstop" in _charts.gate_chart(chart([1.0, 1.0, 3.0], 2.0))
    assert "c-lstop" not in _charts.gate_chart(chart([1.0, 1.0, 1.5], 2.0))
    assert "c-lstop" not in _charts.gate_chart(chart([3.0, 3.0], 2.0, "below"))


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=9))
def test_an_axis_has_round_marks_and_room_for_every_value(values):
    axis = _charts.Axis(values)
    assert 1 <= len(axis.marks()) <= 8
    assert all(0 <= axis.at(value) <= 100 for value in values)


def test_the_strip_shows_height_before_colour():
    cells = "mmwb"
    html = _charts.strip(cells)
    assert re.findall(r'class="f-(\w+)"[^>]* height="(\d+)"', html) == [
        ("go", "8"),
        ("go", "8"),
        ("warn", "16"),
        ("stop", "28"),
    ]
    assert "2 of 4 evaluations met, the newest not met" in html


def test_one_mark_per_condition_and_none_for_none():
    html = show("{% pipgrid 28 48 %}")
    assert html.count('class="p1"') == 28
    assert html.count('class="p0"') == 20
    assert show("{% pipgrid 0 0 %}") == ""


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_claimed_is_never_drawn_as_proven(a, b, c):
    proven, claimed, total = sorted((a, b, c))
    html = show("{% pips proven claimed total %}", proven=proven, claimed=claimed, total=total)
    assert html.count("<i") == total
    assert html.count('class="proven"') == proven
