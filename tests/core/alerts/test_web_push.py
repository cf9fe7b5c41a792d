"""Web Push as its standards have it."""

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from backend.core.alerts import browsers, web_push
from tests.core.alerts.push_service import decrypt
from tests.world import SECRET_KEY

# RFC 8291, section 5 and appendix A.
TEXT = b"When I grow up, I want to be a watermelon"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENT = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def key(text: str) -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(web_push.decode(text), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def test_the_example_of_the_standard() -> None:
    sent = web_push.encrypt(TEXT, PUBLIC, AUTH, key(SENDER), web_push.decode(SALT))
    assert web_push.encode(sent) == SENT
    assert web_push.encode(web_push.public(key(BROWSER))) == PUBLIC


def test_each_message_has_keys_of_its_own() -> None:
    sent = {web_push.encrypt(TEXT, PUBLIC, AUTH) for _ in range(3)}
    assert len(sent) == 3
    assert {decrypt(one, key(BROWSER), AUTH) for one in sent} == {TEXT}


def test_a_service_knows_who_sends() -> None:
    own = web_push.own_key(SECRET_KEY)
    assert web_push.public(own) == web_push.public(web_push.own_key(SECRET_KEY))
    assert web_push.public(own) != web_push.public(web_push.own_key("another key"))
    header = web_push.authorization(own, "https://push.example", "https://crm.example.com")
    token = header.removeprefix("vapid t=").partition(",k=")[0]
    claims = jwt.decode(token, own.public_key(), ["ES256"], audience="https://push.example")
    assert claims["sub"] == "https://crm.example.com"


@pytest.mark.parametrize(
    ("public", "auth"),
    [("", AUTH), (PUBLIC, ""), (PUBLIC, "x"), (PUBLIC[:-4], AUTH), ("A" * 87, AUTH), ("é", AUTH)],
)
def test_what_is_no_key(public: str, auth: str) -> None:
    assert web_push.check_keys(PUBLIC, AUTH)
    assert not web_push.check_keys(public, auth)


@pytest.mark.parametrize(
    ("endpoint", "allowed"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", True),
        ("https://updates.push.services.mozilla.com/wpush/v2/x", True),
        ("https://wns2-par02p.notify.windows.com/w/?token=x", True),
        ("https://web.push.apple.com/x", True),
        ("http://fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com:8443/x", False),
        ("https://fcm.googleapis.com@127.0.0.1/x", False),
        ("https://user@fcm.googleapis.com/x", False),
        ("https://evil-fcm.googleapis.com/x", False),
        ("https://fcm.googleapis.com.evil.example/x", False),
        ("https://push.apple.com.evil.example/x", False),
        ("https://127.0.0.1/x", False),
        ("https://169.254.169.254/latest", False),
        ("https://[::1]/x", False),
        ("https://[x/", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_only_push_services_are_sent_to(endpoint: str, allowed: bool) -> None:
    assert browsers.is_allowed(endpoint) is allowed
