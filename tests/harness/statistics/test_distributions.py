"""Student's t against published tables, and the planning approximation against exact values."""

from __future__ import annotations

import pytest

from pulsegate.harness.statistics.distributions import noncentral_t_tail, normal_quantile, t_quantile, t_tail

#: NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2, and its corners.
TABLE = [
    (1, 0.05, 6.314), (1, 0.01, 31.821), (2, 0.025, 4.303), (3, 0.10, 1.638), (5, 0.05, 2.015), (5, 0.001, 5.893),
    (9, 0.01, 2.821), (17, 0.05, 1.740), (17, 0.005, 2.898), (30, 0.025, 2.042), (100, 0.01, 2.364),
]  # fmt: skip


@pytest.mark.parametrize(("degrees", "upper", "t"), TABLE)
def test_quantiles_are_those_of_the_published_table(degrees, upper, t):
    """Each entry agrees to the three places that are printed."""
    assert t_quantile(upper, degrees) == pytest.approx(t, abs=6e-4)
    assert t_tail(t, degrees) == pytest.approx(upper, rel=1e-3)


def test_known_closed_forms_are_met_to_twelve_places():
    """One degree of freedom is Cauchy's distribution, two have a root for a quantile."""
    assert t_tail(1.0, 1) == pytest.approx(0.25, rel=1e-12)
    assert t_quantile(0.1, 2) == pytest.approx(0.8 * (2 / (1 - 0.64)) ** 0.5, rel=1e-12)
    assert t_tail(0.0, 7) == 0.5


def test_tail_and_quantile_undo_each_other_far_out():
    """Also where Holm's procedure and early looks lead: a few in a million."""
    for degrees in (3, 5, 17, 1e6):
        for upper in (1e-6, 0.0003, 0.2, 0.5, 0.7, 0.999):
            assert t_tail(t_quantile(upper, degrees), degrees) == pytest.approx(upper, rel=1e-9)


def test_many_degrees_of_freedom_are_a_normal_distribution():
    """The t quantile falls to the normal one."""
    assert t_quantile(0.05, 1e6) == pytest.approx(normal_quantile(0.05), abs=1e-5)


@pytest.mark.parametrize(
    ("t", "degrees", "shift", "upper"),
    [(2.0, 5, 1.5, 0.3686), (2.110, 17, 3.0, 0.8070), (4.0, 5, 5.0, 0.7774), (1.740, 17, 0.0, 0.05)],
)
def test_the_shifted_tail_is_good_enough_to_plan_with(t, degrees, shift, upper):
    """Exact values of the noncentral t distribution are met within two percent points."""
    assert noncentral_t_tail(t, degrees, shift) == pytest.approx(upper, abs=0.02)


@pytest.mark.parametrize("upper", [0.0, 1.0, -0.1])
def test_a_quantile_of_no_probability_is_refused(upper):
    """Only what lies between 0 and 1 is a probability."""
    with pytest.raises(ValueError, match="between 0 and 1"):
        t_quantile(upper, 5)


def test_no_freedom_is_refused():
    """One difference alone has no distribution of its mean."""
    with pytest.raises(ValueError, match="at least one degree"):
        t_tail(1.0, 0)
