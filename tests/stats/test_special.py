"""The distributions against values of scipy 1.17.1, computed once; far out in the tails too."""

import math

import pytest

from readiness.stats.special import (
    beta_below,
    beta_quantile,
    chi_squared_tail,
    normal_cdf,
    normal_quantile,
    student_quantile,
    student_tail,
    student_upper_quantile,
)

STUDENT_TAILS = [
    (0.3, 1, 0.4072264209222577),
    (1.65, 2, 0.12036349613587924),
    (2.5, 4.8, 0.028256081921849006),
    (5, 23.1, 2.3047946763025056e-05),
    (12.5, 3.3, 0.00034103446764089784),
    (30, 11, 3.3334656106825253e-12),
    (12.498570320884548, 54902.80695371874, 4.2520574980772236e-36),
    (8, 1000000.0, 6.227531716601252e-16),
    (3, 1000000000.0, 0.0013498980648689565),
]
STUDENT_QUANTILES = [
    (0.05, 1, 6.313751514675044),
    (0.05, 13.7493533661, 1.7635816938805244),
    (0.05, 4.80406500763, 2.033345499591925),
    (2.15e-07, 23, 6.958758545459719),
    (5.7e-10, 9.5, 23.10795129605188),
    (1e-12, 167, 7.60204343011833),
    (0.3, 2.2, 0.6080872286290383),
    (0.49, 11, 0.025644765141621832),
    (0.0001, 10000000.0, 3.71901786438225),
]
BETA_QUANTILES = [
    (0.05, 52, 6949, 0.005823403729843975),
    (0.95, 53, 6948, 0.009350344054056197),
    (0.95, 1, 250, 0.011911419714980633),
    (0.95, 313, 4898, 0.065573205305147),
    (0.05, 1, 5, 0.010206218313011496),
    (0.999999, 4, 21, 0.6152296063886348),
    (0.05, 1000000, 999000001, 0.000998356535581547),
    (0.95, 1, 1000000000.0, 2.9957322690667843e-09),
    (0.5, 0.5, 0.5, 0.4999999999999999),
    (0.025, 7, 2, 0.47349032912479344),
]
CHI_SQUARED_TAILS = [
    (0.1, 1, 0.7518296340458492),
    (52.6315789474, 1, 4.0236721906195235e-13),
    (43.2, 1, 4.942068131098457e-11),
    (5, 2, 0.0820849986238988),
    (200, 3, 4.218541107192018e-43),
    (0.4, 4, 0.9824769036935782),
    (11, 7, 0.13861902087329556),
]


@pytest.mark.parametrize(("t", "df", "tail"), STUDENT_TAILS)
def test_the_tail_of_student_is_that_of_scipy(t, df, tail):
    assert student_tail(t, df) == pytest.approx(tail, rel=1e-8)
    assert student_tail(-t, df) == pytest.approx(1 - tail, rel=1e-12)


@pytest.mark.parametrize(("tail", "df", "t"), STUDENT_QUANTILES)
def test_the_quantile_of_student_is_that_of_scipy(tail, df, t):
    assert student_upper_quantile(tail, df) == pytest.approx(t, rel=1e-9)
    assert student_quantile(tail, df) == pytest.approx(-t, rel=1e-9)


@pytest.mark.parametrize(("p", "a", "b", "x"), BETA_QUANTILES)
def test_the_quantile_of_beta_is_that_of_scipy(p, a, b, x):
    assert beta_quantile(p, a, b) == pytest.approx(x, rel=1e-8)


@pytest.mark.parametrize(("value", "df", "tail"), CHI_SQUARED_TAILS)
def test_the_tail_of_chi_squared_is_that_of_scipy(value, df, tail):
    assert chi_squared_tail(value, df) == pytest.approx(tail, rel=1e-12)


def test_both_sides_of_beta_add_up_to_one():
    for a, b, x in ((0.5, 0.5, 0.3), (52, 6949, 0.0074), (9.9, 10.1, 0.5), (1e6, 3e6, 0.25)):
        assert beta_below(a, b, x, 1 - x) + beta_below(b, a, 1 - x, x) == pytest.approx(1, rel=1e-12)
    assert (beta_below(2, 3, 0.0, 1.0), beta_below(2, 3, 1.0, 0.0)) == (0.0, 1.0)


def test_the_normal_distribution_and_its_ends():
    assert normal_cdf(-5.05486579243) == pytest.approx(2.1534676331e-07, rel=1e-9)
    assert normal_quantile(0.95) == pytest.approx(1.6448536269514722)
    assert (normal_quantile(0), normal_quantile(1)) == (-math.inf, math.inf)
    assert student_quantile(0.5, 7) == 0
    assert student_upper_quantile(0.95, 7) == pytest.approx(-student_upper_quantile(0.05, 7))
    assert student_upper_quantile(0.05, 1e16) == pytest.approx(1.6448536269514722)
