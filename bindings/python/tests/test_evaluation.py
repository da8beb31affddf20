"""Scores on labelled events."""

from __future__ import annotations

import json
import math
from pathlib import Path

import polars
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


@pytest.mark.parametrize("threads", [1, 3])
def test_events_are_told_apart_wherever_they_come_from(threads: int, tmp_path: Path) -> None:
    """Lines are not unique: rows of two tables, elements of one array of JSON, lines of two files."""
    rules = vedette.compile(BRUTE_FORCE, OFFICE_SHELL)
    events = [shell(), sign_in(0), sign_in(10, "198.51.100.7"), sign_in(20), sign_in(30), shell()]
    labels = [True, True, False, True, True, True]
    # The first has the columns of both.
    frames = [polars.DataFrame(part, infer_schema_length=None) for part in (events[:2], events[2:])]
    for name, part in (("a.jsonl", events[:2]), ("b.jsonl", events[2:])):
        (tmp_path / name).write_text("".join(json.dumps(event) + "\n" for event in part))
    kinds: list[object] = [
        events,
        iter(events),
        frames,
        json.dumps(events),
        (json.dumps({"Records": events})).encode(),
        "\n".join(json.dumps(event) for event in events),
    ]
    for form in kinds:
        found = vedette.evaluate(rules, form, labels, threads=threads)
        assert (found.overall.true_positives, found.overall.false_positives) == (5, 0), form
        assert [d.event_index for d in found.detections if d.kind == "event"] == [0, 5]
    # Lines are still the stream's, not what told the events apart.
    by_line = vedette.evaluate(rules, kinds[-1], labels, threads=threads)
    (guess,) = [d for d in by_line.detections if d.kind == "correlation"]
    assert guess.evidence is not None
    assert [event["event"]["line"] for event in guess.evidence["events"]] == [2, 4, 5]
    assert [d.to_dict()["event"]["line"] for d in by_line.detections if d.kind == "event"] == [1, 6]


def test_evidence_is_not_cut() -> None:
    rules = vedette.compile(BRUTE_FORCE.replace(">= 3", ">= 100"))
    found = vedette.evaluate(rules, [sign_in(s) for s in range(100)], [True] * 100)
    assert found.overall.recall == 1.0
    cut = vedette.evaluate(rules, [sign_in(s) for s in range(100)], [True] * 100, max_evidence=10)
    assert cut.overall.true_positives == 10


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
