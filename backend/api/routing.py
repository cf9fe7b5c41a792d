"""Find the operation for a method and a path, or the response if there is none.

A path with a wrong trailing slash is redirected. The new address is made from the table and the
path, never from the Host header.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from backend.api.operation import Operation
from backend.core.errors import MethodNotAllowed, NotFound

# `{name}` is one segment of a path, `{name:path}` one or more segments with slashes.
_PARAMETER = re.compile(r"\{(\w+)(:path)?\}")


@dataclass(frozen=True, slots=True)
class Match:
    """An operation, with the values of its path parameters."""

    operation: Operation
    path: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Redirect:
    """The path with its trailing slash corrected, percent-encoded."""

    location: str


@dataclass(frozen=True, slots=True)
class Options:
    """An OPTIONS request: the methods of a path."""

    allow: tuple[str, ...]


Methods = dict[str, Operation]


class Router:
    """Finds the operation for a request. Paths without parameters come first."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        self._literal: dict[str, Methods] = {}
        self._templates: dict[str, tuple[re.Pattern[str], Methods]] = {}
        for operation in operations:
            if "{" in operation.path:
                pattern = re.compile(_PARAMETER.sub(_part, operation.path), re.DOTALL)
                _, methods = self._templates.setdefault(operation.path, (pattern, {}))
            else:
                methods = self._literal.setdefault(operation.path, {})
            methods[operation.method] = operation

    def route(self, method: str, path: str) -> Match | Redirect | Options:
        """Return the match for a request. Raises `NotFound` and `MethodNotAllowed`."""
        for find in (self._find_literal, self._find_template):
            if found := find(path):
                return _choose(method, *found)
            corrected = path[:-1] if path.endswith("/") else f"{path}/"
            if find(corrected):
                return Redirect(quote(corrected, safe="/"))
        raise NotFound

    def _find_literal(self, path: str) -> tuple[Methods, dict[str, str]] | None:
        methods = self._literal.get(path)
        return (methods, {}) if methods else None

    def _find_template(self, path: str) -> tuple[Methods, dict[str, str]] | None:
        for pattern, methods in self._templates.values():
            if match := pattern.fullmatch(path):
                return methods, match.groupdict()
        return None


def _part(parameter: re.Match[str]) -> str:
    name, many = parameter.groups()
    return f"(?P<{name}>[^/]+(?:/[^/]+)*)" if many else f"(?P<{name}>[^/]+)"


def _choose(method: str, methods: Methods, path: dict[str, str]) -> Match | Options:
    wanted = "GET" if method == "HEAD" else method
    if wanted in methods:
        return Match(methods[wanted], path)
    allow = sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())})
    if method == "OPTIONS":
        return Options(tuple(allow))
    raise MethodNotAllowed(allow)
