"""Scores on labelled events."""

from __future__ import annotations

import math

import pytest
from conftest import BRUTE_FORCE, OFFICE_SHELL, shell, sign_in

import vedette
from vedette.evaluation import median_interval, wilson


def test_counts_and_shares() -> None:
    rules = vedette.compile(
        'rule r { meta { title = "R" } match any where a == 1 }',
        'rule q { meta { title = "Q" } match any where a < 3 }',
    )
    values = [1, 1, 2, 3, 3, 1]
    labels = [True, False, True, True, False, True]
    found = vedette.evaluate(rules, [{"a": a} for a in values], labels)
    scores = {s.name: s for s in found.rules}
    assert (scores["R"].true_positives, scores["R"].false_positives, scores["R"].false_negatives) == (2, 1, 2)
    assert (scores["Q"].true_positives, scores["Q"].false_positives, scores["Q"].false_negatives) == (3, 1, 1)
    assert found.overall.precision == 0.75 and found.overall.recall == 0.75 and found.overall.f1 == 0.75
    assert found.overall.true_positives == 3  # an event that two rules flag counts once
    low, high = found.overall.recall_interval
    assert low < 0.75 < high
    assert "0.750 [" in str(found) and "R" in found._repr_html_()


def test_shares_of_nothing() -> None:
    rules = vedette.compile("rule r { match any where a == 1 }")
    found = vedette.evaluate(rules, [{"a": 2}], [False])
    assert (found.overall.precision, found.overall.recall, found.overall.f1) == (None, None, None)
    assert found.overall.recall_interval == (0.0, 1.0)
    assert str(found)


def test_techniques_and_time_to_detect() -> None:
    rules = vedette.compile(OFFICE_SHELL, BRUTE_FORCE)
    events = [*(sign_in(second) for second in (0, 10, 20)), sign_in(100, outcome="success"), shell(), shell()]
    labels = ["T1110.001"] * 3 + [None, "T1059.003", None]
    incidents = ["guess"] * 3 + [None, "office", None]
    times = [f"2026-11-25T10:00:{s:02}Z" for s in (0, 10, 20)] + ["2026-11-25T10:01:40Z"] * 3
    found = vedette.evaluate(rules, events, labels, incidents=incidents, times=times)
    of_technique = {s.name: s for s in found.techniques}
    guess = of_technique["T1110.001"]
    assert (guess.true_positives, guess.false_positives, guess.false_negatives) == (3, 0, 0)
    assert guess.median_time_to_detect == 20.0
    assert (guess.incidents, guess.detected_incidents) == (1, 1)
    office = of_technique["T1059.003"]
    assert (office.true_positives, office.false_positives, office.false_negatives) == (1, 1, 0)
    assert "20.000 s" in str(found)
    assert found.without_time == 0


def test_labels_must_fit() -> None:
    rules = vedette.compile("rule r { match any where a == 1 }")
    with pytest.raises(ValueError, match="2 events, but 1 labels"):
        vedette.evaluate(rules, [{}, {}], [True])
    with pytest.raises(vedette.VedetteError, match="no events"):
        vedette.evaluate(rules, [{}, 5], [True, False])
    found = vedette.evaluate(rules, b'\n{"a":1}\n\n{"a":2}\n', [True, False])
    assert found.overall.f1 == 1.0


def test_intervals() -> None:
    # Wilson's interval, worked out by hand from its formula.
    low, high = wilson(5, 10)
    assert math.isclose(low, 0.2366, abs_tol=1e-4) and math.isclose(high, 0.7634, abs_tol=1e-4)
    assert wilson(0, 10)[0] == 0.0 and wilson(10, 10)[1] == 1.0
    # Of 10 values the 2nd and the 9th enclose the median with 97.9 %.
    assert median_interval([float(i) for i in range(1, 11)]) == (2.0, 9.0)
    assert median_interval([3.0]) == (3.0, 3.0)
    assert all(math.isnan(end) for end in median_interval([]))
