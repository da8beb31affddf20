"""Rules: found, compiled, saved, and what is wrong with them."""

from __future__ import annotations

import html
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vedette import _vedette
from vedette._vedette import IndicatorSets, VedetteError
from vedette.explanation import Explanation
from vedette.functions import Functions, named, specs

_ENDINGS = (".yml", ".yaml", ".vdt", ".eql", ".toml")
_PACK = ".vpk"

RuleInput = str | os.PathLike[str] | Mapping[str, str] | tuple[str, str]


@dataclass(frozen=True)
class Diagnostic:
    """What is wrong with a rule, or questionable.

    `code` is stable and described in docs/diagnostics.md; `text` is the message with the line of the
    rule and a caret. Lines and columns count from 1; line 0 is the whole file.
    """

    severity: str
    code: str
    message: str
    file: str
    line: int
    column: int
    length: int
    rule: str
    hint: str
    notes: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        return self.text.rstrip("\n")

    def __repr__(self) -> str:
        return f"<{self.severity} {self.code} {self.file}:{self.line}:{self.column}: {self.message}>"

    def _repr_html_(self) -> str:
        color = {"error": "#b3261e", "warning": "#8a6100"}.get(self.severity, "#3b5bdb")
        return (
            f'<pre style="border-left:4px solid {color};padding-left:.6em;margin:.2em 0">'
            f"{html.escape(str(self))}</pre>"
        )


class Diagnostics(list[Diagnostic]):
    """A list that shows itself with carets in a notebook."""

    def __str__(self) -> str:
        return "\n".join(str(d) for d in self)

    def _repr_html_(self) -> str:
        return "".join(d._repr_html_() for d in self) or "<em>nothing to complain about</em>"


@dataclass(frozen=True)
class Rule:
    """What a rule says about itself. `kind` is `event`, or `correlation` for several events."""

    id: str
    name: str
    title: str
    kind: str
    description: str
    status: str
    level: str
    author: str
    tags: tuple[str, ...]
    references: tuple[str, ...]
    false_positives: tuple[str, ...]
    log_source: str
    file: str
    line: int
    fingerprint: int

    @property
    def techniques(self) -> tuple[str, ...]:
        """ATT&CK techniques of the tags: `T1059.001`."""
        return techniques_of(self.tags)


def techniques_of(tags: Iterable[str]) -> tuple[str, ...]:
    found = (re.fullmatch(r"attack\.(t\d{4}(?:\.\d{3})?)", tag.lower()) for tag in tags)
    return tuple(match.group(1).upper() for match in found if match)


class Rules:
    """Compiled rules, immutable and shared by any number of engines; made by `compile` or `load`."""

    def __init__(
        self,
        program: _vedette.Program,
        diagnostics: Sequence[Diagnostic] = (),
        functions: Mapping[str, Callable[..., Any]] | None = None,
        indicators: IndicatorSets | None = None,
    ) -> None:
        self._program = program
        self._rules = [Rule(**meta) for meta in program.rules()]
        self.diagnostics = Diagnostics(diagnostics)
        self.functions = dict(functions or {})
        self.indicators = indicators

    @property
    def errors(self) -> Diagnostics:
        """One for each rule that was left out, at least."""
        return Diagnostics(d for d in self.diagnostics if d.severity == "error")

    @property
    def warnings(self) -> Diagnostics:
        return Diagnostics(d for d in self.diagnostics if d.severity == "warning")

    @property
    def fingerprint(self) -> str:
        """Equal for rules that mean the same; 16 hexadecimal digits."""
        return f"{self._program.fingerprint:016x}"

    @property
    def required_fields(self) -> list[str]:
        """Names of the event fields that some rule reads, as rules spell them."""
        return self._program.required_fields

    def __len__(self) -> int:
        return len(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def __getitem__(self, key: int | str) -> Rule:
        """By index, id, name or title."""
        return self._rules[self._index(key)]

    def _index(self, key: int | str) -> int:
        if isinstance(key, int):
            return range(len(self._rules))[key]
        for i, rule in enumerate(self._rules):
            if key in (rule.id, rule.name, rule.title):
                return i
        raise KeyError(key)

    def explain(
        self,
        event: Mapping[str, object] | str | bytes,
        rule: int | str = 0,
        *,
        log_source: str | None = None,
    ) -> Explanation:
        """Why the rule holds for the event or not, part by part.

        >>> import vedette
        >>> rules = vedette.compile('''
        ... title: Root
        ... logsource: {product: linux}
        ... detection: {s: {user: root}, condition: s}
        ... ''')
        >>> print(rules.explain({"user": "eve"}, "Root", log_source="product=linux"), end="")
        - Root
          + log source linux/-/-   [event is linux/-/-]
          - s: user : "root"   [value is 'eve']
        """
        index = self._index(rule)
        if self._rules[index].kind != "event":
            raise VedetteError("rules over several events have no single event to explain them")
        tree, text, sources = self._program.explain(event, index, log_source, self.indicators)
        return Explanation.of(tree, text, sources)

    def dump(self, rule: int | str = 0) -> str:
        """What the rule was compiled to, as text."""
        return self._program.dump(self._index(rule))

    def to_bytes(self) -> bytes:
        return self._program.save()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes a saved program, which `load` and the `vedette` command read."""
        Path(path).write_bytes(self.to_bytes())

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self.to_bytes(), list(self.diagnostics), self.functions)

    def __repr__(self) -> str:
        return (
            f"<vedette.Rules: {len(self)} rules, {len(self.errors)} errors,"
            f" {len(self.warnings)} warnings>"
        )

    def _repr_html_(self) -> str:
        shown = 20
        rows = "".join(
            f"<tr><td>{html.escape(r.level or '-')}</td><td>{html.escape(r.title)}</td>"
            f"<td>{html.escape(r.log_source)}</td><td>{html.escape(', '.join(r.techniques))}</td></tr>"
            for r in self._rules[:shown]
        )
        more = f"<p>… and {len(self) - shown} more</p>" if len(self) > shown else ""
        table = (
            "<table><thead><tr><th>level</th><th>title</th><th>log source</th><th>ATT&amp;CK</th>"
            f"</tr></thead><tbody>{rows}</tbody></table>"
        )
        return f"<p>{html.escape(repr(self))}</p>{self.errors._repr_html_() if self.errors else ''}{table}{more}"


def _rebuild(
    data: bytes, diagnostics: list[Diagnostic], functions: dict[str, Callable[..., Any]]
) -> Rules:
    return Rules(_vedette.load(data, specs(functions)), diagnostics, functions)


def _name_of(text: str, number: int) -> str:
    """A file name for a text that says which language it is in."""
    ending = "yml"
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith(("//", "#")):
            continue
        if re.match(r"(rule|type|list|let|const|function|macro)\s+\w+", line):
            ending = "vdt"
        elif re.match(r"\[\[?\w+", line):
            ending = "toml"
        elif line.startswith(("{", "[")):
            ending = "json"
        break
    return f"<text {number}>.{ending}"


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    found = [
        Path(folder) / name
        for folder, folders, names in os.walk(path)
        for name in names
        if name.lower().endswith(_ENDINGS) and not name.startswith(".")
        if not any(part.startswith(".") for part in Path(folder).relative_to(path).parts)
    ]
    return sorted(found)


def _sources(rules: Iterable[RuleInput]) -> Iterator[tuple[str, bytes]]:
    number = 0
    for rule in rules:
        if isinstance(rule, Mapping):
            for name, text in rule.items():
                yield str(name), _utf8(text)
        elif isinstance(rule, tuple):
            name, text = rule
            yield str(name), _utf8(text)
        elif isinstance(rule, str) and ("\n" in rule or "{" in rule):
            number += 1
            yield _name_of(rule, number), _utf8(rule)
        elif isinstance(rule, (str, os.PathLike)):
            for file in _files(Path(rule)):
                yield str(file), file.read_bytes()
        else:
            raise TypeError(f"rules are paths, texts or dicts of them, not {type(rule).__name__}")


def _utf8(text: str) -> bytes:
    if not isinstance(text, str):
        raise TypeError(f"a rule's text is a str, not {type(text).__name__}")
    return text.encode("utf-8", "replace")


def _read(paths: Iterable[str | os.PathLike[str]] | str | os.PathLike[str]) -> list[tuple[str, bytes]]:
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    return list(_sources(paths))


def compile(
    *rules: RuleInput | Iterable[RuleInput],
    functions: Functions = None,
    indicators: IndicatorSets | Mapping[str, Iterable[str] | os.PathLike[str]] | None = None,
    pipelines: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    placeholders: Mapping[str, Iterable[str]] | None = None,
    log_sources: Iterable[str | os.PathLike[str]] | str | os.PathLike[str] = (),
    lint: bool = False,
    emit_all: bool = False,
    strict: bool = False,
) -> Rules:
    """Compiles rules: paths of files and folders, texts, or dicts of texts by file name.

    A text is told from a path by its line feeds or braces; the language by its beginning (give a dict
    with names such as `{"a.eql": ...}` if that does not do). A rule that is wrong is left out and
    stands in `Rules.errors`; with `strict` the first error is raised.

    `functions` may be called by rules (see `function`); `indicators` are the sets that rules ask, as
    an `IndicatorSets` or as values or files by name; `pipelines` are pySigma pipelines (files or
    texts); `placeholders` the values of Sigma's `%name%`; `log_sources` rows to put before the
    built-in log source table; `lint` warns about questionable rules; with `emit_all` rules that only
    feed others give detections, too.

    >>> import vedette
    >>> rules = vedette.compile({"a.yml": "title: A\\ndetection: {s: {x: 1}, condition: s}"})
    >>> rules.errors[0].code, rules.errors[0].message
    ('SIG0004', 'the rule has no log source')
    """
    flat: list[RuleInput] = []
    for rule in rules:
        if isinstance(rule, (str, os.PathLike, Mapping, tuple)):
            flat.append(rule)
        else:
            flat.extend(rule)
    packs = [r for r in flat if isinstance(r, (str, os.PathLike)) and str(r).lower().endswith(_PACK)]
    if packs:
        raise VedetteError(f"{packs[0]} is a saved program: use vedette.load")
    calls = named(functions)
    sets = indicator_sets(indicators)
    program, found = _vedette.compile(
        list(_sources(flat)),
        specs(calls),
        sets,
        _read(pipelines),
        {name: list(values) for name, values in (placeholders or {}).items()},
        _read(log_sources),
        lint,
        emit_all,
    )
    made = Rules(program, [Diagnostic(**d) for d in found], calls, sets)
    if strict and made.errors:
        raise VedetteError(str(made.errors))
    return made


def indicator_sets(
    given: IndicatorSets | Mapping[str, Iterable[str] | os.PathLike[str]] | None,
) -> IndicatorSets | None:
    if given is None or isinstance(given, IndicatorSets):
        return given
    sets = IndicatorSets()
    for name, values in given.items():
        if isinstance(values, os.PathLike):
            path = Path(values)
            wrong = [Diagnostic(**d) for d in sets.read(name, (str(path), path.read_bytes()))]
            if wrong:
                raise VedetteError(str(Diagnostics(wrong)))
        else:
            sets.set(name, list(values))
    return sets


def save(rules: Rules, path: str | os.PathLike[str]) -> None:
    """Writes compiled rules to a file (by convention `*.vpk`), the same bytes on every machine."""
    rules.save(path)


def load(source: str | os.PathLike[str] | bytes, *, functions: Functions = None) -> Rules:
    """Reads what `save` or `vedette compile` wrote, from a path or from bytes of any origin.

    >>> import vedette
    >>> rules = vedette.compile('rule r { match any where a == 1 }')
    >>> vedette.load(rules.to_bytes()).fingerprint == rules.fingerprint
    True
    """
    data = source if isinstance(source, bytes) else Path(source).read_bytes()
    calls = named(functions)
    return Rules(_vedette.load(data, specs(calls)), (), calls)
