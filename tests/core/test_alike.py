"""Queries that differ in one label are asked as one only where that says the same; the rest is asked alone."""

import pytest

from readiness.core.alike import alike_forms, together_query


def form(query, label="svc"):
    found = [each for each in alike_forms(query) if each.label == label]
    return found[0] if found else None


@pytest.mark.parametrize(
    ("query", "together", "keeps"),
    [
        ('up{svc="a"}', 'up{svc=~"a|b"}', True),
        ('rate(e{svc="a",code!="2"}[5m])', 'rate(e{code!="2",svc=~"a|b"}[300000ms])', True),
        ('sum(rate(e{svc="a"}[5m]))', 'sum by (svc) (rate(e{svc=~"a|b"}[300000ms]))', False),
        ('sum by (le) (e{svc="a"})', 'sum by (le,svc) (e{svc=~"a|b"})', False),
        ('sum by (svc) (e{svc="a"})', 'sum by (svc) (e{svc=~"a|b"})', True),
        ('sum without (pod) (e{svc="a"})', 'sum without (pod) (e{svc=~"a|b"})', True),
        ('sum without (pod, svc) (e{svc="a"})', 'sum without (pod) (e{svc=~"a|b"})', False),
        (
            'sum(e{svc="a"}) / sum(r{svc="a"}) * 100',
            '((sum by (svc) (e{svc=~"a|b"})) / (sum by (svc) (r{svc=~"a|b"}))) * (100.0)',
            False,
        ),
        ('time() - max(t{svc="a"})', '(time()) - (max by (svc) (t{svc=~"a|b"}))', False),
        ('-(e{svc="a"} offset 1m)', '-((e{svc=~"a|b"} offset 60000ms))', True),
        ('quantile(0.9, e{svc="a"})', 'quantile by (svc) (0.9,e{svc=~"a|b"})', False),
        (
            'max_over_time(sum(e{svc="a"})[1h:1m])',
            'max_over_time((sum by (svc) (e{svc=~"a|b"}))[3600000ms:60000ms])',
            False,
        ),
        ('e{svc="a"} > bool 3', '(e{svc=~"a|b"}) > bool (3.0)', True),
        ('predict_linear(e{svc="a"}[1h], 60)', 'predict_linear(e{svc=~"a|b"}[3600000ms],60.0)', True),
    ],
)
def test_what_differs_in_one_label_is_one_query(query, together, keeps):
    own, other = form(query), form(query.replace('"a"', '"b"'))
    assert own.kind == other.kind
    assert together_query([own, other]) == together
    assert own.keeps is keeps


@pytest.mark.parametrize(
    "query",
    [
        "sum((",
        "up",
        "vector(1)",
        'up{svc=~"a"}',
        'up{svc!="a"}',
        'up{svc=""}',
        'up{svc="a",svc="b"}',
        'up{svc="a"} @ 5',
        'up{svc="a" or svc="b"}',
        'up{svc="a"} or vector(0)',
        'absent(up{svc="a"})',
        'topk(1, up{svc="a"})',
        'count_values("v", up{svc="a"})',
        'sort(up{svc="a"})',
        'scalar(up{svc="a"})',
        'label_replace(up{svc="a"}, "x", "$1", "svc", "(.*)")',
        'sum(up{svc="a"}) / sum(up)',
        'sum(up{svc="a"}) / sum(up{svc="b"})',
        'up{svc="a"} / sum(up{svc="a"})',
        'up{svc="a"} / on (pod) up{svc="a"}',
        'up{svc="a"} and up{svc="a"}',
        'quantile(scalar(up), e{svc="a"})',
        'up{svc="é"}',
        'up{svc="a\\nb"}',
    ],
)
def test_what_might_say_something_else_is_asked_alone(query):
    assert form(query) is None


@pytest.mark.parametrize("label", ["__name__", "le"])
def test_some_labels_are_looked_at_by_functions_themselves(label):
    assert form(f'sum({{{label}="a",job="x"}})', label) is None


def test_values_are_taken_literally():
    own = [form(f'up{{svc="{value}"}}') for value in ("a.b", "c|d", 'e\\"f')]
    assert together_query(own) == r"""up{svc=~"a\\.b|c\\|d|e\"f"}"""


def test_of_several_labels_each_may_be_the_one():
    query = 'sum(e{job="x",svc="a"})'
    assert {each.label: each.value for each in alike_forms(query)} == {"job": "x", "svc": "a"}
