"""Keys and tokens while they are replaced: both are good, and then only the new one."""

import hmac
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256

import jwt
import pytest
from pydantic import SecretStr

from backend.core import times
from backend.core.errors import ConfigurationError
from backend.core.intake import webhook_access
from tests.servers import Client
from tests.world import LEAD, PASSWORD, SECRET_KEY, World, settings_for

NEW = "the-new-key-of-the-tests-and-of-nothing-else"
HOOK = "/leads/meta-webhook/"
FLAT = {"phone_number": "9848000008", "nearest_center": "TOFA Tellapur"}


def test_tokens_of_the_previous_key_stay_good(serve: Callable[..., Client], world: World) -> None:
    old = world.token(LEAD)
    claims = {"sub": LEAD, "ver": 0, "exp": times.now() - timedelta(minutes=1)}
    expired = jwt.encode(claims, SECRET_KEY)
    both = serve(secret_key=NEW, secret_key_previous=SECRET_KEY)
    form = {"username": LEAD, "password": PASSWORD}
    new = both.post("/token", form=form).json()["access_token"]
    assert [both.get("/users/me", token=one).status for one in (old, new, expired)] == [
        *(200, 200, 401)
    ]
    after = serve(secret_key=NEW)
    assert [after.get("/users/me", token=one).status for one in (old, new)] == [401, 200]


def test_a_weak_key_is_not_accepted_any_longer(world: World) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY_PREVIOUS can't be used: leave it out"):
        settings_for(world.settings.database_url, secret_key_previous="short")


def test_forms_can_send_either_token(serve: Callable[..., Client], world: World) -> None:
    def statuses(tokens: tuple[str, ...], **settings: object) -> list[int]:
        client = serve(webhook_open=False, **settings)
        return [client.post(f"{HOOK}?token={one}", json=FLAT).status for one in tokens]

    own = webhook_access.token(world.settings)
    made = webhook_access.token(world.settings.model_copy(update={"secret_key": SecretStr(NEW)}))
    assert own != made
    keys = {"secret_key": NEW, "secret_key_previous": SECRET_KEY}
    assert statuses((own, made), **keys) == [200, 200]
    assert statuses((own, made), secret_key=NEW) == [403, 200]
    tokens = {"webhook_token": "sesame", "webhook_token_previous": "open"}
    assert statuses(("open", "sesame", own), **tokens) == [200, 200, 403]
    # A previous one alone opens nothing.
    assert statuses(("open", own), webhook_token_previous="open") == [403, 200]


def test_meta_signs_with_either_secret(
    serve: Callable[..., Client], caplog: pytest.LogCaptureFixture
) -> None:
    body = b'{"object":"page","entry":[]}'

    def statuses(**settings: object) -> list[int]:
        client, found = serve(**settings), []
        for secret in (b"new", b"old"):
            signature = f"sha256={hmac.digest(secret, body, sha256).hex()}"
            headers = {"X-Hub-Signature-256": signature, "Content-Type": "application/json"}
            found.append(client.post(HOOK, body=body, headers=headers).status)
        return found

    both = {"meta_app_secret": "new", "meta_app_secret_previous": "old"}
    assert statuses(**both) == [200, 200]
    assert "META_APP_SECRET_PREVIOUS is still valid" in caplog.text
    assert statuses(meta_app_secret="new") == [200, 403]
    assert statuses(meta_app_secret_previous="old") == [403, 403]
