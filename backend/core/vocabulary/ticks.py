"""Columns that are ticked where a lead has got so far: `Joined: Yes`, `Trial done: ✓`.

The name of the column says the status. A tick sets it; a no, or a blank cell, says nothing: sheets
have a no in all rows that nobody has worked on.
"""

import re
from enum import Enum, auto

from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import statuses, synonyms
from backend.core.vocabulary.folding import words
from backend.models import Status


class Tick(Enum):
    """What the cell of such a column says."""

    YES = auto()
    NO = auto()
    UNCLEAR = auto()
    """Some cross what is so, others what isn't."""


_YES, _NO, _UNCLEAR = (
    frozenset(texts.split(","))
    for texts in (
        "yes,y,yeah,yep,true,t,1,1.0,ok,✓,✔,☑,✅,👍,√,haan,ha,han,ji,avunu,si,sí,oui,ja,sim,"
        "हाँ,हां,हा,जी,जी हाँ,అవును,ஆம்,ಹೌದು,അതെ,হ্যাঁ,હા,होय,نعم,ہاں",
        "no,n,nope,not,false,f,0,0.0,-,--,–,—,☐,❌,✗,✘,👎,na,n/a,nil,none,not yet,not done,nahi,"
        "nahin,ledu,kadu,non,nein,não,नहीं,नही,కాదు,లేదు,இல்லை,ಇಲ್ಲ,ഇല്ല,না,ના,नाही,لا,نہیں",
        "x,×,✖,☒,*,•,?",
    )
)
# A mark may come with a variation of its shape, and a word with a sign behind it.
_SHAPES = re.compile("[\ufe0e\ufe0f\u200b-\u200f]")

# Around the name of a status: `Has joined?`, `Joined (Y/N)`, `Admission status`.
_AROUND = re.compile(
    r"^(?:(?:is|has|have|was|did|already|if|lead|student|child|kid|player|parent)\s)+"
    r"|(?:\s(?:y n|yes no|y or n|yes or no|1 0|0 1|true false|tick|ticked|flag|status))+$"
)
# These say that something is over, but not how it went; or they may be about something else.
_OF_ANY_KIND = frozenset(
    {"closed", "close", "case closed", "done", "completed", "complete", "finished", "final",
     "success", "successful", "registered", "registration done", "customer", "client", "member",
     "existing customer", "free trial", "free demo"}
)  # fmt: skip
# A newsletter has these, too.
_NO_STATUSES = frozenset(
    {"subscribed", "subscriber", "active", "inactive", "lead", "open", "created", "raw"}
)


def read(text: str) -> Tick | None:
    """Return what a cell says; None for a text that is neither yes nor no."""
    bare = _SHAPES.sub("", text).strip().casefold().strip("()[]. !,")
    if bare in _YES:
        return Tick.YES
    if bare in _NO:
        return Tick.NO
    return Tick.UNCLEAR if bare in _UNCLEAR else None


def is_named(column: str) -> bool:
    """Return whether the name of a column is a status, which a tick may set, and nothing else."""
    if synonyms.known(column) is not None:
        return False
    name = _bare(column)
    is_status = name in _OF_ANY_KIND or statuses.is_text(name)
    return bool(name) and is_status and name not in _NO_STATUSES


def status_of(column: str, text: str) -> Status | None:
    """Return the status that a ticked column sets; None if it can't be known.

    A cell may say the status itself: `Trial: done`, `Joined: not interested`.
    """
    name, tick = _bare(column), read(text)
    if tick is Tick.YES:
        return None if name in _OF_ANY_KIND else statuses.status_of(name)
    if tick is None:
        return statuses.status_of(f"{name} {text}") or statuses.status_of(text)
    return None


@cached_if_short(maxsize=2048)
def _bare(column: str) -> str:
    return _AROUND.sub("", words(column)).strip()
