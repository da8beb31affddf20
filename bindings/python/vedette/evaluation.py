"""How good rules are on labelled events."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette import _vedette
from vedette.detections import Detection, Detections
from vedette.engine import Engine
from vedette.rules import Rules

_Z = 1.959963984540054  # 95 %


def wilson(hits: int, total: int) -> tuple[float, float]:
    """The 95 % confidence interval of a share, after Wilson.

    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if total == 0:
        return 0.0, 1.0
    share = hits / total
    # At 0 and 1 one end is exact, which rounding would miss.
    spread = _Z * math.sqrt(share * (1 - share) / total + _Z * _Z / (4 * total * total))
    centre = share + _Z * _Z / (2 * total)
    scale = 1 + _Z * _Z / total
    low = 0.0 if hits == 0 else (centre - spread) / scale
    high = 1.0 if hits == total else (centre + spread) / scale
    return low, high


def median_interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95 % confidence interval of a median, by order statistics (binomial, exact)."""
    ordered = sorted(values)
    n = len(ordered)
    if n == 0:
        return math.nan, math.nan
    below = 0  # the largest k with P(fewer than k of n below the median) at most 2.5 %
    tail = 0.0
    while below < n // 2:
        tail += math.comb(n, below) / 2**n
        if tail > 0.025:
            break
        below += 1
    low = max(below - 1, 0)
    return ordered[low], ordered[n - 1 - low]


@dataclass(frozen=True)
class Score:
    """How good one rule, technique or everything together is.

    Events are counted once, however many detections name them. `precision` is the share of flagged
    events that are labelled, `recall` the share of labelled events that are flagged, each None if
    there is nothing to divide by. The intervals are of 95 % (Wilson's); that of the median time to
    detect is by order statistics. Times are in seconds of event time.
    """

    name: str
    true_positives: int
    false_positives: int
    false_negatives: int
    incidents: int = 0
    detected_incidents: int = 0
    times_to_detect: tuple[float, ...] = ()

    @property
    def precision(self) -> float | None:
        flagged = self.true_positives + self.false_positives
        return self.true_positives / flagged if flagged else None

    @property
    def recall(self) -> float | None:
        labelled = self.true_positives + self.false_negatives
        return self.true_positives / labelled if labelled else None

    @property
    def f1(self) -> float | None:
        total = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / total if total else None

    @property
    def precision_interval(self) -> tuple[float, float]:
        return wilson(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall_interval(self) -> tuple[float, float]:
        return wilson(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def median_time_to_detect(self) -> float | None:
        """Seconds from the first event of an incident to its first detection; the median of those
        that were detected (of an even number, the lower of the middle two)."""
        if not self.times_to_detect:
            return None
        return sorted(self.times_to_detect)[(len(self.times_to_detect) - 1) // 2]

    @property
    def time_to_detect_interval(self) -> tuple[float, float]:
        return median_interval(self.times_to_detect)

    def row(self) -> tuple[str, ...]:
        return (
            self.name,
            str(self.true_positives),
            str(self.false_positives),
            str(self.false_negatives),
            _share(self.precision, self.precision_interval),
            _share(self.recall, self.recall_interval),
            "-" if self.f1 is None else f"{self.f1:.3f}",
            f"{self.detected_incidents}/{self.incidents}" if self.incidents else "-",
            _seconds(self),
        )


_HEAD = (
    "", "TP", "FP", "FN", "precision [95 %]", "recall [95 %]", "F1", "incidents",
    "median time to detect, s [95 %]",
)  # fmt: skip


def _share(share: float | None, interval: tuple[float, float]) -> str:
    return "-" if share is None else f"{share:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def _seconds(score: Score) -> str:
    median = score.median_time_to_detect
    if median is None:
        return "-"
    low, high = score.time_to_detect_interval
    return f"{median:.3f} s [{low:.3f}, {high:.3f}]"


@dataclass(frozen=True)
class Evaluation:
    """Scores of everything together (`overall`), of each rule and of each ATT&CK technique."""

    overall: Score
    rules: tuple[Score, ...]
    techniques: tuple[Score, ...]
    detections: Detections
    events: int
    without_time: int = 0
    notes: tuple[str, ...] = field(default=())

    def _rows(self) -> list[tuple[str, ...]]:
        return [s.row() for s in (self.overall, *self.techniques, *self.rules)]

    def __str__(self) -> str:
        rows = [_HEAD, *self._rows()]
        widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
        lines = [
            "  ".join(
                cell.ljust(width) if i == 0 else cell.rjust(width)
                for i, (cell, width) in enumerate(zip(row, widths))
            ).rstrip()
            for row in rows
        ]
        return "\n".join([f"{self.events} events", *lines, *self.notes])

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(cell)}</th>" for cell in _HEAD)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self._rows()
        )
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        return (
            f"<p>{self.events} events</p><table><thead><tr>{head}</tr></thead>"
            f"<tbody>{body}</tbody></table>{notes}"
        )


class _Labels:
    """What is known of the events."""

    def __init__(self, labels: Sequence[object], incidents: Sequence[object] | None) -> None:
        self.techniques = [_techniques(label) for label in labels]
        self.positive = [
            bool(techniques) or (not isinstance(label, (str, list, tuple, set)) and bool(label))
            for label, techniques in zip(labels, self.techniques)
        ]
        self.any_technique = any(self.techniques)
        self.incidents: dict[object, list[int]] = {}
        for i, incident in enumerate(incidents or ()):
            if incident is not None and incident == incident and incident != "":
                self.incidents.setdefault(incident, []).append(i)


def _techniques(label: object) -> frozenset[str]:
    if isinstance(label, str):
        return frozenset({label.upper()}) if label else frozenset()
    if isinstance(label, (list, tuple, set, frozenset)):
        return frozenset(str(part).upper() for part in label)
    return frozenset()


def _covers(technique: str, wanted: str) -> bool:
    """A rule for a technique covers its sub-techniques, and the other way round."""
    return technique == wanted or technique.split(".")[0] == wanted or technique == wanted.split(".")[0]


def _score(
    name: str,
    flagged: set[int],
    positive: set[int],
    labels: _Labels,
    detections: Sequence[tuple[Detection, frozenset[int]]],
    times: Sequence[int | None],
) -> Score:
    waits: list[float] = []
    incidents = detected = 0
    for events in labels.incidents.values():
        members = positive.intersection(events)
        if not members:
            continue
        incidents += 1
        hits = [(d, members & about) for d, about in detections if members & about]
        detected += bool(hits)
        begin = min((t for i in members if (t := times[i]) is not None), default=None)
        ends = [d.time_ns for d, _ in hits if d.time_ns is not None]
        if begin is not None and ends:
            waits.append((min(ends) - begin) / 1e9)
    return Score(
        name,
        len(flagged & positive),
        len(flagged - positive),
        len(positive - flagged),
        incidents,
        detected,
        tuple(waits),
    )


def evaluate(
    rules: Rules,
    events: object,
    labels: Iterable[object],
    *,
    incidents: Iterable[object] | None = None,
    times: Iterable[Any] | None = None,
    **options: Any,
) -> Evaluation:
    """Runs rules over labelled events and scores them.

    `labels` has one entry for each event: true or false, or the ATT&CK technique (or a list of them)
    that the event belongs to, empty or None for harmless ones. `incidents` names the attack that an
    event is part of (None: none); without it all labelled events are one incident. `times`, if given,
    are those of the events (nanoseconds, datetime or ISO text); else they are taken from detections'
    own events where possible. `options` are those of `Engine`.

    A rule over several events flags each event of its evidence, which `max_evidence` limits (10,000
    here). For the score of one rule, labelled
    events are those of its techniques if labels name techniques, else all.

    >>> import vedette
    >>> rules = vedette.compile('rule r { meta { title = "R" } match any where a == 1 }')
    >>> found = vedette.evaluate(rules, [{"a": 1}, {"a": 1}, {"a": 2}], [True, False, True])
    >>> found.overall.precision, found.overall.recall, found.overall.f1
    (0.5, 0.5, 0.5)
    """
    engine = Engine(rules, strict=True, **{"max_evidence": 10_000, **options})
    found = engine._found(number_events=True)
    engine._feed(engine._engine, found, events)
    engine._engine.finish(found)
    detections = engine._result(found)
    count = detections.stats["events"]
    all_labels = list(labels)
    all_incidents = None if incidents is None else list(incidents)
    for name, given in (("labels", all_labels), ("incidents", all_incidents)):
        if given is not None and len(given) != count:
            raise ValueError(f"{count} events, but {len(given)} {name}")
    if all_incidents is None:
        all_incidents = [
            "all" if positive else None for positive in _Labels(all_labels, None).positive
        ]
    known = _Labels(all_labels, all_incidents)
    about = _events_of(found, detections)
    moments = _times(times, count, found, detections, about)
    return _evaluation(rules, detections, known, about, moments, count)


def _events_of(found: _vedette.Detections, detections: Detections) -> list[frozenset[int]]:
    """The events that each detection is about, by number."""
    return [frozenset(found.events(i)) for i in range(len(detections))]


def _times(
    given: Iterable[Any] | None,
    count: int,
    found: _vedette.Detections,
    detections: Detections,
    about: Sequence[frozenset[int]],
) -> list[int | None]:
    from vedette.engine import _time_ns

    if given is not None:
        moments = [None if t is None or t != t else _time_ns(t) for t in given]
        if len(moments) != count:
            raise ValueError(f"{count} events, but {len(moments)} times")
        return moments
    moments = [None] * count
    for i, detection in enumerate(detections):
        number = detection.event_index
        if number is not None:
            moments[number] = detection.time_ns
        elif about[i]:
            moments[min(about[i])] = found.times(i)[1]
    return moments


def _evaluation(
    rules: Rules,
    detections: Detections,
    labels: _Labels,
    about: list[frozenset[int]],
    times: list[int | None],
    count: int,
) -> Evaluation:
    positive = {i for i, is_positive in enumerate(labels.positive) if is_positive}
    pairs = list(zip(detections, about))

    def score(name: str, wanted: set[int], keep: Callable[[Detection], bool]) -> Score:
        kept = [(d, events) for d, events in pairs if keep(d)]
        flagged = {i for _, events in kept for i in events}
        return _score(name, flagged, wanted, labels, kept, times)

    def labelled(techniques: Iterable[str]) -> set[int]:
        wanted = list(techniques)
        return {
            i
            for i, has in enumerate(labels.techniques)
            if any(_covers(have, want) for have in has for want in wanted)
        }

    overall = score("all rules", positive, lambda d: True)
    of_rules = []
    for rule in rules:
        of_technique = labels.any_technique and rule.techniques
        wanted = labelled(rule.techniques) if of_technique else positive
        of_rules.append(
            score(
                rule.title,
                wanted,
                lambda d, r=rule: d.rule_id == r.id and d.title == r.title,  # type: ignore[misc]
            )
        )
    names = sorted({t for has in labels.techniques for t in has})
    of_techniques = [
        score(name, labelled([name]), lambda d, n=name: any(_covers(t, n) for t in d.techniques))  # type: ignore[misc]
        for name in names
    ]
    without_time = sum(times[i] is None for i in positive)
    notes = []
    if without_time:
        notes.append(
            f"{without_time} labelled events without a known time: give times= for times to detect"
        )
    return Evaluation(
        overall, tuple(of_rules), tuple(of_techniques), detections, count, without_time, tuple(notes)
    )
