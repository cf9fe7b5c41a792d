"""Passkeys: the input and output of their routes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import StringConstraints
from typing_extensions import TypedDict

from backend.schemas.fields import Id, Line, Name, Schema

# Bytes in base64url without padding, as browsers write them.
Encoded = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[A-Za-z0-9_-]*$")]
Label = Annotated[Name, StringConstraints(max_length=100)]


class Attestation(Schema):
    """What an authenticator says about a new passkey."""

    clientDataJSON: Encoded  # noqa: N815  the names are WebAuthn's
    attestationObject: Encoded  # noqa: N815


class Assertion(Schema):
    """What an authenticator has signed."""

    clientDataJSON: Encoded  # noqa: N815
    authenticatorData: Encoded  # noqa: N815
    signature: Encoded
    userHandle: Encoded  # noqa: N815


class NewCredential(Schema):
    """A new passkey, as the `toJSON` of a browser writes it."""

    id: Encoded
    rawId: Encoded  # noqa: N815
    type: Literal["public-key"]
    response: Attestation


class SignedCredential(Schema):
    """The answer of a passkey to a challenge, as the `toJSON` of a browser writes it."""

    id: Encoded
    rawId: Encoded  # noqa: N815
    type: Literal["public-key"]
    response: Assertion


class NewPasskey(Schema):
    """A passkey to add, and what its person calls it."""

    label: Label
    credential: NewCredential


class PasskeyLabel(Schema):
    """Another name for a passkey."""

    label: Label


class PasskeyLogin(Schema):
    """A sign-in with a passkey."""

    credential: SignedCredential
    # A text that only this device has, at least 20 characters: see docs/sign-in.md.
    device: Line | None = None


class PasskeyId(Schema):
    """The path parameter of a passkey."""

    id: Id


class PasskeyOut(TypedDict):
    """A passkey of the person who is signed in. Times are UTC."""

    id: int
    label: str
    created_at: datetime
    last_used_at: datetime | None


class Passkeys(TypedDict):
    """The passkeys of the person who is signed in, and the host where passkeys work."""

    host: str
    passkeys: list[PasskeyOut]


class PasskeyAdded(TypedDict):
    """A passkey that was added, and recovery codes, once, if the person had none."""

    passkey: PasskeyOut
    recovery_codes: list[str]


# What a browser takes for `parseCreationOptionsFromJSON` and `parseRequestOptionsFromJSON`.
Options = dict[str, Any]
