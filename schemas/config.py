"""Reading configuration: YAML whose every value knows its file and line, so that an error can name them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from math import isfinite
from typing import Any

import yaml

DURATIONS = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}


class ConfigError(ValueError):
    """A configuration that cannot be used: where, what is wrong, and what would be right."""

    def __init__(self, file: str, line: int, problem: str, hint: str = "") -> None:
        super().__init__(f"{file}:{line}: {problem}" + (f" ({hint})" if hint else ""))
        self.file = file
        self.line = line
        self.problem = problem
        self.hint = hint


def read_yaml(text: str, file: str) -> "Node":
    """Answer the one document of a YAML file, or raise ConfigError; an empty file is an empty mapping."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise ConfigError(file, mark.line + 1 if mark else 1, f"not YAML: {error.problem or error.context}") from error
    except yaml.YAMLError as error:
        raise ConfigError(file, 1, f"not YAML: {error}") from error
    return Node(file, root.start_mark.line + 1, _built(root, file, ()), "") if root else Node(file, 1, {}, "")


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place: a scalar, a list of nodes or a mapping of names to nodes; `name` is what it is called."""

    file: str
    line: int
    value: Any
    name: str

    def error(self, problem: str, hint: str = "") -> ConfigError:
        """Answer an error at this place, for the caller to raise."""
        return ConfigError(self.file, self.line, problem, hint)

    def mapping(self) -> Mapping[str, "Node"]:
        if isinstance(self.value, dict):
            return self.value
        raise self._wrong("names with values")

    def fields(self, *, required: Collection[str] = (), optional: Collection[str] = ()) -> Mapping[str, "Node"]:
        """Answer the mapping, or raise when a name is missing or unknown."""
        members = self.mapping()
        known = [*required, *optional]
        for name, member in members.items():
            if name not in known:
                raise member.error(f"unknown {self._of(name)}", did_you_mean(name, known))
        for name in required:
            if name not in members:
                raise self.error(f"{name} is missing{f' in {self.name}' if self.name else ''}")
        return members

    def items(self) -> list["Node"]:
        if isinstance(self.value, list):
            return self.value
        raise self._wrong("a list")

    def one_or_more(self) -> list["Node"]:
        """Answer the items of a list, or the value alone as a list of one."""
        return self.value if isinstance(self.value, list) else [self]

    def text(self) -> str:
        if isinstance(self.value, str) and self.value.strip():
            return self.value
        raise self._wrong("a text")

    def texts(self) -> tuple[str, ...]:
        return tuple(item.text() for item in self.one_or_more())

    def choice(self, choices: Collection[str]) -> str:
        """Answer a text that is one of the choices."""
        value = self.text()
        if value not in choices:
            raise self.error(f"{self._label()} is {value!r}", did_you_mean(value, choices))
        return value

    def truth(self) -> bool:
        if isinstance(self.value, bool):
            return self.value
        raise self._wrong("true or false")

    def number(self, *, minimum: float | None = None, maximum: float | None = None) -> float:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or not isfinite(self.value):
            raise self._wrong("a number")
        if (minimum is not None and self.value < minimum) or (maximum is not None and self.value > maximum):
            raise self.error(f"{self._label()} is {self.value}", _range(minimum, maximum))
        return float(self.value)

    def integer(self, *, minimum: int | None = None, maximum: int | None = None) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self._wrong("a whole number")
        return int(self.number(minimum=minimum, maximum=maximum))

    def duration_ms(self) -> int:
        """Answer a time such as `30m`, `12h` or `7d` in milliseconds."""
        found = re.fullmatch(r"(\d{1,6})\s*([smhdw])", self.value.strip()) if isinstance(self.value, str) else None
        if not found or not int(found[1]):
            raise self._wrong("a time such as 30m, 12h or 7d")
        return int(found[1]) * DURATIONS[found[2]]

    def plain(self) -> Any:
        """Answer the value without places, as JSON would have it."""
        if isinstance(self.value, dict):
            return {name: member.plain() for name, member in self.value.items()}
        if isinstance(self.value, list):
            return [item.plain() for item in self.value]
        return self.value

    def _label(self) -> str:
        return self.name or "this file"

    def _of(self, name: str) -> str:
        return f"{name!r}{f' in {self.name}' if self.name else ''}"

    def _wrong(self, wanted: str) -> ConfigError:
        found = {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(self.value), repr(self.value))
        return self.error(f"{self._label()} is {found}", f"give {wanted}")


def did_you_mean(name: str, known: Collection[str]) -> str:
    """Answer a hint for a misspelt name: the one that is close, or all."""
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(sorted(known))}"


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is None or maximum is None:
        return f"at least {minimum}" if maximum is None else f"at most {maximum}"
    return f"{minimum} to {maximum}"


def _built(node: yaml.Node, file: str, above: tuple[yaml.Node, ...]) -> Any:
    """Answer a YAML node's value, its members as nodes with places."""
    line = node.start_mark.line + 1
    if node in above:
        raise ConfigError(file, line, "an alias that contains itself", "write the value out")
    inside = (*above, node)
    match node.tag.removeprefix("tag:yaml.org,2002:"), node:
        case "seq", yaml.SequenceNode():
            return [Node(file, item.start_mark.line + 1, _built(item, file, inside), "an item") for item in node.value]
        case "map", yaml.MappingNode():
            return _members(node, file, inside)
        case kind, yaml.ScalarNode():
            return _scalar(kind, node.value, file, line)
        case _:
            raise ConfigError(file, line, f"unknown tag {node.tag!r}", "leave it out")


def _members(node: yaml.MappingNode, file: str, inside: tuple[yaml.Node, ...]) -> dict[str, Node]:
    members: dict[str, Node] = {}
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(_built(key, file, inside), str):
            raise ConfigError(file, line, f"the name {key.value!r} is no text", "put it in quotes")
        if key.value in members:
            raise ConfigError(file, line, f"{key.value!r} is there twice", f"first on line {members[key.value].line}")
        members[key.value] = Node(file, line, _built(value, file, inside), key.value)
    return members


def _scalar(kind: str, text: str, file: str, line: int) -> Any:
    """Read YAML 1.2's scalars: of 1.1's surprises, NO stays Norway, 12:30 half past twelve and a date its text."""
    match kind:
        case "bool" if text.lower() in {"true", "false"}:
            return text.lower() == "true"
        case "int" if re.fullmatch(r"[-+]?(0|[1-9][\d_]*)", text):
            return int(text)
        case "float" if ":" not in text:
            return float(text.replace("_", "").replace(".inf", "inf").replace(".nan", "nan").lower())
        case "null":
            return None
        case "str" | "bool" | "int" | "float" | "timestamp":
            return text
        case _:
            raise ConfigError(file, line, f"unknown tag {kind!r}", "leave it out")
