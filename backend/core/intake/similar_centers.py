"""Offer the centers whose names resemble a text that no center has.

Nothing is decided here: a person chooses.
"""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.center_keys import center_key
from backend.models import Center, CenterAlias
from backend.schemas.intake import SimilarCenter, UnknownCenter

# How many centers are offered for a text, and the lowest score of one.
_MOST, _LEAST = 5, 0.5
# Only the first texts are compared, and their first characters: comparing takes long.
_MOST_TEXTS, _LONGEST = 100, 80
# A match of single words counts a little less than one of the whole text.
_BY_WORDS = 0.95


def add(session: Session, unknown: Sequence[UnknownCenter]) -> None:
    """Give each text the centers that resemble it; archived ones are not offered."""
    if unknown:
        ranking = Ranking(_names(session))
        for one in unknown[:_MOST_TEXTS]:
            one["similar"] = ranking.of(one["text"])


class Ranking:
    """Ranks centers by how much their names resemble a text."""

    def __init__(self, names: Mapping[int, Iterable[str]]) -> None:
        """Prepare the names and aliases of each center, by its id."""
        keys = {id: {_words(name) for name in of_center} for id, of_center in names.items()}
        # What all centers have in their names says nothing: it is usually the academy's name.
        all_words = [{word for words in of_center for word in words} for of_center in keys.values()]
        self._common = set.intersection(*all_words) if len(all_words) > 1 else set()
        self._keys = {
            id: {self._telling(words) for words in of_center} for id, of_center in keys.items()
        }

    def of(self, text: str) -> list[SimilarCenter]:
        """Return the centers that resemble the text, the most similar first."""
        wanted = self._telling(_words(text))
        scores = (
            (max((_score(wanted, words) for words in of_center), default=0.0), id)
            for id, of_center in self._keys.items()
        )
        ranked = sorted((-score, id) for score, id in scores if score >= _LEAST)
        return [{"center_id": id, "score": round(-score, 2)} for score, id in ranked[:_MOST]]

    def _telling(self, words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(word for word in words if word not in self._common) or words


def _words(text: str) -> tuple[str, ...]:
    return tuple(center_key(text)[:_LONGEST].split())


def _score(first: tuple[str, ...], second: tuple[str, ...]) -> float:
    """Return how similar two names are, from 0 to 1, whatever the order of their words."""
    if not first or not second:
        return 0.0
    few, many = sorted((first, second), key=len)
    best = [max(_ratio(one, other) for other in many) for one in few]
    whole = _ratio(" ".join(sorted(first)), " ".join(sorted(second)))
    return max(whole, _BY_WORDS * sum(best) / len(best))


def _ratio(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _names(session: Session) -> dict[int, list[str]]:
    """Return the names and aliases of each center that isn't archived."""
    query = select(col(Center.id), col(Center.display_name), col(Center.meta_tag_name))
    found = session.execute(query.where(col(Center.archived_at).is_(None))).all()
    names = {id or 0: [name, tag] for id, name, tag in found}
    for id, text in session.execute(select(col(CenterAlias.center_id), col(CenterAlias.text))):
        if id in names:
            names[id].append(text)
    return names
