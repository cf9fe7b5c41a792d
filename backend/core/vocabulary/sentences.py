"""What a question asks for: `1. What is your child's age (in years)?` asks for the child's age.

A form asks in a sentence where a sheet has a name. What is around the name is taken off here, in
the languages of the vocabulary; whether the rest is a name is for `synonyms` to say.
"""

import re
from collections.abc import Iterator

from backend.core.vocabulary.folding import words

# What a form may ask for: a sentence such as `Select a date` isn't about when it was sent.
_FIELDS = frozenset(
    {"player_name", "first_name", "last_name", "player_age_category", "birth_date", "phone",
     "email", "address", "center"}
)  # fmt: skip
# A longer text is no question for a name.
_LONGEST = 150
# `1. `, `Q2) `, `3.1 `: a number without a sign may count anything.
_NUMBER = re.compile(
    r"\s*(?:q(?:uestion)?[ .]?)?\d{1,2}(?:\.\d{1,2}[.):]?\s+|\s*[.):\]-]\s*)", re.IGNORECASE
)
_BRACKETS = re.compile(r"[(\[]([^()\[\]]{0,80})[)\]]\s*[*:?.]*\s*$")
# In brackets, these say whose it is, and it may be someone else's.
_WHOSE = re.compile(
    r"\b(?:fathers?|mothers?|parents?|guardians?|dads?|moms?|mums?|school|coach|office|emergency"
    r"|alternate|friends?|referr\w+|codes?|first|middle|last|\d)\b"
)
_AS_IN = re.compile(r"as (?:per|in|on)\b|according\b|first and last\b|first last\b|\d+ digits?$")


def _of(texts: str) -> str:
    """Return a pattern of texts that are separated by commas, as `words` returns them."""
    return "|".join(sorted(map(words, texts.split(",")), key=len, reverse=True))


_BEFORE = re.compile(
    "(?:(?:"
    + _of(
        "please,kindly,pls,plz,can,could,may,we,i,you,us,me,know,have,get,let,to,tell,enter,select,"
        "choose,pick,provide,share,type,mention,fill,in,write,give,specify,confirm,add,what,"
        "which,is,are,will,be,your,ur,the,a,an,cuál,es,el,la,tu,su,de,"
        "आपका,आपके,आपकी,अपना,अपने,अपनी,कृपया,तुमचे,तुमच्या,तुमचा,आपले,आपल्या,"
        "మీ,మీరు,మీకు,దయచేసి,உங்கள்,தங்கள்,ನಿಮ್ಮ,നിങ്ങളുടെ,আপনার,તમારા,તમારું"
    )
    + r"|whats(?! app))\s)+"
)
_BEHIND = re.compile(
    r"(?:\s(?:"
    + _of(
        "please,here,below,required,optional,mandatory,compulsory,in years,in yrs,"
        "क्या है,क्या हैं,क्या,है,हैं,बताएं,बताएँ,बताइए,लिखें,भरें,डालें,चुनें,दर्ज करें,कितनी,कितना,"
        "काय आहे,किती आहे,आहे,ఏమిటి,ఎంత,ఏది,ఏంటి,చెప్పండి,రాయండి,ఎంచుకోండి,నమోదు చేయండి,"
        "என்ன,ಏನು,ಎಷ್ಟು,എന്താണ്,কি,কত,શું છે"
    )
    + "))+$"
)
_CHILD = re.compile(
    r"(?:(?:sons?|daughters?|wards?|childs?|kids?|students?|players?|trainees?|participants?"
    r"|athletes?|childrens?)\s(?:(?:or|and)\s)?)+"
)
_OF_CHILD = re.compile(
    r"(.+) of (?:(?:your|ur|the|my|a)\s)?"
    r"(?:sons?|daughters?|wards?|child|kids?|students?|players?|trainees?|participants?)"
    r"(?:\s(?:or\s)?(?:daughter|child|player|student|kid))?"
)
_ACADEMY = re.compile(r"\btofa\b\s?")
# A question for the center is known by its words: there are too many ways to ask.
_CENTER = re.compile(r"\b(?:cent(?:er|re)s?|branch|academy location|training location)\b")
_WHICH = re.compile(
    r"\b(?:near\w*|clos\w*|prefer\w*|convenient\w*|choose|select|pick|which|join(?:ing)?)\b"
)
_NOT_WHICH = re.compile(
    # The first asks for a yes or a no.
    r"^(?:is|are|do|does|did|have|has|can|will)\b|\b(?:how|why|when|who|hear\w*|distance|far|time"
    r"|timings?|days?|slots?|phone|mobile|contact|number|no|manager|coach|school|visit\w*|been"
    r"|second|alternat\w*|date|batch|sports?|other|call|reason|rating|feedback|address|pin ?code"
    r"|code|city|fees?|any|live|living|stay\w*|resid\w+|located)\b"
)
# So is one for the child's name: with the parent's in its place, two children would be one lead.
_A_CHILD = r"(?:child(?:ren)?s?|kids?|sons?|daughters?|wards?|students?|players?|trainees?)"
_CHILDS_NAME = re.compile(rf"\b{_A_CHILD}\b.*\bname\b|\bname of\b.*\b{_A_CHILD}\b")
_NOT_THE_CHILDS = re.compile(
    r"\d|\b(?:fathers?|mothers?|parents?|guardians?|dads?|moms?|mums?|siblings?|brothers?|sisters?"
    r"|second|third|other|another|school|coach|college|teacher|team|club|academy|friends?|refer\w*"
    r"|nick ?name|pet|jersey|t shirt|class|grade|batch|sports?|game|hospital|doctor|first|middle"
    r"|last|sur ?name|age|and|how|favou?rite|user|file|photo|ids?|email|phone|number|city|area"
    r"|cent(?:er|re))\b"
)


def names_in(question: str) -> Iterator[str]:
    """Yield what a question may ask for, to be looked up; nothing for what is no sentence."""
    if len(question) > _LONGEST:
        return
    text, whose = _NUMBER.sub("", question, count=1) if _NUMBER.match(question) else question, ""
    if brackets := _BRACKETS.search(text):
        note = words(brackets[1])
        whose = f"{note} " if _WHOSE.search(note) and not _AS_IN.match(note) else ""
        text = text[: brackets.start()]
    said = whose + words(text)
    bare = _BEHIND.sub("", _without_start(said))
    if not bare:
        return
    if bare != said or text != question:
        yield bare
    of_child, child = _OF_CHILD.fullmatch(bare), _CHILD.match(bare)
    about = of_child[1] if of_child else bare[child.end() :] if child else ""
    if about:
        yield from (f"child {about}", f"childs {about}")
    if (without := _ACADEMY.sub("", bare)) != bare:
        yield without.strip()


def may_ask_for(found: tuple[str, int]) -> bool:
    """Return whether a form asks for a field in a sentence, by its tier; `Your city` is an answer.

    Where a form's own centers are the choices, its question is often called one for a place.
    """
    field, tier = found
    return field in _FIELDS and not (field == "address" and tier > 1)


def asks_for_center(question: str) -> bool:
    """Return whether a question asks which center someone wants to go to."""
    if len(question) > _LONGEST:
        return False
    said = words(question)
    return bool(_CENTER.search(said) and _WHICH.search(said)) and not _NOT_WHICH.search(said)


def asks_for_childs_name(question: str) -> bool:
    """Return whether a question asks for the child's own name."""
    if len(question) > _LONGEST:
        return False
    said = words(question)
    return bool(_CHILDS_NAME.search(said)) and not _NOT_THE_CHILDS.search(said)


def _without_start(said: str) -> str:
    start = _BEFORE.match(f"{said} ")
    return said[start.end() :] if start else said
