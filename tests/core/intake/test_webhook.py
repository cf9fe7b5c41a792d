"""The flat form: kept first, and then left to nobody else, unless its request dies."""

import zlib
from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlencode

import orjson
import pytest

from backend.core import times
from backend.core.claims import Claims
from backend.core.errors import Invalid
from backend.core.intake import claims, flat_form, processing, webhook, webhook_access
from backend.core.intake.bodies import stored_text
from backend.core.rate_limits import Throttle
from backend.schemas.webhook import Received, Refused
from tests.core.intake.arrivals import all_deliveries, leads, states, work_off
from tests.world import World

FLAT = {"phone_number": "9848022338", "nearest_center": "TOFA Tellapur"}


def post(world: World) -> object:
    token = webhook_access.token(world.settings)
    delivery = webhook.Posted(orjson.dumps(FLAT), {}, token, "192.0.2.1")
    answer: Received | Refused | object = webhook.receive(
        world.db, world.settings, Throttle(world.db), delivery
    )
    return answer


def leave(*_: object) -> None:
    """Fail as if another were in the way: then a delivery is stored before it is processed."""
    raise flat_form.NotStored


@pytest.fixture
def stored_first(monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("create", "store"):
        monkeypatch.setattr(flat_form, way, leave)


@pytest.mark.usefixtures("stored_first")
def test_a_request_that_dies_leaves_its_delivery_to_a_worker(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise MemoryError

    # What dies gives nothing back.
    monkeypatch.setattr(Claims, "give_back", lambda _claims, _db: None)
    monkeypatch.setattr(claims, "give_back", lambda _db: None)
    with monkeypatch.context() as patch:
        patch.setattr(processing, "settle", die)
        with pytest.raises(MemoryError):
            post(world)
    assert leads(world.db) == []
    # For a while the request has it for itself: no worker may claim it.
    assert work_off(world.db, world.settings) == 0
    later = times.now() + timedelta(seconds=61)
    monkeypatch.setattr(times, "now", lambda: later)
    assert work_off(world.db, world.settings) == 1
    (lead,) = leads(world.db)
    assert [one.lead_id for one in all_deliveries(world.db)] == [lead.id]


@pytest.mark.usefixtures("stored_first")
def test_a_worker_reads_any_body_that_was_stored_first(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the headers that it came with; a list becomes deliveries of its own."""

    def die(*_: object) -> None:
        raise MemoryError

    packed = zlib.compressobj(wbits=-15)
    raw_deflate = packed.compress(orjson.dumps(FLAT)) + packed.flush()
    form = urlencode(FLAT | {"full_name": "Zoë"}, encoding="iso-8859-15").encode()
    bodies = [
        (raw_deflate, {"content-type": "application/json", "content-encoding": "deflate"}),
        (form, {"content-type": "application/x-www-form-urlencoded"}),
        (orjson.dumps([FLAT | {"full_name": "A"}, FLAT | {"full_name": "B"}]), {}),
        (b"not JSON", {}),
    ]
    with monkeypatch.context() as patch:
        patch.setattr(processing, "settle", die)
        for body, headers in bodies:
            posted = webhook.Posted(body, headers, None, "192.0.2.1")
            with suppress(MemoryError, Invalid):
                webhook.receive(world.db, world.settings, Throttle(world.db), posted)
    assert [stored_text.decode(one.body) for one in all_deliveries(world.db)] == [
        body for body, _ in bodies
    ]
    later = times.now() + timedelta(seconds=61)
    monkeypatch.setattr(times, "now", lambda: later)
    assert work_off(world.db, world.settings) == 6
    assert sorted(one.player_name or "" for one in leads(world.db)) == ["", "A", "B", "Zoë"]
    assert states(world.db) == {"processed": 5, "waiting": 1}


@pytest.mark.usefixtures("stored_first")
def test_no_worker_claims_it_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    right, settled = processing.settle, []

    def settle(*given: object) -> object:
        assert processing.run_once(world.db, world.settings) == 0
        settled.append(right(*given))  # type: ignore[arg-type]
        return settled[-1]

    monkeypatch.setattr(processing, "settle", settle)
    assert post(world) == {
        "status": "success", "message": "Lead created successfully", "lead_id": 3,
    }  # fmt: skip
    assert len(settled) == 1
