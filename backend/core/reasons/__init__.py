"""Why something is as it is: codes with parameters, and their texts for people.

The database and the API keep codes. A text is made when it is read: nothing stores one, and nothing
compares or parses one. `two_columns` is for tables that group by a code.
"""

from backend.core.reasons.codes import DOUBTS, WARNINGS, ReasonCode
from backend.core.reasons.reason import (
    Reason,
    decode,
    decode_list,
    encode_list,
    joined,
    lead_params,
)
from backend.core.reasons.texts import PHONE_ISSUES, TEXTS

__all__ = [
    "DOUBTS",
    "PHONE_ISSUES",
    "TEXTS",
    "WARNINGS",
    "Reason",
    "ReasonCode",
    "decode",
    "decode_list",
    "encode_list",
    "joined",
    "lead_params",
]
