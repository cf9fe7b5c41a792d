"""A push service on this machine, and a browser that reads what it's sent."""

import hmac
import threading
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from backend.core.alerts import web_push

AUTH = "BTBZMqHH6r4Tts7J_aSIgg"


def decrypt(body: bytes, own: ec.EllipticCurvePrivateKey, auth: str) -> bytes:
    """Return what was sent to a browser (RFC 8291, section 3, and RFC 8188)."""
    salt, length = body[:16], body[20]
    sender, sealed = body[21 : 21 + length], body[21 + length :]
    shared = own.exchange(
        ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
    )
    first = mac(web_push.decode(auth), shared)
    first = mac(first, b"WebPush: info\0" + web_push.public(own) + sender + b"\1")
    second = mac(salt, first)
    key = mac(second, b"Content-Encoding: aes128gcm\0\1")[:16]
    nonce = mac(second, b"Content-Encoding: nonce\0\1")[:12]
    return AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0").removesuffix(b"\2")


def mac(key: bytes, value: bytes) -> bytes:
    return hmac.new(key, value, sha256).digest()


class PushService:
    """`with PushService() as push:` its address is `push.url`, what it was sent `push.shown`."""

    def __init__(self) -> None:
        self.status, self.headers = 201, dict[str, str]()
        self.shown: list[dict[str, Any]] = []
        self.key = ec.generate_private_key(ec.SECP256R1())
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["content-encoding"] == "aes128gcm"
                assert self.headers["authorization"].startswith("vapid t=")
                outer.shown.append(orjson.loads(decrypt(body, outer.key, AUTH)))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/push"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def public_key(self) -> str:
        return web_push.encode(web_push.public(self.key))

    def __enter__(self) -> "PushService":
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
