"""A reason: a code with parameters, its text for people, and its JSON."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from backend.core.reasons.codes import ReasonCode
from backend.core.reasons.texts import PHONE_ISSUES, TEXTS

# A parameter that holds a reason of its own is a JSON object with this member.
CODE = "code"


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters: texts, numbers, reasons and lists of reasons."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text for a person. A code that this version doesn't know stands for itself."""
        template = TEXTS.get(self.code)  # type: ignore[call-overload]
        if template is None:
            return self.code
        params = {name: _written(value) for name, value in self.params.items()}
        return str(template.format_map(_Params(params)))

    def shown(self) -> dict[str, Any]:
        """Return the reason as the API answers it: its code, its message and its parameters."""
        return {CODE: str(self.code), "message": self.text, **self.params}

    def as_json(self) -> dict[str, Any]:
        """Return what `of_json` reads."""
        return {CODE: self.code, **self.params}

    def encode(self) -> str:
        """Return the reason as a JSON object, as a column keeps one reason."""
        return dumped(self)


def of_json(value: Mapping[str, Any]) -> Reason:
    """Return the reason that `Reason.as_json` was called on."""
    params = {name: one for name, one in value.items() if name != CODE}
    return Reason(str(value.get(CODE, ReasonCode.OTHER)), params)


def lead_params(lead: int) -> dict[str, int]:
    """Return the parameter that names a lead: its id or, less than 0, the row that makes it."""
    return {"lead_id": lead} if lead > 0 else {"row": -lead}


def decode(text: str | None) -> Reason | None:
    """Return the reason that `Reason.encode` was called on; None where there is none."""
    return None if text is None else of_json(orjson.loads(text))


def encode_list(reasons: Iterable[Reason]) -> str | None:
    """Return reasons as a JSON list, as a column keeps several; None where there are none."""
    listed = list(reasons)
    return dumped(listed) if listed else None


def decode_list(text: str | None) -> list[Reason]:
    """Return the reasons that `encode_list` was given."""
    return [] if text is None else [of_json(value) for value in orjson.loads(text)]


def joined(reasons: Iterable[Reason]) -> str:
    """Return the texts of several reasons as one."""
    return "; ".join(reason.text for reason in reasons)


def dumped(value: Any) -> str:
    """Return a value that contains reasons as JSON."""
    # By itself it would write a dataclass field by field.
    option = orjson.OPT_PASSTHROUGH_DATACLASS
    return orjson.dumps(value, default=Reason.as_json, option=option).decode()


class _Count(int):
    """A number that `{count:lead|leads}` writes with its noun."""

    def __format__(self, nouns: str) -> str:
        if "|" not in nouns:
            return f"{nouns}{int(self)}"
        one, many = nouns.split("|")
        return f"1 {one}" if self == 1 else f"{int(self):,} {many}"


class _Text(str):
    """A text that `{said:: }` writes after a colon."""

    __slots__ = ()

    def __format__(self, before: str) -> str:
        return f"{before}{self!s}" if self else ""


class _Params(dict[str, Any]):
    """Parameters, of which any may be missing, and what is made of them."""

    def __missing__(self, name: str) -> _Text:
        if name == "lead":
            return _Text(f"lead {self['lead_id']}" if "lead_id" in self else f"row {self['row']}")
        if name == "phone_issue":
            return _Text(PHONE_ISSUES.get(self["issue"], "The phone can't be read"))
        return _Text()


def _written(value: Any) -> Any:
    if isinstance(value, Reason):
        return _Text(value.text)
    if isinstance(value, Mapping):
        return _Text(of_json(value).text)
    if isinstance(value, list | tuple):
        return _Text("; ".join(str(_written(one)) for one in value))
    return _Count(value) if isinstance(value, int) else _Text(value)
