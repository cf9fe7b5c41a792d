"""An authenticator in software: it makes passkeys and signs with them, as a phone does."""

import hashlib
import json
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

# Bits of an authenticator's flags: a person was there, and was verified; key data follows.
PRESENT, VERIFIED, KEY_DATA = 0x01, 0x04, 0x40


class Authenticator:
    """Holds one passkey. What it says can be changed, to try what a server refuses."""

    def __init__(self, origin: str = "http://localhost:8000", host: str = "localhost") -> None:
        self.origin, self.host = origin, host
        self.id = token_bytes(16)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.count = 0
        self.flags = PRESENT | VERIFIED
        self.handle = ""

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return a new credential for what a server asks for."""
        self.handle = options["user"]["id"]
        numbers = self.key.public_key().public_numbers()
        x, y = (one.to_bytes(32, "big") for one in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        own = bytes(16) + struct.pack(">H", len(self.id)) + self.id + public
        data = self._data(self.flags | KEY_DATA) + own
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        said = self._said("webauthn.create", options)
        return self._credential(clientDataJSON=text(said), attestationObject=text(attestation))

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a server's challenge."""
        data, said = self._data(self.flags), self._said("webauthn.get", options)
        signed = data + hashlib.sha256(said).digest()
        return self._credential(
            clientDataJSON=text(said),
            authenticatorData=text(data),
            signature=text(self.key.sign(signed, ec.ECDSA(SHA256()))),
            userHandle=self.handle,
        )

    def _data(self, flags: int) -> bytes:
        of_host = hashlib.sha256(self.host.encode()).digest()
        return of_host + bytes([flags]) + struct.pack(">I", self.count)

    def _said(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(said | {"crossOrigin": False}).encode()

    def _credential(self, **response: str) -> dict[str, Any]:
        own = text(self.id)
        return {"id": own, "rawId": own, "type": "public-key", "response": response}


def text(data: bytes) -> str:
    """Return bytes in base64url."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(encoded: str) -> bytes:
    """Return the bytes of a text in base64url."""
    return urlsafe_b64decode(encoded + "==")
