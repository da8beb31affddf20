"""Python functions that rules call."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from vedette._vedette import VedetteError

F = TypeVar("F", bound=Callable[..., Any])
FunctionSpec = tuple[str, list[str], bool, Callable[..., Any]]


class FunctionError(RuntimeError):
    """A function that a rule called failed; the cause is its first exception.

    `count` says how many calls of the run failed. The rules saw null in their place.
    """

    def __init__(self, message: str, count: int) -> None:
        super().__init__(message)
        self.count = count


def function(call: F) -> F:
    """Marks a function that rules may call; a decorator for readers of the code.

    Annotations (`str`, `int`, `float`, `bool`) are the types that rules are checked with; without one,
    anything goes. A number is given to a `str` parameter as its text; what is not of the type counts as
    null. A parameter of type `T | None` asks for null, too; otherwise null arguments give
    null. The function must be thread-safe and give the same for the same arguments.

    >>> import vedette
    >>> @vedette.function
    ... def digits(text: str) -> int:
    ...     return sum(c.isdigit() for c in text)
    >>> rules = vedette.compile('rule r { match any where digits(name) > 3 }', functions=[digits])
    >>> len(vedette.Engine(rules).run([{"name": "a1b2"}, {"name": "12345"}]))
    1
    """
    setattr(call, "__vedette__", True)
    return call


def _type_of(annotation: Any) -> tuple[str, bool]:
    """The type's name, and whether it may be None."""
    options = typing.get_args(annotation)
    nullable = type(None) in options
    if nullable:
        rest = [option for option in options if option is not type(None)]
        annotation = rest[0] if len(rest) == 1 else Any
    if annotation is str:
        return "string", nullable
    if annotation is bool:
        return "boolean", nullable
    if annotation in (int, float):
        return "number", nullable
    return "any", nullable


def _spec(name: str, call: Callable[..., Any]) -> FunctionSpec:
    if not callable(call):
        raise TypeError(f"the function '{name}' cannot be called")
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except ValueError as error:
        raise VedetteError(f"the function '{name}' does not say its parameters") from error
    try:
        hints = typing.get_type_hints(call)
    except Exception:  # hints may name what is not there at run time
        hints = {}
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if any(p.kind not in kinds for p in parameters if p.default is inspect.Parameter.empty):
        raise VedetteError(f"the function '{name}' must take a fixed number of positional arguments")
    parameters = [p for p in parameters if p.default is inspect.Parameter.empty]
    types = [_type_of(hints.get(p.name)) for p in parameters]
    result, _ = _type_of(hints.get("return"))
    takes_null = any(nullable for _, nullable in types)
    return name, [kind for kind, _ in types] + [result], takes_null, call


Functions = Iterable[Callable[..., Any]] | Mapping[str, Callable[..., Any]] | None


def named(functions: Functions) -> dict[str, Callable[..., Any]]:
    """The functions by name."""
    if functions is None:
        return {}
    if isinstance(functions, Mapping):
        return dict(functions)
    out: dict[str, Callable[..., Any]] = {}
    for call in functions:
        name = getattr(call, "__name__", "")
        if not name.isidentifier():
            raise VedetteError(f"{call!r} has no name to call it by; give a dict of functions")
        out[name] = call
    return out


def specs(functions: Mapping[str, Callable[..., Any]]) -> list[FunctionSpec]:
    return [_spec(name, call) for name, call in functions.items()]
