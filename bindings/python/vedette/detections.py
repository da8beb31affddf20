"""What was found."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from vedette import _vedette
from vedette.rules import techniques_of

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

LEVELS = ("critical", "high", "medium", "low", "informational", "")
_COLORS = {
    "critical": "#7b1fa2",
    "high": "#b3261e",
    "medium": "#c77700",
    "low": "#3b5bdb",
    "informational": "#5f6368",
    "": "#5f6368",
}
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def to_datetime(nanoseconds: int | None) -> datetime | None:
    """UTC, cut to microseconds."""
    return None if nanoseconds is None else _EPOCH + timedelta(microseconds=nanoseconds // 1000)


@dataclass(frozen=True)
class MatchedField:
    """A value that made a rule hold. `field` is empty for a keyword."""

    field: str
    value: str
    test: str
    selection: str
    indicator: dict[str, Any] | None = None


class Detection:
    """A rule that fired."""

    def __init__(self, found: _vedette.Detections, index: int) -> None:
        self._found = found
        self._index = index

    @cached_property
    def _data(self) -> dict[str, Any]:
        data: dict[str, Any] = json.loads(self._found.json(self._index))
        return data

    def to_dict(self) -> dict[str, Any]:
        """Everything, as `vedette detect --output ndjson` writes it."""
        return dict(self._data)

    @property
    def rule_id(self) -> str:
        return str(self._data["rule_id"])

    @property
    def title(self) -> str:
        return str(self._data["title"])

    @property
    def level(self) -> str:
        return str(self._data["level"])

    @property
    def kind(self) -> str:
        """`event`, or `correlation` of a rule over several events."""
        return "correlation" if "correlation" in self._data else "event"

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self._data["tags"])

    @property
    def techniques(self) -> tuple[str, ...]:
        return techniques_of(self.tags)

    @property
    def event_index(self) -> int | None:
        """The event's number among those of the call, from 0; None for several events."""
        return self._found.event_index(self._index)

    @property
    def time_ns(self) -> int | None:
        """Nanoseconds since 1970, UTC; of the event, or when several were judged."""
        return self._found.times(self._index)[0]

    @property
    def time(self) -> datetime | None:
        return to_datetime(self.time_ns)

    @property
    def first_time(self) -> datetime | None:
        """Of the earliest of its events."""
        return to_datetime(self._found.times(self._index)[1])

    @property
    def last_time(self) -> datetime | None:
        return to_datetime(self._found.times(self._index)[2])

    @property
    def matched(self) -> tuple[MatchedField, ...]:
        return tuple(MatchedField(**m) for m in self._data.get("matched", ()))

    @property
    def outcomes(self) -> dict[str, Any]:
        """What the rule computed."""
        return dict(self._data.get("outcome", {}))

    @property
    def group_key(self) -> dict[str, Any]:
        """The group of a rule over several events; empty for others."""
        return dict(self._data.get("correlation", {}).get("key", {}))

    @property
    def evidence(self) -> dict[str, Any] | None:
        """What a rule over several events saw: window, aggregates, first and last events."""
        evidence: dict[str, Any] | None = self._data.get("correlation")
        return evidence

    def __repr__(self) -> str:
        where = f" event {self.event_index}" if self.event_index is not None else ""
        return f"<vedette.Detection {self.level or '-'}: {self.title}{where}>"

    def _repr_html_(self) -> str:
        rows: list[tuple[str, str]] = []
        if self.time is not None:
            rows.append(("time", self.time.isoformat()))
        rows.append(("rule", self.rule_id))
        if self.techniques:
            rows.append(("ATT&CK", ", ".join(self.techniques)))
        rows += [(m.field or "keyword", f"{m.value}   — {m.test}") for m in self.matched]
        rows += [(name, json.dumps(value)) for name, value in self.group_key.items()]
        if self.evidence is not None:
            rows.append(("events", str(self.evidence["total_events"])))
            rows += [(n, json.dumps(v)) for n, v in self.evidence.get("aggregates", {}).items()]
        rows += [(name, json.dumps(value)) for name, value in self.outcomes.items()]
        body = "".join(
            f"<tr><th style='text-align:left'>{html.escape(name)}</th>"
            f"<td style='text-align:left'><code>{html.escape(value)}</code></td></tr>"
            for name, value in rows
        )
        return f"<div>{badge(self.level)} <b>{html.escape(self.title)}</b><table>{body}</table></div>"


def badge(level: str) -> str:
    color = _COLORS.get(level, _COLORS[""])
    return (
        f'<span style="background:{color};color:white;padding:0 .5em;border-radius:.6em">'
        f"{html.escape(level or 'no level')}</span>"
    )


class Detections:
    """The detections of one call, in the order in which they were found.

    A table, too: whatever reads Arrow streams (`polars.DataFrame(result)`, `pyarrow.table(result)`,
    `pandas.DataFrame.from_arrow(result)`, DuckDB) takes it as it is. Columns: `rule_id`, `title`,
    `level`, `kind`, `event_index`, `time`, `source`, `line`, `group_key` (JSON), `first_time`,
    `last_time`, `matched` (JSON), `outcomes` (JSON), `tags`.
    """

    # No collections.abc.Sequence: polars would take one for a list of rows.
    def __init__(self, found: _vedette.Detections) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Detection]:
        return (Detection(self._found, i) for i in range(len(self)))

    @overload
    def __getitem__(self, key: int) -> Detection: ...
    @overload
    def __getitem__(self, key: slice) -> list[Detection]: ...
    def __getitem__(self, key: int | slice) -> Detection | list[Detection]:
        if isinstance(key, slice):
            return [Detection(self._found, i) for i in range(len(self))[key]]
        return Detection(self._found, range(len(self))[key])

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """A capsule for Arrow consumers; the requested schema is not followed."""
        return self._found.__arrow_c_stream__(requested_schema)

    @property
    def stats(self) -> dict[str, int]:
        """What the call read and could not read: nothing is left out silently.

        `events`, `broken` and `oversized` records that are no events, `blank` lines, `incomplete`
        events, `damaged` blocks, `bytes`, `detections`, `dropped` beyond `max_detections`, `events_undecided`, `function_errors`.
        """
        return self._found.stats()

    @property
    def broken(self) -> list[tuple[int, str]]:
        """Line (or number) and reason of the first records that are no events."""
        return self._found.broken()

    def counts(self) -> dict[str, int]:
        """Detections by title, the most frequent first."""
        return dict(Counter(d.title for d in self).most_common())

    def to_pylist(self) -> list[dict[str, Any]]:
        return [d.to_dict() | {"event_index": d.event_index} for d in self]

    def to_arrow(self) -> pyarrow.Table:
        """A table of pyarrow, which must be installed."""
        import pyarrow

        return pyarrow.table(self)

    def to_pandas(self) -> pandas.DataFrame:
        """A data frame of pandas, which must be installed, and pyarrow with it."""
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        return frame

    def to_polars(self) -> polars.DataFrame:
        """A data frame of polars, which must be installed."""
        import polars

        return polars.DataFrame(self)

    def timeline(self, **options: Any) -> Any:
        """See `vedette.plots.timeline`."""
        from vedette import plots

        return plots.timeline(self, **options)

    def attack_matrix(self, **options: Any) -> Any:
        """See `vedette.plots.attack_matrix`."""
        from vedette import plots

        return plots.attack_matrix(self, **options)

    def __repr__(self) -> str:
        return f"<vedette.Detections: {len(self)} of {self.stats['events']} events>"

    def _repr_html_(self) -> str:
        shown = 20
        rows = "".join(
            f"<tr><td>{html.escape(str(d.time or ''))}</td><td>{badge(d.level)}</td>"
            f"<td style='text-align:left'>{html.escape(d.title)}</td>"
            f"<td style='text-align:left'>{html.escape(_about(d))}</td></tr>"
            for d in self[:shown]
        )
        more = f"<p>… and {len(self) - shown} more</p>" if len(self) > shown else ""
        return (
            f"<p>{html.escape(repr(self))}</p><table><thead><tr><th>time</th><th>level</th>"
            f"<th>rule</th><th>about</th></tr></thead><tbody>{rows}</tbody></table>{more}"
        )


def _about(detection: Detection) -> str:
    if detection.kind == "correlation":
        return ", ".join(f"{n}={json.dumps(v)}" for n, v in detection.group_key.items())
    return ", ".join(f"{m.field}={m.value[:80]}" for m in detection.matched[:3])
