"""Whose a phone or an email is said to be: `Parent's mobile number`, `Mother / guardian email`."""

from backend.core.vocabulary.folding import words

_OF_THE_ENQUIRY = (
    "your, my, parent, parents, student, students, child, childs, kid, kids, player, players,"
    "primary, preferred, customer, applicant"
)
_OF_FAMILY = (
    "father, fathers, mother, mothers, guardian, guardians, mom, moms, mum, mums, dad, dads, papa,"
    "papas, mummy"
)
# By the words of a person: the tier from which on the column is believed.
_TIERS = {
    whose.strip(): tier
    for tier, names in ((2, _OF_THE_ENQUIRY), (4, _OF_FAMILY))
    for whose in names.split(",")
}
_COUNTS, _ONE_OF_SEVERAL = frozenset("123456789"), 4
# What a person may have a further one of.
FIELDS = frozenset({"phone", "email"})


def without(name: str) -> tuple[str, int]:
    """Return what is left of a name, folded, and its tier; the tier is 0 if it is no one's.

    One that is counted is one of several: `Ph 1`, `Mobile no. 3`.
    """
    tier, said = 0, words(name).split()
    while said and said[0] in _TIERS:
        tier = max(tier, _TIERS[said.pop(0)])
    if len(said) > 1 and said[-1] in _COUNTS:
        said.pop()
        tier = max(tier, _ONE_OF_SEVERAL)
    return "".join(said), tier
