"""Pictures of detections; needs matplotlib, which is imported when a picture is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from vedette.detections import _COLORS, LEVELS, Detection

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# The tactics of ATT&CK in the order of its matrix, as tags spell them.
TACTICS = (
    "reconnaissance",
    "resource-development",
    "initial-access",
    "execution",
    "persistence",
    "privilege-escalation",
    "defense-evasion",
    "credential-access",
    "discovery",
    "lateral-movement",
    "collection",
    "command-and-control",
    "exfiltration",
    "impact",
)


def _new_axes(width: float, height: float) -> Axes:
    import matplotlib.pyplot as plt

    axes: Axes = plt.subplots(figsize=(width, height), layout="constrained")[1]
    return axes


def timeline(detections: Iterable[Detection], *, ax: Any = None, max_rules: int = 30) -> Axes:
    """Detections over event time (UTC), a row for each rule, colours by level.

    Rules with the earliest detection are on top; beyond `max_rules` the least frequent are left out.
    Detections without a time are not shown; the title says how many.
    """
    everything = list(detections)
    timed = [d for d in everything if d.time is not None]
    counts = Counter(d.title for d in timed)
    kept = {title for title, _ in counts.most_common(max_rules)}
    rows: dict[str, int] = {}
    for d in sorted(timed, key=lambda d: d.time_ns or 0):
        if d.title in kept:
            rows.setdefault(d.title, len(rows))
    axes: Axes = ax if ax is not None else _new_axes(10, 1 + 0.28 * max(len(rows), 1))
    for level in LEVELS:
        some = [d for d in timed if d.level == level and d.title in kept]
        if some:
            axes.scatter(
                [d.time for d in some],  # type: ignore[arg-type]
                [rows[d.title] for d in some],
                color=_COLORS[level],
                label=level or "no level",
                s=24,
            )
            spans = [d for d in some if d.first_time != d.last_time]
            for d in spans:
                axes.hlines(rows[d.title], d.first_time, d.last_time, color=_COLORS[level])  # type: ignore[arg-type]
    axes.set_yticks(range(len(rows)), list(rows))
    axes.invert_yaxis()
    axes.set_xlabel("event time, UTC")
    if timed:
        axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    shown = sum(counts[title] for title in kept)
    rest = "" if shown == len(everything) else f" of {len(everything)}"
    axes.set_title(f"{shown}{rest} detections")
    return axes


def _tactics(detection: Detection) -> list[str]:
    names = [tag.lower()[len("attack.") :].replace("_", "-") for tag in detection.tags
             if tag.lower().startswith("attack.")]  # fmt: skip
    return [name for name in names if name in TACTICS]


def matrix(detections: Iterable[Detection]) -> dict[str, Counter[str]]:
    """How often each technique was detected, by tactic, in the order of the matrix.

    A rule with several tactics and techniques counts for each pair; one without a tactic stands
    under `other`.
    """
    out: dict[str, Counter[str]] = {tactic: Counter() for tactic in (*TACTICS, "other")}
    for d in detections:
        for tactic in _tactics(d) or ["other"]:
            for technique in d.techniques:
                out[tactic][technique] += 1
    return {tactic: counts for tactic, counts in out.items() if counts}


def attack_matrix(detections: Iterable[Detection], *, ax: Any = None) -> Axes:
    """ATT&CK's matrix: tactics as columns, detected techniques below them, darker with more."""
    found = matrix(detections)
    depth = max((len(counts) for counts in found.values()), default=1)
    axes: Axes = ax if ax is not None else _new_axes(1.5 * max(len(found), 2), 0.8 + 0.45 * depth)
    most = max((n for counts in found.values() for n in counts.values()), default=1)
    for column, (tactic, counts) in enumerate(found.items()):
        axes.text(column + 0.5, -0.2, tactic.replace("-", "\n"), ha="center", va="bottom", fontsize=8)
        for row, (technique, n) in enumerate(counts.most_common()):
            share = 0.25 + 0.75 * n / most
            axes.add_patch(_rectangle(column, row, share))
            axes.text(
                column + 0.5, row + 0.5, f"{technique}\n{n}", ha="center", va="center", fontsize=8,
                color="white" if share > 0.6 else "black",
            )  # fmt: skip
    axes.set_xlim(0, max(len(found), 1))
    axes.set_ylim(depth, -1.2)
    axes.set_axis_off()
    return axes


def _rectangle(column: int, row: int, share: float) -> Any:
    from matplotlib.patches import Rectangle

    return Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, color=(0.7, 0.15, 0.12, share))
