"""Send the modules that the first page needs in one file, and have the others import them from it.

A browser asks for six files at a time over HTTP/1.1, so forty small modules cost a phone a second
of round trips. Each module becomes the body of a function in that file, which returns what the
module exports. The names of these objects begin with `$`, as no name in a module does. Modules are
written in a few forms only (`tests/web/test_linking.py`), so nothing needs to parse JavaScript.
"""

import posixpath
import re
from collections.abc import Callable, Iterable, Set

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"]+)"\)')
_EXPORT = re.compile(
    r"^export (default )?((?:(?:async )?function|const|class) (\w+))", re.MULTILINE
)


def needed(entry: str, read: Callable[[str], str]) -> list[str]:
    """Return a module and all that it imports, each after those that it imports itself."""
    found: list[str] = []

    def visit(name: str) -> None:
        if name not in found:
            for other in imports(name, read(name)):
                visit(other)
            found.append(name)

    visit(entry)
    return found


def imports(name: str, code: str) -> list[str]:
    """Return the modules that a module imports when it is loaded."""
    return [_path(name, address) for _, address in _IMPORT.findall(code)]


def join(names: Iterable[str], entry: str, read: Callable[[str], str]) -> str:
    """Return one file of the modules and the entry point, which is at the top of all folders.

    `names` must be in the order of `needed`. Other modules are imported from their own files.
    """
    within = list(names)
    codes = {name: read(name) for name in (*within, entry)}
    outside = {other for name, code in codes.items() for other in imports(name, code)}
    parts = [f'import * as {_object(one)} from "./{one}";\n' for one in sorted(outside - {*within})]
    parts += [_part(name, codes[name]) for name in within]
    parts.append(_body(entry, codes[entry]))
    parts.append(f"export {{ {', '.join(map(_object, within))} }};\n")
    return "".join(parts)


def link(name: str, code: str, within: Set[str], file: str) -> str:
    """Return a module that imports the modules `within` a file from that file."""

    def linked(found: re.Match[str]) -> str:
        other = _path(name, found[2])
        if other not in within:
            return found[0]
        address = posixpath.relpath(file, posixpath.dirname(name))
        if not address.startswith("."):
            address = f"./{address}"
        return f'import {{ {_object(other)} }} from "{address}";\n{_taken(found[1], other)}'

    return _IMPORT.sub(linked, code)


def _part(name: str, code: str) -> str:
    exports = ", ".join(
        f"default: {own}" if default else own for default, _, own in _EXPORT.findall(code)
    )
    body = _EXPORT.sub(r"\2", _body(name, code))
    head = f"const {_object(name)} = (() => {{ // {name}\n"
    return f"{head}{body}return {{ {exports} }};\n}})();\n"


def _body(name: str, code: str) -> str:
    """Return a module's code with its imports taken from objects, and addresses from the top."""
    body = _IMPORT.sub(lambda found: _taken(found[1], _path(name, found[2])), code)
    return _LATER.sub(lambda found: f'import("./{_path(name, found[1])}")', body)


def _taken(names: str, module: str) -> str:
    return f"const {{{names.replace(' as ', ': ')}}} = {_object(module)};\n"


def _object(name: str) -> str:
    return "$" + re.sub(r"\W", "_", name.removesuffix(".js"))


def _path(name: str, address: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), address))
