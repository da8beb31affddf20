"""Why a rule holds for an event, or not."""

from __future__ import annotations

import html
from dataclasses import dataclass


@dataclass(frozen=True)
class Explanation:
    """A tree of a rule's parts: what was asked, whether it holds, and what the event has.

    `str()` of the root is the whole tree as text; in a notebook it folds.
    """

    text: str
    result: bool
    detail: str
    children: tuple[Explanation, ...] = ()
    rendered: str = ""
    log_sources: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, tree: tuple[str, bool, str, tuple[object, ...]], rendered: str, sources: list[str]
    ) -> Explanation:
        text, result, detail, children = tree
        parts = tuple(cls.of(child, "", []) for child in children)  # type: ignore[arg-type]
        return cls(text, result, detail, parts, rendered, tuple(sources))

    def __bool__(self) -> bool:
        return self.result

    def __str__(self) -> str:
        return self.rendered or "\n".join(self._lines(0)) + "\n"

    def _lines(self, depth: int) -> list[str]:
        mark = "+" if self.result else "-"
        detail = f"  ({self.detail})" if self.detail else ""
        lines = [f"{'  ' * depth}{mark} {self.text}{detail}"]
        for child in self.children:
            lines += child._lines(depth + 1)
        return lines

    def _html(self) -> str:
        color, mark = ("#0a7d32", "✓") if self.result else ("#b3261e", "✗")
        head = (
            f'<span style="color:{color}">{mark}</span> <code>{html.escape(self.text)}</code>'
            + (f" <small>{html.escape(self.detail)}</small>" if self.detail else "")
        )
        if not self.children:
            return f'<div style="margin-left:1.2em">{head}</div>'
        inner = "".join(child._html() for child in self.children)
        return (
            f'<details open style="margin-left:1.2em"><summary>{head}</summary>{inner}</details>'
        )

    def _repr_html_(self) -> str:
        return f'<div style="font-family:monospace">{self._html()}</div>'
