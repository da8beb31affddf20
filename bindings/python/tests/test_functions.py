"""Python functions in rules."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

import vedette


@vedette.function
def digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def fails(text: str) -> str:
    raise KeyError(text)


RULE = "rule r { match any where digits(name) > 3 outcome { n = digits(name) } }"


@pytest.mark.parametrize("threads", [1, 2])
def test_a_function_in_a_rule(threads: int) -> None:
    rules = vedette.compile(RULE, functions=[digits], strict=True)
    engine = vedette.Engine(rules, threads=threads)
    result = engine.run([{"name": "a1b2"}, {"name": "12345"}, {}, {"name": 7}] * 600)
    assert [d.event_index for d in result] == list(range(1, 2400, 4))
    assert result[0].outcomes == {"n": 5}


def test_names_types_and_null() -> None:
    assert len(vedette.compile("rule r { match any where nobody(a) }").errors) == 1
    assert len(vedette.compile("rule r { match any where digits(1) > 2 }", functions=[digits]).errors) == 1

    def is_missing(value: str | None) -> bool:
        return value is None

    rules = vedette.compile("rule r { match any where is_missing(a) }", functions=[is_missing], strict=True)
    assert [d.event_index for d in vedette.Engine(rules).run([{"a": "x"}, {}])] == [1]


def test_failures_are_raised_at_the_end_or_counted() -> None:
    rules = vedette.compile(
        'rule r { match any where fails(name) == "x" or name == "b" }',
        functions=[fails],
        strict=True,
    )
    events = [{"name": "a"}, {"name": "b"}, {"name": "c"}]
    with pytest.raises(vedette.FunctionError, match="fails") as raised:
        vedette.Engine(rules).run(events)
    assert isinstance(raised.value.__cause__, KeyError)
    assert raised.value.count >= 2
    result = vedette.Engine(rules, on_function_error="count").run(events)
    assert [d.event_index for d in result] == [1]
    assert result.stats["function_errors"] >= 2


@pytest.mark.parametrize("answer", ["text", [1], object(), b"x", {"a": 1}])
def test_what_is_no_number_is_an_error(answer: Any) -> None:
    def judged(name: str) -> int:
        return answer  # type: ignore[no-any-return]

    rules = vedette.compile("rule r { match any where judged(a) > 0 }", functions=[judged], strict=True)
    with pytest.raises(vedette.FunctionError, match="not what it says"):
        vedette.Engine(rules).run([{"a": "x"}])


def test_functions_that_cannot_be() -> None:
    for bad in ({"f": 5}, {"not a name": digits}, [lambda x: x], {"g": lambda *args: 1}, {"lower": digits}):
        with pytest.raises((vedette.VedetteError, TypeError)):
            vedette.compile(RULE, functions=bad)  # type: ignore[arg-type]


def test_saved_rules_ask_for_their_functions() -> None:
    rules = vedette.compile(RULE, functions=[digits], strict=True)
    with pytest.raises(vedette.VedetteError):
        vedette.load(rules.to_bytes())
    loaded = vedette.load(rules.to_bytes(), functions=[digits])
    again = pickle.loads(pickle.dumps(rules))
    for each in (loaded, again):
        assert len(vedette.Engine(each).run([{"name": "12345"}])) == 1
