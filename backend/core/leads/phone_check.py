"""What is read from a phone while someone types it."""

from backend.core import phones
from backend.core.reasons import PHONE_ISSUES
from backend.schemas.phones import PhoneCheck


def check(text: str, region: str) -> PhoneCheck:
    """Return the numbers in a text as a lead with this phone would have them, or what is wrong."""
    phone = phones.read(text, region)
    return {
        "e164": phone.e164,
        "shown": phones.shown(phone.e164, phone.extension) if phone.e164 else None,
        "extension": phone.extension,
        "others": [*phone.others],
        "others_shown": [phones.shown(number) for number in phone.others],
        "issue": phone.issue,
        "message": PHONE_ISSUES[phone.issue] if phone.issue else None,
    }
